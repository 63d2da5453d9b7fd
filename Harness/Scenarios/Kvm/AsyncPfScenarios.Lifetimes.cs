using HvLab.Reference.Kvm;
using static HvLab.Reference.Kvm.AsyncPfOp;

namespace HvLab.Harness.Scenarios.Kvm;

// What outlives what: VMs, memslots, and two vCPUs side by side.
public static partial class AsyncPfScenarios
{
    private static IReadOnlyList<AsyncPfScenario> Lifetimes =>
    [
        new()
        {
            Name = "restored-into-a-new-vm",
            Claim = "Restoring the MSRs into a new vCPU wakes everybody with the broadcast; retried accesses fault anew, with their own READYs.",
            Trace =
            [
                .. Enable(Cpu0), Read(Cpu0, A), new AwaitRequest(A), Read(Cpu0, B), new AwaitRequest(B), new MoveToNewVm(), .. TakeReady(Cpu0),
                Read(Cpu0, A), new Supply(A), .. TakeReady(Cpu0), Read(Cpu0, A),
                Read(Cpu0, B), new Supply(B), .. TakeReady(Cpu0), Read(Cpu0, B), new Poll(Cpu0),
            ],
        },
        new()
        {
            Name = "restored-with-a-ready-unacknowledged",
            Claim = "The broadcast of a restored vCPU waits until the token that the old one left is acknowledged.",
            Trace =
            [
                .. Enable(Cpu0), Read(Cpu0, A), new Supply(A), new Idle(Cpu0), new MoveToNewVm(), new Poll(Cpu0), new Acknowledge(Cpu0), .. TakeReady(Cpu0), .. WholeFault(Cpu0, B),
            ],
        },
        new()
        {
            Name = "memslot-removed",
            Claim = "Removing the memslot with a fault outstanding loses nothing: READY still comes, and accesses leave as MMIO.",
            Trace = [.. Enable(Cpu0), Read(Cpu0, A), new AwaitRequest(A), new RemoveMemslot(), Read(Cpu0, B), new Supply(A), .. TakeReady(Cpu0), Read(Cpu0, A)],
        },
        new()
        {
            Name = "memslot-removed-under-user-space",
            Claim = "With its memslot gone an access at CPL 3 leaves as MMIO, and its vCPU goes on in the kernel as before.",
            Trace = [.. Enable(Cpu0), new RemoveMemslot(), ReadUser(Cpu0, A), new ReadMsr(Cpu0, AsyncPfMsr.Enable), new Poll(Cpu0)],
        },
        new()
        {
            Name = "destroyed-at-rest",
            Claim = "A VM without faults is destroyed at once, and nothing of it is left.",
            Trace = [.. Enable(Cpu0), .. WholeFault(Cpu0, A), new DestroyVm()],
        },
        new()
        {
            Name = "destroyed-with-faults-outstanding",
            Claim = "Destroying a VM waits for workers that sleep at the pager, and leaves no thread, file or page.",
            Trace =
            [
                .. Enable(Cpu0), Read(Cpu0, A), Read(Cpu0, B), Read(Cpu0, C), new AwaitRequest(A), new AwaitRequest(B), new AwaitRequest(C),
                new DestroyVm(), new Supply(A), new Supply(B), new Supply(C), new AwaitDestroyed(),
            ],
        },
        new()
        {
            Name = "destroyed-asleep",
            Claim = "A vCPU that sleeps on a page can be destroyed: its worker is waited for, and nothing is left.",
            Trace = [.. Enable(Cpu0, UserOnly), Read(Cpu0, A), new AwaitRequest(A), new DestroyVm(), new Supply(A), new AwaitDestroyed()],
        },
        new()
        {
            Name = "destroyed-with-a-ready-held",
            Claim = "READYs that nobody took are freed with their VM.",
            Trace = [.. Enable(Cpu0), Read(Cpu0, A), Read(Cpu0, B), new Supply(A), new Idle(Cpu0), new Supply(B), new Halt(Cpu0), new Await(Cpu0), new DestroyVm()],
        },
    ];

    private static IReadOnlyList<AsyncPfScenario> TwoVcpus =>
    [
        new()
        {
            Name = "two-vcpus-one-page",
            Claim = "Two vCPUs that miss one page get a token each, and each its own READY.",
            Vcpus = 2,
            Trace =
            [
                .. Enable(Cpu0), .. Enable(Cpu1), Read(Cpu0, A), Read(Cpu1, A), new Supply(A), .. TakeReady(Cpu0), .. TakeReady(Cpu1),
                Read(Cpu0, A), Read(Cpu1, A), new Poll(Cpu0), new Poll(Cpu1),
            ],
        },
        new()
        {
            Name = "two-vcpus-many-pages",
            Claim = "Two vCPUs that miss many pages, some of them the same, get every READY that is theirs and none that is not.",
            Vcpus = 2,
            Trace =
            [
                .. Enable(Cpu0), .. Enable(Cpu1),
                .. ForEach(8, page => (AsyncPfOp[])[Read(Cpu0, Page(page)), Read(Cpu1, Page(page + 4))]),
                .. ForEach(12, page => new Supply(Page(11 - page))),
                .. ForEach(8, _ => (AsyncPfOp[])[.. TakeReady(Cpu1), .. TakeReady(Cpu0)]),
                .. ForEach(8, page => (AsyncPfOp[])[Read(Cpu0, Page(page)), Read(Cpu1, Page(page + 4))]), new Poll(Cpu0), new Poll(Cpu1),
            ],
        },
        new()
        {
            Name = "two-vcpus-one-asleep",
            Claim = "A vCPU asleep on a page does not keep another from faulting and getting its READY.",
            Vcpus = 2,
            Trace =
            [
                .. Enable(Cpu0, UserOnly), .. Enable(Cpu1), Read(Cpu0, A), .. WholeFault(Cpu1, B), Read(Cpu1, A), new Supply(A), new Await(Cpu0), .. TakeReady(Cpu1), Read(Cpu1, A),
            ],
        },
        new()
        {
            Name = "two-vcpus-destroyed",
            Claim = "A VM of two vCPUs with faults outstanding on both leaves no thread, file or page.",
            Vcpus = 2,
            Trace =
            [
                .. Enable(Cpu0), .. Enable(Cpu1), Read(Cpu0, A), Read(Cpu1, A), Read(Cpu1, B), new AwaitRequest(A), new AwaitRequest(B),
                new DestroyVm(), new Supply(B), new Supply(A), new AwaitDestroyed(),
            ],
        },
    ];
}
