using HvLab.Reference.Kvm;
using HvLab.Reference.Models.Fuzz;
using static HvLab.Reference.Kvm.AsyncPfEnable;
using static HvLab.Reference.Kvm.AsyncPfOp;
using Guest = HvLab.Reference.Kvm.AsyncPfGuest;

namespace HvLab.Reference.Models.Kvm;

/// <summary>KVM's asynchronous page faults in random plans: two vCPUs, four pages under the pager, and a fifth for a shared area.</summary>
/// <remarks>Never asked: enabling without a vector that a LAPIC delivers, moving to a new VM, which a VM of two vCPUs cannot, and the bound of 64 faults, which twenty operations do not reach.</remarks>
public sealed class AsyncPfFuzz(AsyncPfSetup? setup = null) : FuzzSubject<AsyncPfModel, AsyncPfOp, AsyncPfSeen>
{
    /// <summary>Of every plan.</summary>
    public const int Vcpus = 2;
    private const int Pages = 4;
    private const byte ReadyVector = 0xf3;
    private const ulong Told = Enabled | DeliveryAsInterrupt | SendAlways, UserOnly = Enabled | DeliveryAsInterrupt, OutsideRam = 0x4000_0000;

    private readonly AsyncPfSetup _setup = setup ?? new(Guest.FirstPaged, Guest.PagedCount);

    public override string Name => "kvm-async-pf";

    public override IReadOnlyList<Choice<AsyncPfOp>> Operations { get; } = [.. OfGuests(Vcpus, Pages), .. OfPager(Pages), .. OfVmm];

    public override IReadOnlyList<Opening<AsyncPfOp>> Openings { get; } =
    [
        new(2),
        new(6, Enable(0, Told)),
        new(3, Enable(0, UserOnly)),
        new(5, [.. Enable(0, Told), .. Enable(1, Told)]),
        new(2, [.. Enable(0, Told), .. Enable(1, UserOnly)]),
    ];

    public override IReadOnlyList<Quirk> Quirks { get; } =
    [
        new(nameof(AsyncPfQuirks.KeepsRefusedArea), "kvm-async-pf/area-outside-ram"),
        new(nameof(AsyncPfQuirks.StuckCompletionKeepsAwake), "kvm-async-pf/lapic-off-second-fault"),
    ];

    public override AsyncPfModel StartOf(IReadOnlyCollection<string> quirks) => AsyncPfModel.AtReset(
        _setup with { Quirks = quirks.Aggregate(_setup.Quirks, (all, quirk) => all | Enum.Parse<AsyncPfQuirks>(quirk)) }, Vcpus);

    public override Allowed<AsyncPfModel, AsyncPfSeen> Apply(AsyncPfOp operation, AsyncPfModel state)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.On(state);
    }

    /// <summary>
    /// A LAPIC delivers no vector below 16, and then nothing says what stands in the slot; and the model leaves out what becomes
    /// of a READY interrupt that is raised when the LAPIC goes off.
    /// </summary>
    public override bool IsInScope(AsyncPfOp operation, AsyncPfModel state)
    {
        ArgumentNullException.ThrowIfNull(state);
        // A VM that cannot go yet is waited for until the probe gives up: nothing is learnt from how long that takes.
        if (operation is AwaitDestroyed)
        {
            foreach (ref readonly var alternative in Apply(operation, state).Alternatives)
                if (alternative.Example is AsyncPfSeen.Nothing)
                    return false;
            return true;
        }
        if (operation is null || AsyncPfOp.VcpuOf(operation) is not { } id || id.Value >= state.Vcpus.Count)
            return true;
        var cpu = state.Vcpus[id.Value];
        return operation switch
        {
            WriteMsr { Msr: AsyncPfMsr.Enable } write => !AsyncPfVcpu.IsEnabled(write.Value) || cpu.Vector >= 16,
            SetLapic { State: not Lapic.On } => cpu.Latched.Count == 0 && !(cpu.CanDequeue && cpu.HasReady),
            _ => true,
        };
    }

    public override bool IsRefusal(AsyncPfSeen seen) => seen is AsyncPfSeen.Refused;
    // Destroying is slow since every other machine must be at rest before anybody can count what is left of one.
    public override bool IsSlow(AsyncPfSeen seen) => seen is AsyncPfSeen.Nothing or AsyncPfSeen.NotAsked or AsyncPfSeen.Spinning or AsyncPfSeen.Destroyed;

    public override string KindOf(AsyncPfOp operation) => operation switch
    {
        WriteMsr write => $"write-{KebabName.Of(write.Msr)}-msr{Variant(write)}",
        Touch touch => $"touch at {touch.Mode}",
        SetLapic lapic => $"lapic-{KebabName.Of(lapic.State)}",
        _ => base.KindOf(operation),
    };

    public override string KindOf(AsyncPfSeen seen) =>
        seen is AsyncPfSeen.Ready { Token: var token } && token == Token.Broadcast ? "ready-broadcast" : base.KindOf(seen);

    public override string ShapeOf(AsyncPfModel state, AsyncPfOp operation) => AsyncPfShape.Of(state, operation);

    public override IEnumerable<AsyncPfOp> Simpler(AsyncPfOp operation)
    {
        var first = Page(0);
        var cpu0 = new VcpuId(0);
        switch (operation)
        {
            case Touch touch:
                Touch[] simpler =
                [
                    new(cpu0, first, Access.Read, GuestMode.Kernel), touch with { Vcpu = cpu0, Page = first }, touch with { Vcpu = cpu0 },
                    touch with { Page = first }, touch with { Access = Access.Read }, touch with { Mode = GuestMode.Kernel },
                ];
                return simpler.Where(one => one != touch).Distinct();
            case WriteMsr { Msr: AsyncPfMsr.Enable } write when write.Vcpu != cpu0:
                return [write with { Vcpu = cpu0, Value = write.Value - Guest.SharedArea(write.Vcpu).Value + Guest.SharedArea(cpu0).Value }];
            default:
                return OnFirstVcpu(operation, cpu0) is { } other && other != operation ? [other] : [];
        }
    }

    public override (AsyncPfModel Start, IReadOnlyList<AsyncPfOp> Operations) Bounded => (AsyncPfModel.AtReset(_setup with { PerVcpuBound = 2 }, 1),
    [
        .. OfGuests(1, 1).Concat(OfPager(1)).Concat(OfVmm).Select(choice => choice.Operation)
            .Where(operation => !IsAboutArea(operation) && operation is not (WriteMsr { Msr: not AsyncPfMsr.Enable, Value: not ReadyVector } or ReadMsr or SetLapic { State: Lapic.HardwareOff })
                && operation is not Touch { Access: not Access.Read }),
    ]);

    public override string BoundedTo => "1 vCPU, 1 page, 2 faults, areas in RAM";

    private static AsyncPfOp OnFirstVcpu(AsyncPfOp operation, VcpuId cpu0) => operation switch
    {
        WriteMsr { Msr: not AsyncPfMsr.Enable } op => op with { Vcpu = cpu0 },
        ReadMsr op => op with { Vcpu = cpu0 },
        Halt op => op with { Vcpu = cpu0 },
        Idle op => op with { Vcpu = cpu0 },
        Poll op => op with { Vcpu = cpu0 },
        Await op => op with { Vcpu = cpu0 },
        Acknowledge op => op with { Vcpu = cpu0 },
        SetLapic op => op with { Vcpu = cpu0 },
        AwaitRequest op => op with { Page = Page(0) },
        Supply op => op with { Page = Page(0) },
        Evict op => op with { Page = Page(0) },
        _ => operation,
    };

    private static IEnumerable<Choice<AsyncPfOp>> OfGuests(int vcpus, int pages)
    {
        (int Weight, GuestMode Mode)[] modes = [(5, GuestMode.Kernel), (1, GuestMode.KernelMasked), (3, GuestMode.UserSpace)];
        (int Weight, Access Access)[] accesses = [(5, Access.Read), (3, Access.Write), (1, Access.Fetch)];
        foreach (var id in Enumerable.Range(0, vcpus))
        {
            var vcpu = new VcpuId(id);
            foreach (var page in Enumerable.Range(0, pages))
                foreach (var (often, access) in accesses)
                    foreach (var (weight, mode) in modes)
                        yield return new(often * weight / 2 + 1, new Touch(vcpu, Page(page), access, mode));
            var area = Guest.SharedArea(vcpu).Value;
            var paged = AreaPage.Start.Value + ((ulong)id * 64);
            (int Weight, ulong Value)[] enables =
            [
                (8, area | Told), (4, area | UserOnly), (6, 0), (2, area | Enabled), (1, area | Told | DeliveryAsVmexit), (1, area | Told | Reserved),
                (1, OutsideRam | Told), (2, paged | Told),
            ];
            foreach (var (weight, value) in enables)
                yield return new(weight, new WriteMsr(vcpu, AsyncPfMsr.Enable, value));
            yield return new(5, new WriteMsr(vcpu, AsyncPfMsr.Interrupt, ReadyVector));
            yield return new(1, new WriteMsr(vcpu, AsyncPfMsr.Interrupt, 0x100 | ReadyVector));
            yield return new(2, new WriteMsr(vcpu, AsyncPfMsr.Acknowledge, 1));
            yield return new(2, new ReadMsr(vcpu, AsyncPfMsr.Enable));
            yield return new(1, new ReadMsr(vcpu, AsyncPfMsr.Interrupt));
            yield return new(8, new Halt(vcpu));
            yield return new(8, new Poll(vcpu));
            yield return new(12, new Idle(vcpu));
            yield return new(40, new Await(vcpu));
            yield return new(30, new Acknowledge(vcpu));
            yield return new(2, new SetLapic(vcpu, Lapic.On));
            yield return new(1, new SetLapic(vcpu, Lapic.SoftwareOff));
            yield return new(1, new SetLapic(vcpu, Lapic.HardwareOff));
        }
        yield return new(2, new Touch(new(0), AreaPage, Access.Read, GuestMode.Kernel));
    }

    private static IEnumerable<Choice<AsyncPfOp>> OfPager(int pages)
    {
        foreach (var page in Enumerable.Range(0, pages).Select(Page).Append(AreaPage))
        {
            yield return new(6, new AwaitRequest(page));
            yield return new(25, new Supply(page));
            yield return new(8, new Evict(page));
        }
    }

    private static IEnumerable<Choice<AsyncPfOp>> OfVmm => [new(1, new RemoveMemslot()), new(2, new DestroyVm()), new(20, new AwaitDestroyed())];

    private static AsyncPfOp[] Enable(int vcpu, ulong bits) =>
    [
        new WriteMsr(new(vcpu), AsyncPfMsr.Interrupt, ReadyVector), new WriteMsr(new(vcpu), AsyncPfMsr.Enable, Guest.SharedArea(new(vcpu)).Value | bits),
        new Idle(new(vcpu)), new Acknowledge(new(vcpu)),
    ];

    private static string Variant(WriteMsr write) => write.Msr != AsyncPfMsr.Enable ? write.Value > 0xff ? " reserved" : ""
        : (write.Value & Reserved) != 0 ? " reserved"
        : !AsyncPfVcpu.IsEnabled(write.Value) ? " off"
        : (write.Value & AddressMask) == OutsideRam ? " outside-ram"
        : new Gpa(write.Value & AddressMask).Page == AreaPage ? " paged-area"
        : (write.Value & SendAlways) != 0 ? " always" : " user-only";

    private static bool IsAboutArea(AsyncPfOp operation) => operation switch
    {
        Touch op => op.Page == AreaPage,
        AwaitRequest op => op.Page == AreaPage,
        Supply op => op.Page == AreaPage,
        Evict op => op.Page == AreaPage,
        WriteMsr { Msr: AsyncPfMsr.Enable } op => new Gpa(op.Value & AddressMask).Page == AreaPage || (op.Value & (Reserved | DeliveryAsVmexit)) != 0 || (op.Value & AddressMask) == OutsideRam,
        _ => false,
    };

    private static Gfn Page(int index) => new(Guest.FirstPaged.Value + (ulong)index);
    private static Gfn AreaPage => Page(Pages);
}
