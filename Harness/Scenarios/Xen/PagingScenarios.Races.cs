using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingOp;

namespace HvLab.Harness.Scenarios.Xen;

// Between nomination and eviction, between vCPUs, and between request and answer.
public static partial class PagingScenarios
{
    private static (string Name, PagingOp Access)[] Kinds =>
        [("read", new Read(Cpu0, A)), ("write", new Write(Cpu0, A, 5)), ("locked-add", new Add(Cpu0, A, 5)), ("fetch", new Fetch(Cpu0, A))];

    private static IReadOnlyList<PagingScenario> Races =>
    [
        .. new[] { false, true }.Select(writable => new PagingScenario
        {
            Name = $"{(writable ? "writable" : "read-only")}-map-held-before-nomination",
            Claim = "A page that dom0 has mapped cannot be nominated; once the map is gone it can.",
            Trace = [new Attach(), new Map(A, writable), new Nominate(A), new Unmap(A), .. Out(A), .. WholeAccess(new Read(Cpu0, A), Cpu0, A)],
        }),
        .. new[] { false, true }.Select(writable => new PagingScenario
        {
            Name = $"{(writable ? "writable" : "read-only")}-map-held-at-eviction",
            Claim = "A nominated page that dom0 has mapped cannot be evicted; the map does not cancel the nomination.",
            Trace = [new Attach(), new Nominate(A), new Map(A, writable), new Evict(A), new Take(), new Unmap(A), new Evict(A), new Count(), .. WholeAccess(new Read(Cpu0, A), Cpu0, A)],
        }),
        .. Kinds
        .Select(kind => new PagingScenario
        {
            Name = $"{kind.Name}-between-nomination-and-eviction",
            Claim = $"A {kind.Name} of a nominated page asks the pager, says that eviction will fail, and goes on with the old content.",
            Trace = [new Attach(), new Nominate(A), kind.Access, new Take(), new Evict(A), new Await(Cpu0), new Respond(A, Cpu0), new Await(Cpu0), new Read(Cpu0, A), new Count()],
        }),
        new()
        {
            Name = "nominated-page-asked-back",
            Claim = "A nominated page that was touched can be asked back without content: it never left.",
            Vcpus = 2,
            Trace = [new Attach(), new Nominate(A), new Write(Cpu0, A, 5), new Take(), new Prepare(A), new Read(Cpu1, A), new Respond(A, Cpu0), new Await(Cpu0), new Read(Cpu1, A)],
        },
        new()
        {
            Name = "content-for-a-page-that-never-left",
            Claim = "Content loaded into a nominated page that was touched is not taken: the page has its own.",
            Trace = [new Attach(), new Nominate(A), new Read(Cpu0, A), new Take(), new Load(A, 1), new Respond(A, Cpu0), new Await(Cpu0), new Count()],
        },
        new()
        {
            Name = "nominated-again-after-the-race",
            Claim = "A page whose eviction failed can be nominated and evicted the next time.",
            Trace = [new Attach(), new Nominate(A), new Read(Cpu0, A), new Take(), new Evict(A), new Respond(A, Cpu0), new Await(Cpu0), .. Out(A), .. WholeAccess(new Read(Cpu0, A), Cpu0, A)],
        },
        new()
        {
            Name = "two-vcpus-one-page",
            Claim = "The second vCPU at a page that was asked for does not ask again; it goes on when the page is loaded, before any answer.",
            Vcpus = 2,
            Trace =
            [
                new Attach(), .. Out(A), new Read(Cpu0, A), new Read(Cpu1, A), new Take(), new Take(), new Load(A, Loaded(A)),
                new Await(Cpu1), new Await(Cpu0), new Respond(A, Cpu0), new Await(Cpu0),
            ],
        },
        new()
        {
            Name = "two-vcpus-write-one-page",
            Claim = "Two writes to one page that is out both land, in the order in which their vCPUs go on.",
            Vcpus = 2,
            Trace =
            [
                new Attach(), .. Out(A), new Add(Cpu0, A, 0x10), new Add(Cpu1, A, 0x100), new Take(), new Load(A, Loaded(A)),
                new Await(Cpu1), new Read(Cpu1, A), new Respond(A, Cpu0), new Await(Cpu0), new Read(Cpu0, A),
            ],
        },
        new()
        {
            Name = "second-vcpu-at-a-nominated-page",
            Claim = "The second vCPU at a nominated page that was asked for waits for the answer that brings it back.",
            Vcpus = 2,
            Trace = [new Attach(), new Nominate(A), new Read(Cpu0, A), new Read(Cpu1, A), new Take(), new Take(), new Respond(A, Cpu0), new Await(Cpu0), new Await(Cpu1)],
        },
        new()
        {
            Name = "two-vcpus-two-pages",
            Claim = "Two vCPUs wait for two pages, and each goes on with its own, in whichever order they come.",
            Vcpus = 2,
            Trace =
            [
                new Attach(), .. Out(A, B), new Read(Cpu0, A), new Read(Cpu1, B), new Take(), new Take(), new Load(B, Loaded(B)), new Respond(B, Cpu1),
                new Await(Cpu1), new Await(Cpu0), new Load(A, Loaded(A)), new Respond(A, Cpu0), new Await(Cpu0),
            ],
        },
    ];

    private static IReadOnlyList<PagingScenario> Answers =>
    [
        new()
        {
            Name = "loaded-but-not-answered",
            Claim = "A vCPU that asked stays stopped until it is answered, though its page is there.",
            Trace = [new Attach(), .. Out(A), new Read(Cpu0, A), new Take(), new Load(A, Loaded(A)), new Await(Cpu0), new Respond(A, Cpu0), new Await(Cpu0)],
        },
        new()
        {
            Name = "answered-but-not-loaded",
            Claim = "A vCPU that is answered without its page faults again and again, asks nobody, and goes on when the page is loaded.",
            Trace = [new Attach(), .. Out(A), new Read(Cpu0, A), new Take(), new Respond(A, Cpu0), new Await(Cpu0), new Take(), new Load(A, Loaded(A)), new Await(Cpu0)],
        },
        new()
        {
            Name = "answer-names-an-idle-vcpu",
            Claim = "An answer that names a vCPU which waits for nothing resumes nobody.",
            Vcpus = 2,
            Trace = [new Attach(), .. Out(A), new Read(Cpu0, A), new Take(), new Load(A, Loaded(A)), new Respond(A, Cpu1), new Await(Cpu0), new Read(Cpu1, A), new Destroy()],
        },
        new()
        {
            Name = "answers-name-each-other",
            Claim = "An answer resumes the vCPU that it names, whoever asked for the page.",
            Vcpus = 2,
            Trace =
            [
                new Attach(), .. Out(A, B), new Read(Cpu0, A), new Read(Cpu1, B), new Take(), new Take(), new Load(A, Loaded(A)), new Load(B, Loaded(B)),
                new Respond(A, Cpu1), new Await(Cpu1), new Await(Cpu0), new Respond(B, Cpu0), new Await(Cpu0),
            ],
        },
        new()
        {
            Name = "gone-again-before-the-answer",
            Claim = "A page that is evicted again before its vCPU is answered is asked for again.",
            Trace =
            [
                new Attach(), .. Out(A), new Read(Cpu0, A), new Take(), new Load(A, 1), .. Out(A), new Respond(A, Cpu0), new Await(Cpu0),
                .. Serve(A, Cpu0), new Await(Cpu0),
            ],
        },
    ];
}
