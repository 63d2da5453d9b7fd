using HvLab.Reference.Kvm;
using HvLab.Reference.Models.Kvm;
using static HvLab.Reference.Kvm.AsyncPfOp;
using static HvLab.Reference.Kvm.AsyncPfSeen;

namespace HvLab.Reference.Tests.Kvm;

/// <summary>What exploration taught about the model itself, each as the shortest trace that shows it.</summary>
public sealed class AsyncPfRegressionTests
{
    private const ulong Told = 0x7000 | AsyncPfEnable.Enabled | AsyncPfEnable.DeliveryAsInterrupt | AsyncPfEnable.SendAlways;
    private const ulong UserOnly = 0x7000 | AsyncPfEnable.Enabled | AsyncPfEnable.DeliveryAsInterrupt;
    private static readonly VcpuId Cpu = new(0);
    private static readonly Gfn Page = new(0x10);
    private static readonly HashSet<AsyncPfModel> Start = [AsyncPfModel.AtReset(new(Page, 2, PerVcpuBound: 2), 1)];

    [Test]
    public void Enabling_and_disabling_over_and_over_reaches_no_new_state()
    {
        (AsyncPfOp, AsyncPfSeen)[] once = [(new WriteMsr(Cpu, AsyncPfMsr.Enable, Told), new Done()), (new WriteMsr(Cpu, AsyncPfMsr.Enable, 0), new Done())];
        var after = Follow(Start, once);
        Assert.That(Follow(after, once), Is.EquivalentTo(after));
    }

    [Test]
    public void A_page_that_came_and_went_before_its_READY_can_be_asked_for_again()
    {
        var first = new Token(0x1000);
        var second = new Token(0x2000);
        Assert.That(() => Follow(Start,
            (new WriteMsr(Cpu, AsyncPfMsr.Enable, Told), new Done()),
            (new Touch(Cpu, Page, Access.Read, GuestMode.Kernel), new NotPresent(first)),
            (new Supply(Page), new Supplied()),
            (new Evict(Page), new Done()),
            (new Touch(Cpu, Page, Access.Read, GuestMode.Kernel), new NotPresent(second)),
            (new AwaitRequest(Page), new Requested()),
            (new Supply(Page), new Supplied())), Throws.Nothing);
    }

    [Test]
    public void An_untold_fault_is_counted_once_however_often_its_page_goes()
    {
        (AsyncPfOp, AsyncPfSeen)[] hold = [(new WriteMsr(Cpu, AsyncPfMsr.Enable, UserOnly), new Done()), (new Idle(Cpu), new Ready(Token.Broadcast, new(0)))];
        (AsyncPfOp, AsyncPfSeen)[] silent =
        [
            (new Touch(Cpu, Page, Access.Read, GuestMode.Kernel), new Asleep()), (new Supply(Page), new Supplied()),
            (new Await(Cpu), new Completed()), (new Evict(Page), new Done()),
        ];
        var once = Follow(Start, [.. hold, .. silent]);
        Assert.That(Follow(once, silent), Is.EquivalentTo(once));
    }

    // Found by random plans on KVM of Linux 6.1, seed 2: the first wake-all stands in the slot already when the second is queued.
    [Test]
    public void Enabling_again_before_the_READY_was_taken_brings_a_second_one()
    {
        var ready = new Ready(Token.Broadcast, new(0));
        Assert.That(() => Follow(Start,
            (new WriteMsr(Cpu, AsyncPfMsr.Enable, Told), new Done()),
            (new WriteMsr(Cpu, AsyncPfMsr.Enable, UserOnly), new Done()),
            (new Poll(Cpu), ready),
            (new Acknowledge(Cpu), new Done()),
            (new Touch(Cpu, Page, Access.Read, GuestMode.Kernel), ready)), Throws.Nothing);
    }

    // Found by random plans on KVM of Linux 6.1, seed 1.
    [Test]
    public void A_READY_that_was_raised_before_its_area_was_refused_still_comes()
    {
        var setup = new AsyncPfSetup(Page, 2, PerVcpuBound: 2, Quirks: AsyncPfQuirks.KeepsRefusedArea);
        Assert.That(() => Follow([AsyncPfModel.AtReset(setup, 1)],
            (new WriteMsr(Cpu, AsyncPfMsr.Enable, Told), new Done()),
            (new WriteMsr(Cpu, AsyncPfMsr.Enable, Told | 0x4000_0000), new GeneralProtection()),
            (new ReadMsr(Cpu, AsyncPfMsr.Enable), new MsrValue(Told | 0x4000_0000)),
            (new Poll(Cpu), new Ready(Token.Broadcast, new(0)))), Throws.Nothing);
    }

    /// <summary>Every state that explains the answers.</summary>
    private static HashSet<AsyncPfModel> Follow(HashSet<AsyncPfModel> states, params (AsyncPfOp, AsyncPfSeen)[] events)
    {
        foreach (var (operation, seen) in events)
        {
            var explained = new HashSet<AsyncPfModel>();
            foreach (var state in states)
                foreach (ref readonly var alternative in operation.On(state).Alternatives)
                    if (alternative.Explain(seen) is { } then)
                        explained.Add(then);
            Assert.That(explained, Is.Not.Empty, $"'{operation}' was answered '{seen}'");
            states = explained;
        }
        return states;
    }
}
