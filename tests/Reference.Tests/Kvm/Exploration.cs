using HvLab.Reference.Kvm;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Kvm;
using static HvLab.Reference.Kvm.AsyncPfEnable;
using static HvLab.Reference.Kvm.AsyncPfOp;

namespace HvLab.Reference.Tests.Kvm;

using Step = Transition<AsyncPfModel, AsyncPfOp, AsyncPfSeen>;

/// <summary>A bounded world: where an exploration starts and what may be done there.</summary>
public sealed record Exploration(AsyncPfModel Start, IReadOnlyList<AsyncPfOp> Operations)
{
    private const byte ReadyVector = 0xf3;
    private static readonly Gfn Ram = new(0x10);

    public const ulong Told = Enabled | DeliveryAsInterrupt | SendAlways;
    public const ulong UserOnly = Enabled | DeliveryAsInterrupt;

    /// <summary>One vCPU, one page, its shared area in RAM: every operation and condition of this subsystem.</summary>
    public static Exploration Everything(AsyncPfDefect defect = AsyncPfDefect.None) => new(
        At(new(Ram, 1, PerVcpuBound: 1, defect), 1, enable: 0),
        [
            .. Guest(0, 1, GuestMode.Kernel, GuestMode.KernelMasked, GuestMode.UserSpace), new Halt(new(0)), new Poll(new(0)), .. Switches(0),
            .. Pager(1), new RemoveMemslot(), new MoveToNewVm(), .. End,
        ]);

    /// <summary>One vCPU, more pages than it may have faults: what waits behind what.</summary>
    public static Exploration ManyFaults(AsyncPfDefect defect = AsyncPfDefect.None) => new(
        At(new(Ram, 3, PerVcpuBound: 2, defect), 1, Area(0) | Told),
        [.. Guest(0, 3, GuestMode.Kernel), .. Pager(3), new WriteMsr(new(0), AsyncPfMsr.Enable, 0), .. End]);

    /// <summary>One vCPU whose shared area is on the last of the paged pages.</summary>
    public static Exploration PagedArea(AsyncPfDefect defect = AsyncPfDefect.None)
    {
        var area = new Gfn(Ram.Value + 1).Start.Value | Told;
        return new(At(new(Ram, 2, PerVcpuBound: 2, defect), 1, enable: 0),
        [
            .. Guest(0, 2, GuestMode.Kernel, GuestMode.KernelMasked), .. Pager(2),
            new WriteMsr(new(0), AsyncPfMsr.Enable, area), new WriteMsr(new(0), AsyncPfMsr.Enable, 0), .. End,
        ]);
    }

    /// <summary>Two enabled vCPUs over the same page: what they can do to one another.</summary>
    public static Exploration TwoVcpus(AsyncPfDefect defect = AsyncPfDefect.None) => new(
        At(new(Ram, 1, PerVcpuBound: 1, defect), 2, Area(0) | Told),
        [.. Guest(0, 1, GuestMode.Kernel), .. Guest(1, 1, GuestMode.Kernel), .. Pager(1), .. End]);

    public static IEnumerable<Func<AsyncPfDefect, Exploration>> All => [Everything, ManyFaults, PagedArea, TwoVcpus];

    public Space<AsyncPfModel> Visit(Action<Step>? visit = null) =>
        StateSpace.Explore<AsyncPfModel, AsyncPfOp, AsyncPfSeen>(Start, Operations, Apply, visit, maxStates: 400_000);

    public static Allowed<AsyncPfModel, AsyncPfSeen> Apply(AsyncPfOp operation, AsyncPfModel model) => operation.On(model);

    /// <summary>A shortest way to a step that breaks a property: the step, and what it breaks. Null where all hold everywhere.</summary>
    public (Step Step, Property<AsyncPfModel, AsyncPfOp, AsyncPfSeen> Broken)? FirstViolation()
    {
        try
        {
            Visit(step =>
            {
                if (AsyncPfProperties.FirstBroken(step) is { } broken)
                    throw new Found(step, broken);
            });
            return null;
        }
        catch (Found found)
        {
            return (found.Step, found.Broken);
        }
    }

    private static ulong Area(int vcpu) => 0x7000ul + ((ulong)vcpu * 0x1000);

    // The vector stands from the start: writing it only multiplies states.
    private static AsyncPfModel At(AsyncPfSetup setup, int vcpus, ulong enable) => AsyncPfModel.AtReset(setup, vcpus) with
    {
        Vcpus = [.. Enumerable.Repeat(new AsyncPfVcpu { Vector = ReadyVector, Enable = enable }, vcpus)],
    };

    private static IEnumerable<AsyncPfOp> Guest(int id, int pages, params GuestMode[] modes)
    {
        var vcpu = new VcpuId(id);
        return
        [
            .. from page in Enumerable.Range(0, pages) from mode in modes select new Touch(vcpu, Page(page), Access.Read, mode),
            new Idle(vcpu), new Await(vcpu), new Acknowledge(vcpu),
        ];
    }

    private static IEnumerable<AsyncPfOp> Switches(int id)
    {
        var vcpu = new VcpuId(id);
        return
        [
            new WriteMsr(vcpu, AsyncPfMsr.Enable, Area(id) | Told), new WriteMsr(vcpu, AsyncPfMsr.Enable, Area(id) | UserOnly), new WriteMsr(vcpu, AsyncPfMsr.Enable, 0),
            new WriteMsr(vcpu, AsyncPfMsr.Enable, Area(id) | Told | 0x10), new WriteMsr(vcpu, AsyncPfMsr.Enable, 0x4000_0000 | Told),
            new WriteMsr(vcpu, AsyncPfMsr.Interrupt, 0x1f3), new ReadMsr(vcpu, AsyncPfMsr.Enable),
            new SetLapic(vcpu, Lapic.On), new SetLapic(vcpu, Lapic.SoftwareOff),
        ];
    }

    private static IEnumerable<AsyncPfOp> Pager(int pages) =>
        Enumerable.Range(0, pages).SelectMany(page => (AsyncPfOp[])[new AwaitRequest(Page(page)), new Supply(Page(page)), new Evict(Page(page))]);

    private static IEnumerable<AsyncPfOp> End => [new DestroyVm(), new AwaitDestroyed()];

    private static Gfn Page(int index) => new(Ram.Value + (ulong)index);

    private sealed class Found(Step step, Property<AsyncPfModel, AsyncPfOp, AsyncPfSeen> broken) : Exception
    {
        public Step Step => step;
        public Property<AsyncPfModel, AsyncPfOp, AsyncPfSeen> Broken => broken;
    }
}
