using HvLab.Reference;
using HvLab.Reference.Kvm;
using static HvLab.Reference.Kvm.AsyncPfEnable;
using static HvLab.Reference.Kvm.AsyncPfOp;

namespace HvLab.Harness.Scenarios.Kvm;

// What the MSRs take and refuse, disabling, and where the shared area may stand.
public static partial class AsyncPfScenarios
{
    private static Gfn Area => Page(80);

    private static IReadOnlyList<AsyncPfScenario> Msrs =>
    [
        new()
        {
            Name = "reserved-enable-bits",
            Claim = "Each reserved or misaligned value of the enable MSR raises #GP and changes nothing.",
            Trace =
            [
                .. Enable(Cpu0),
                .. ((ulong[])[0x10, 0x20, 0x30]).SelectMany(reserved => Refused(AsyncPfMsr.Enable, EnableBits(Cpu0, SendAlways | reserved))),
                .. Refused(AsyncPfMsr.Enable, 0x10), .. WholeFault(Cpu0, A),
            ],
        },
        new()
        {
            Name = "reserved-vector-bits",
            Claim = "Each reserved bit of the interrupt MSR raises #GP and changes nothing.",
            Trace =
            [
                .. Enable(Cpu0), .. Enumerable.Range(8, 56).SelectMany(bit => Refused(AsyncPfMsr.Interrupt, ReadyVector | (1ul << bit))), .. WholeFault(Cpu0, A),
            ],
        },
        new()
        {
            Name = "area-outside-ram",
            Claim = "Enabling with a shared area outside RAM raises #GP and changes nothing.",
            Trace = [.. Enable(Cpu0), .. Refused(AsyncPfMsr.Enable, 0x4000_0000 | Enabled | SendAlways | DeliveryAsInterrupt)],
        },
        new()
        {
            Name = "area-outside-ram-at-first",
            Group = AsyncPfScenario.CrashGroup,
            Claim = "An area that was refused is never written to: a fault after it is handled as if nothing had been enabled.",
            Trace =
            [
                new WriteMsr(Cpu0, AsyncPfMsr.Interrupt, ReadyVector), new WriteMsr(Cpu0, AsyncPfMsr.Enable, 0x4000_0000 | Enabled | SendAlways | DeliveryAsInterrupt),
                Read(Cpu0, A), new Supply(A), new Await(Cpu0),
            ],
        },
        new()
        {
            Name = "msrs-read-back",
            Claim = "The enable and interrupt MSRs read back what was written; the acknowledge MSR reads 0 and takes any value.",
            Trace =
            [
                new ReadMsr(Cpu0, AsyncPfMsr.Enable), new ReadMsr(Cpu0, AsyncPfMsr.Interrupt), .. Enable(Cpu0),
                new ReadMsr(Cpu0, AsyncPfMsr.Enable), new ReadMsr(Cpu0, AsyncPfMsr.Interrupt), new ReadMsr(Cpu0, AsyncPfMsr.Acknowledge),
                new WriteMsr(Cpu0, AsyncPfMsr.Acknowledge, 0), new WriteMsr(Cpu0, AsyncPfMsr.Acknowledge, ulong.MaxValue), new Poll(Cpu0),
                new WriteMsr(Cpu0, AsyncPfMsr.Enable, 0), new ReadMsr(Cpu0, AsyncPfMsr.Enable),
            ],
        },
    ];

    private static IReadOnlyList<AsyncPfScenario> Disabling =>
    [
        new()
        {
            Name = "disabled-half-way",
            Claim = "Disabling with a fault outstanding waits for its worker, and its READY is not delivered.",
            Trace = [.. DisableHalfWay(0), new Poll(Cpu0), Read(Cpu0, A)],
        },
        new()
        {
            Name = "interrupt-delivery-disabled-half-way",
            Claim = "Clearing interrupt delivery with a fault outstanding waits for its worker, and its READY is not delivered.",
            Trace = [.. DisableHalfWay(AsyncPfGuest.SharedArea(Cpu0).Value | Enabled | SendAlways), new Poll(Cpu0), Read(Cpu0, A)],
        },
        new()
        {
            Name = "enabled-again",
            Claim = "Disabling with faults outstanding and enabling again delivers the broadcast and then works as before.",
            Trace =
            [
                .. DisableHalfWay(0), new WriteMsr(Cpu0, AsyncPfMsr.Enable, EnableBits(Cpu0, SendAlways)), .. TakeReady(Cpu0), Read(Cpu0, A), .. WholeFault(Cpu0, B),
            ],
        },
        new()
        {
            Name = "enabled-twice",
            Claim = "Enabling again while enabled delivers the broadcast again, and outstanding faults keep their tokens.",
            Trace =
            [
                .. Enable(Cpu0), Read(Cpu0, A), new AwaitRequest(A), new WriteMsr(Cpu0, AsyncPfMsr.Enable, EnableBits(Cpu0, SendAlways)), .. TakeReady(Cpu0),
                new Supply(A), .. TakeReady(Cpu0), Read(Cpu0, A), new Poll(Cpu0),
            ],
        },
        new()
        {
            Name = "disabled-with-a-ready-held",
            Claim = "A READY that was held back when the guest disabled is not delivered.",
            Trace =
            [
                .. Enable(Cpu0), Read(Cpu0, A), Read(Cpu0, B), new Supply(A), new Idle(Cpu0), new Supply(B), new Halt(Cpu0), new Await(Cpu0),
                new WriteMsr(Cpu0, AsyncPfMsr.Enable, 0), new Acknowledge(Cpu0), new Poll(Cpu0), Read(Cpu0, A), Read(Cpu0, B),
            ],
        },
    ];

    private static IReadOnlyList<AsyncPfScenario> SharedAreas =>
    [
        new()
        {
            Name = "area-page-missing-at-ready",
            Claim = "A READY whose shared area is missing waits for the pager with the vCPU's own thread, and then comes.",
            Trace =
            [
                .. EnableInPagedMemory(), Read(Cpu0, A), new Evict(Area), new Supply(A),
                new Idle(Cpu0), new Supply(Area), new Await(Cpu0), new Acknowledge(Cpu0), Read(Cpu0, A),
            ],
        },
        new()
        {
            Name = "area-page-missing-at-not-present",
            Claim = "A fault whose shared area is missing waits for the pager with the vCPU's own thread, and then is told.",
            Trace =
            [
                .. EnableInPagedMemory(), new Evict(Area), Read(Cpu0, A), new Supply(Area), new Await(Cpu0), new Supply(A), .. TakeReady(Cpu0), Read(Cpu0, A),
            ],
        },
        new()
        {
            Name = "fault-on-the-area-page",
            Claim = "A guest access to the missing page that holds the shared area completes, and is not told through the very page that is missing.",
            Trace =
            [
                .. EnableInPagedMemory(), new Evict(Area), new Touch(Cpu0, Area, Access.Read, GuestMode.KernelMasked), new Supply(Area), new Await(Cpu0), new Poll(Cpu0),
            ],
        },
    ];

    private static AsyncPfOp[] Refused(AsyncPfMsr msr, ulong value) => [new WriteMsr(Cpu0, msr, value), new ReadMsr(Cpu0, msr)];

    private static AsyncPfOp[] DisableHalfWay(ulong value) =>
    [
        .. Enable(Cpu0), Read(Cpu0, A), new AwaitRequest(A), new WriteMsr(Cpu0, AsyncPfMsr.Enable, value), new Supply(A), new Await(Cpu0),
    ];

    private static AsyncPfOp[] EnableInPagedMemory() =>
    [
        new WriteMsr(Cpu0, AsyncPfMsr.Interrupt, ReadyVector),
        new WriteMsr(Cpu0, AsyncPfMsr.Enable, Area.Start.Value | Enabled | DeliveryAsInterrupt | SendAlways),
        new Supply(Area), new Await(Cpu0), .. TakeReady(Cpu0),
    ];
}
