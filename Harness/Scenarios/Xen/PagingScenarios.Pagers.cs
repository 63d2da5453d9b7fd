using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingOp;

namespace HvLab.Harness.Scenarios.Xen;

// Pagers that come, go and die.
public static partial class PagingScenarios
{
    private static IReadOnlyList<PagingScenario> Pagers =>
    [
        new()
        {
            Name = "no-paging-without-a-ring",
            Claim = "Without a ring nothing can be paged: every call is refused with ENODEV, and disabling with EINVAL.",
            Trace = [new Nominate(A), new Evict(A), new Prepare(A), new Load(A, 1), new Detach(), new Read(Cpu0, A), new Count()],
        },
        new()
        {
            Name = "one-pager-at-a-time",
            Claim = "A second pager is refused, and the first one goes on working.",
            Trace = [new Attach(), new Attach(), .. Out(A), .. WholeAccess(new Read(Cpu0, A), Cpu0, A)],
        },
        new()
        {
            Name = "detached-and-attached-again",
            Claim = "After a pager has detached nothing can be paged; the next one pages as the first did.",
            Trace = [new Attach(), new Detach(), new Nominate(A), new Attach(), .. Out(A), .. WholeAccess(new Read(Cpu0, A), Cpu0, A), new Detach(), new Count()],
        },
        new()
        {
            Name = "page-stays-out-over-a-change-of-pagers",
            Claim = "A page that one pager evicted is asked for at the next one.",
            Trace = [new Attach(), .. Out(A), new Detach(), new Attach(), new Count(), .. WholeAccess(new Write(Cpu0, A, 5), Cpu0, A), new Read(Cpu0, A)],
        },
        new()
        {
            Name = "touched-without-a-pager",
            Claim = "An access to a page that is out, with no ring to ask over, crashes the domain.",
            Trace = [new Attach(), .. Out(A), new Detach(), new Read(Cpu0, A), new Destroy()],
        },
        new()
        {
            Name = "dead-pager-keeps-its-ring",
            Claim = "A pager that died keeps its ring: the next is refused until paging has been disabled.",
            Trace = [new Attach(), new Abandon(), new Attach(), new Nominate(A), new Detach(), new Attach(), new Evict(A), .. WholeAccess(new Read(Cpu0, A), Cpu0, A)],
        },
        new()
        {
            Name = "pager-dies-with-a-request-in-hand",
            Claim = "A vCPU that waits for a dead pager's answer goes on when its successor loads the page and answers.",
            Vcpus = 2,
            Trace =
            [
                new Attach(), .. Out(A, B), new Read(Cpu0, A), new Take(), new Abandon(), new Detach(), new Await(Cpu0), new Attach(),
                new Load(A, Loaded(A)), new Await(Cpu0), new RespondForPredecessor(A, Cpu0), new Await(Cpu0),
                .. WholeAccess(new Read(Cpu1, B), Cpu1, B),
            ],
        },
        new()
        {
            Name = "asked-of-a-dead-pager",
            Claim = "A request that a dead pager never took is lost with its ring; the vCPU goes on when a successor answers all the same.",
            Trace =
            [
                new Attach(), .. Out(A), new Abandon(), new Read(Cpu0, A), new Detach(), new Attach(), new Take(),
                new Load(A, Loaded(A)), new RespondForPredecessor(A, Cpu0), new Await(Cpu0), .. Out(A), .. WholeAccess(new Read(Cpu0, A), Cpu0, A),
            ],
        },
        new()
        {
            Name = "detached-under-a-waiting-vcpu",
            Claim = "Disabling does not resume a vCPU that waits for an answer.",
            Vcpus = 2,
            Trace = [new Attach(), .. Out(A), new Read(Cpu0, A), new Detach(), new Await(Cpu0), new Read(Cpu1, B), new Destroy()],
        },
    ];
}
