using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingOp;

namespace HvLab.Harness.Scenarios.Xen;

// No memory, no slot, no domain.
public static partial class PagingScenarios
{
    private const int Slots = PagingGuest.RingSlots;

    /// <summary>As many vCPUs as the ring has slots ask for a page each; the pager has taken nothing.</summary>
    private static PagingOp[] FillRing(int more) =>
    [
        new Attach(), .. ForEach(Slots + more, page => Out(Page(page))), .. ForEach(Slots, vcpu => (PagingOp)new Read(Cpu(vcpu), Page(vcpu))),
    ];

    private static PagingOp[] TakeAll => [.. ForEach(Slots, _ => (PagingOp)new Take())];

    private static IReadOnlyList<PagingScenario> Memory =>
    [
        new()
        {
            Name = "no-memory-for-a-page",
            Claim = "A page cannot come back beyond the domain's limit: ENOMEM, and nothing is counted differently; with memory it comes.",
            Trace = [new Attach(), .. Out(A), new LimitMemory(0), new Load(A, Loaded(A)), new Count(), new LimitMemory(1), new Load(A, Loaded(A)), new Count(), new Read(Cpu0, A)],
        },
        new()
        {
            Name = "no-memory-while-a-vcpu-waits",
            Claim = "A vCPU whose page cannot come back for lack of memory waits, and goes on when there is some.",
            Trace =
            [
                new Attach(), .. Out(A), new Read(Cpu0, A), new Take(), new LimitMemory(0), new Load(A, Loaded(A)), new Load(A, Loaded(A)), new Await(Cpu0), new Count(),
                new LimitMemory(1), new Load(A, Loaded(A)), new Respond(A, Cpu0), new Await(Cpu0), new Count(),
            ],
        },
        new()
        {
            Name = "one-page-makes-room-for-another",
            Claim = "At its limit a domain gets a page back once another is evicted.",
            Trace = [new Attach(), .. Out(A), new LimitMemory(0), new Read(Cpu0, A), new Take(), new Load(A, Loaded(A)), .. Out(B), new Load(A, Loaded(A)), new Respond(A, Cpu0), new Await(Cpu0), new Count()],
        },
        new()
        {
            Name = "no-memory-is-needed-for-what-never-left",
            Claim = "A nominated page that was touched comes back at the limit: it has its memory.",
            Trace = [new Attach(), new Nominate(A), new Read(Cpu0, A), new Take(), new LimitMemory(0), new Prepare(A), new Respond(A, Cpu0), new Await(Cpu0), new Count()],
        },
    ];

    private static IReadOnlyList<PagingScenario> FullRing =>
    [
        new()
        {
            Name = "one-vcpu-too-many",
            Claim = "A vCPU that finds the ring full sleeps; taking requests makes no room, answering one does.",
            Vcpus = Slots + 1,
            Trace = [.. FillRing(1), new Read(Cpu(Slots), Page(Slots)), .. TakeAll, new Take(), new Load(A, Loaded(A)), new Respond(A, Cpu0), new Await(Cpu0), .. Serve(Page(Slots), Cpu(Slots)), new Await(Cpu(Slots))],
        },
        new()
        {
            Name = "sleepers-wake-in-their-order",
            Claim = "vCPUs that wait for a slot get theirs one by one, first come, first served.",
            Vcpus = Slots + 4,
            Trace =
            [
                .. FillRing(4), .. ForEach(4, vcpu => (PagingOp)new Read(Cpu(Slots + vcpu), Page(Slots + vcpu))), .. TakeAll,
                .. ForEach(4, vcpu => (PagingOp[])[new Load(Page(vcpu), Loaded(Page(vcpu))), new Respond(Page(vcpu), Cpu(vcpu)), new Await(Cpu(vcpu)), new Take(), new Take()]),
                .. ForEach(4, vcpu => (PagingOp[])[new Load(Page(Slots + vcpu), Loaded(Page(Slots + vcpu))), new Respond(Page(Slots + vcpu), Cpu(Slots + vcpu)), new Await(Cpu(Slots + vcpu))]),
            ],
        },
        new()
        {
            Name = "all-sleepers-wake",
            Claim = "With all requests answered at once every vCPU that waited for a slot asks, and all go on.",
            Vcpus = Slots + 4,
            Trace =
            [
                .. FillRing(4), .. ForEach(4, vcpu => (PagingOp)new Read(Cpu(Slots + vcpu), Page(Slots + vcpu))), .. TakeAll,
                .. ForEach(Slots, page => (PagingOp)new Load(Page(page), Loaded(Page(page)))), .. ForEach(Slots, vcpu => (PagingOp)new Respond(Page(vcpu), Cpu(vcpu))),
                .. ForEach(4, _ => (PagingOp)new Take()), .. ForEach(4, page => (PagingOp)new Load(Page(Slots + page), Loaded(Page(Slots + page)))),
                .. ForEach(4, vcpu => (PagingOp)new Respond(Page(Slots + vcpu), Cpu(Slots + vcpu))), .. ForEach(Slots + 4, vcpu => (PagingOp)new Await(Cpu(vcpu))), new Count(),
            ],
        },
        new()
        {
            Name = "page-comes-while-its-vcpu-sleeps",
            Claim = "A vCPU in the wait queue whose page was loaded meanwhile asks nobody when it wakes, and goes on.",
            Vcpus = Slots + 1,
            Trace =
            [
                .. FillRing(1), new Read(Cpu(Slots), Page(Slots)), .. TakeAll, new Load(Page(Slots), Loaded(Page(Slots))), new Await(Cpu(Slots)),
                new Load(A, Loaded(A)), new Respond(A, Cpu0), new Take(), new Await(Cpu(Slots)), new Await(Cpu0),
            ],
        },
        new()
        {
            Name = "two-sleepers-one-page",
            Claim = "Two vCPUs in the wait queue for one page: both ask when they wake, the second for a page on its way.",
            Vcpus = Slots + 2,
            Trace =
            [
                .. FillRing(1), new Read(Cpu(Slots), Page(Slots)), new Read(Cpu(Slots + 1), Page(Slots)), .. TakeAll,
                new Load(A, Loaded(A)), new Respond(A, Cpu0), new Take(), new Load(B, Loaded(B)), new Respond(B, Cpu1), new Take(),
                new Load(Page(Slots), Loaded(Page(Slots))), new Respond(Page(Slots), Cpu(Slots)), new Respond(Page(Slots), Cpu(Slots + 1)),
                new Await(Cpu(Slots)), new Await(Cpu(Slots + 1)),
            ],
        },
        new()
        {
            Name = "hypercall-sleeps-for-a-slot",
            Claim = "A hypercall whose arguments are out sleeps for a slot like any access.",
            Vcpus = Slots + 1,
            Trace =
            [
                .. FillRing(1), new Release(Cpu(Slots), Page(Slots), Page(20)), .. TakeAll, new Load(A, Loaded(A)), new Respond(A, Cpu0),
                .. Serve(Page(Slots), Cpu(Slots)), new Await(Cpu(Slots)),
            ],
        },
        new()
        {
            Name = "no-detaching-from-sleepers",
            Claim = "Paging cannot be disabled while vCPUs wait for a slot.",
            Vcpus = Slots + 1,
            Trace = [.. FillRing(1), new Read(Cpu(Slots), Page(Slots)), new Detach(), .. TakeAll, new Load(A, Loaded(A)), new Respond(A, Cpu0), new Take(), new Detach(), new Destroy()],
        },
        new()
        {
            Name = "dom0-does-not-sleep-for-a-slot",
            Claim = "Dom0's map at a full ring asks nobody and sleeps nowhere: it tries again, and asks when there is a slot.",
            Vcpus = Slots,
            Trace =
            [
                .. FillRing(1), new Map(Page(Slots), false), .. TakeAll, new Take(), new Load(A, Loaded(A)), new Respond(A, Cpu0), new Await(Cpu0),
                new AwaitMap(Page(Slots)), new Take(), new Load(Page(Slots), Loaded(Page(Slots))), new AwaitMap(Page(Slots)), new Unmap(Page(Slots)),
            ],
        },
        new()
        {
            Name = "memory-type-at-a-full-ring",
            Claim = "Setting the type of a page that is out fails with EAGAIN at a full ring too, and asks nobody.",
            Vcpus = Slots,
            Trace = [.. FillRing(1), new SetMemType(Page(Slots)), .. TakeAll, new Take(), new Load(A, Loaded(A)), new Respond(A, Cpu0), new SetMemType(Page(Slots)), new Take()],
        },
    ];

    private static IReadOnlyList<PagingScenario> Ends =>
    [
        new()
        {
            Name = "destroyed-with-requests-in-the-ring",
            Claim = "A domain whose requests nobody took is destroyed completely.",
            Vcpus = 2,
            Trace = [new Attach(), .. Out(A, B), new Read(Cpu0, A), new Read(Cpu1, B), new Destroy()],
        },
        new()
        {
            Name = "destroyed-with-requests-in-hand",
            Claim = "A domain whose requests nobody answered is destroyed completely.",
            Vcpus = 2,
            Trace = [new Attach(), .. Out(A, B), new Read(Cpu0, A), new Read(Cpu1, B), new Take(), new Take(), new Load(B, Loaded(B)), new Destroy()],
        },
        new()
        {
            Name = "destroyed-with-sleepers",
            Claim = "A domain with vCPUs in the wait queue is destroyed completely.",
            Vcpus = Slots + 2,
            Trace = [.. FillRing(2), new Read(Cpu(Slots), Page(Slots)), new Read(Cpu(Slots + 1), Page(Slots + 1)), new Destroy()],
        },
        new()
        {
            Name = "destroyed-after-its-pager-died",
            Claim = "A domain whose pager died is destroyed completely, whoever waits.",
            Trace = [new Attach(), .. Out(A), new Abandon(), new Read(Cpu0, A), new Destroy()],
        },
        new()
        {
            Name = "destroyed-with-pages-out",
            Claim = "A domain with pages out and nominated is destroyed completely.",
            Trace = [new Attach(), .. Out(A, B), new Nominate(C), new Destroy()],
        },
        new()
        {
            Name = "destroyed-under-a-map",
            Claim = "A destroyed domain stays until dom0's last map of it is gone.",
            Trace = [new Attach(), new Map(A, false), new Destroy(), new AwaitDestroyed(), new Unmap(A), new AwaitDestroyed()],
        },
        new()
        {
            Name = "destroyed-under-a-waiting-map",
            Claim = "Dom0's map that waits for a page ends with an error when the domain ends.",
            Trace = [new Attach(), .. Out(A), new Map(A, false), new Destroy(), new AwaitMap(A)],
        },
    ];
}
