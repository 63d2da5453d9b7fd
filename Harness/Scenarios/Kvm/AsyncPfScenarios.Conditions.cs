using HvLab.Reference.Kvm;
using static HvLab.Reference.Kvm.AsyncPfOp;

namespace HvLab.Harness.Scenarios.Kvm;

// When a READY is held back, and when a fault is told at all.
public static partial class AsyncPfScenarios
{
    private const ulong UserOnly = 0;

    private static IReadOnlyList<AsyncPfScenario> Holding =>
    [
        new()
        {
            Name = "second-ready-waits-for-acknowledge",
            Claim = "While the guest has not acknowledged a READY, the next one is held back; the acknowledge releases it.",
            Trace =
            [
                .. Enable(Cpu0), Read(Cpu0, A), Read(Cpu0, B), new Supply(A), new Idle(Cpu0),
                // HLT returns as soon as the second completion is queued: from there on only the slot holds it back.
                new Supply(B), new Halt(Cpu0), new Await(Cpu0), new Poll(Cpu0), new Poll(Cpu0),
                new Acknowledge(Cpu0), .. TakeReady(Cpu0), Read(Cpu0, A), Read(Cpu0, B), new Poll(Cpu0),
            ],
        },
        new()
        {
            Name = "no-ready-is-lost-behind-another",
            Claim = "READYs that had to wait for one another all come, one an acknowledge.",
            Trace =
            [
                .. Enable(Cpu0), .. ForEach(5, page => Read(Cpu0, Page(page))), new Supply(A), new Idle(Cpu0),
                .. ForEach(4, page => new Supply(Page(page + 1))), new Halt(Cpu0), new Await(Cpu0), new Poll(Cpu0), new Acknowledge(Cpu0),
                .. ForEach(4, _ => TakeReady(Cpu0)), .. ForEach(5, page => Read(Cpu0, Page(page))), new Poll(Cpu0),
            ],
        },
        new()
        {
            Name = "acknowledge-of-nothing",
            Claim = "An acknowledge without a READY changes nothing.",
            Trace = [.. Enable(Cpu0), new Acknowledge(Cpu0), new Acknowledge(Cpu0), new Poll(Cpu0), .. WholeFault(Cpu0, A)],
        },
        new()
        {
            Name = "held-ready-and-artificial-halt",
            Claim = "A vCPU that must wait for a page while a READY is held back sleeps, and does not spin.",
            Trace =
            [
                .. Enable(Cpu0, UserOnly), ReadUser(Cpu0, A), ReadUser(Cpu0, B), new Supply(A), new Idle(Cpu0),
                new Supply(B), new Halt(Cpu0), new Await(Cpu0), Read(Cpu0, C), new Supply(C), new Await(Cpu0),
                new Acknowledge(Cpu0), .. TakeReady(Cpu0),
            ],
        },
    ];

    private static IReadOnlyList<AsyncPfScenario> Conditions =>
    [
        new()
        {
            Name = "kernel-is-not-told-without-send-always",
            Claim = "Without SEND_ALWAYS a fault at CPL 0 is not told: the vCPU sleeps until the page is there, and no READY follows.",
            Trace = [.. Enable(Cpu0, UserOnly), Read(Cpu0, A), new Supply(A), new Await(Cpu0), new Poll(Cpu0), Read(Cpu0, A)],
        },
        new()
        {
            Name = "user-space-is-told-without-send-always",
            Claim = "Without SEND_ALWAYS a fault at CPL 3 is told.",
            Trace = [.. Enable(Cpu0, UserOnly), ReadUser(Cpu0, A), new Supply(A), .. TakeReady(Cpu0), ReadUser(Cpu0, A)],
        },
        new()
        {
            Name = "ready-interrupts-artificial-halt",
            Claim = "A vCPU asleep on one page takes the READY of another, and sleeps on.",
            Trace =
            [
                .. Enable(Cpu0, UserOnly), ReadUser(Cpu0, A), Read(Cpu0, B), new Supply(A), new Await(Cpu0), new Acknowledge(Cpu0), new Await(Cpu0),
                new Supply(B), new Await(Cpu0), ReadUser(Cpu0, A), new Poll(Cpu0),
            ],
        },
        new()
        {
            Name = "never-enabled",
            Claim = "A guest that never enabled anything sleeps through its faults, is told nothing, and gets its data.",
            Trace = [Read(Cpu0, A), new Supply(A), new Await(Cpu0), ReadUser(Cpu0, B), new Supply(B), new Await(Cpu0), new Poll(Cpu0)],
        },
        new()
        {
            Name = "interrupts-masked",
            Claim = "With interrupts masked a fault at CPL 0 is handled synchronously, and no READY follows.",
            Trace = Masked(GuestMode.KernelMasked),
        },
        new()
        {
            Name = "interrupts-masked-in-user-space",
            Claim = "With interrupts masked a fault at CPL 3 is handled synchronously, and no READY follows.",
            Trace = Masked(new(User: true, Interrupts: false)),
        },
        new()
        {
            Name = "masked-while-another-is-outstanding",
            Claim = "A synchronous fault leaves an outstanding asynchronous one alone, even on the same page.",
            Trace =
            [
                .. Enable(Cpu0), Read(Cpu0, A), new AwaitRequest(A), new Touch(Cpu0, A, Access.Read, GuestMode.KernelMasked), new Supply(A), new Await(Cpu0),
                .. TakeReady(Cpu0), new Poll(Cpu0),
            ],
        },
    ];

    private static IReadOnlyList<AsyncPfScenario> Lapics =>
    [
        new()
        {
            Name = "lapic-software-disabled",
            Claim = "With the LAPIC software-disabled a READY is held back and nobody spins; once it is enabled again it comes.",
            Trace = LapicOff(Lapic.SoftwareOff),
        },
        new()
        {
            Name = "lapic-hardware-disabled",
            Claim = "With the LAPIC disabled in IA32_APIC_BASE a READY is held back and nobody spins; once it is enabled again it comes.",
            Trace = LapicOff(Lapic.HardwareOff),
        },
        new()
        {
            Name = "lapic-off-artificial-halt",
            Claim = "With the LAPIC off a fault that is not told sleeps until its page is there, and completes.",
            Trace = [.. Enable(Cpu0, UserOnly), new SetLapic(Cpu0, Lapic.SoftwareOff), Read(Cpu0, A), new Supply(A), new Await(Cpu0), Read(Cpu0, A)],
        },
        new()
        {
            Name = "lapic-off-second-fault",
            Claim = "With the LAPIC off a second fault sleeps like the first, and does not spin.",
            Trace =
            [
                .. Enable(Cpu0, UserOnly), new SetLapic(Cpu0, Lapic.SoftwareOff), Read(Cpu0, A), new Supply(A), new Await(Cpu0),
                Read(Cpu0, B), new Supply(B), new Await(Cpu0),
            ],
        },
    ];

    private static AsyncPfOp[] Masked(GuestMode mode) =>
    [
        .. Enable(Cpu0), new Touch(Cpu0, A, Access.Read, mode), new Supply(A), new Await(Cpu0), new Poll(Cpu0),
    ];

    private static AsyncPfOp[] LapicOff(Lapic off) =>
    [
        .. Enable(Cpu0), new SetLapic(Cpu0, off), Read(Cpu0, A), new Supply(A), Read(Cpu0, A), new Poll(Cpu0),
        new SetLapic(Cpu0, Lapic.On), .. TakeReady(Cpu0), .. WholeFault(Cpu0, B),
    ];
}
