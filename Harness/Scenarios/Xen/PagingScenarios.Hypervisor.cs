using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingOp;

namespace HvLab.Harness.Scenarios.Xen;

// Xen itself, and dom0 through it, at pages that are out.
public static partial class PagingScenarios
{
    private static IReadOnlyList<PagingScenario> Hypervisor =>
    [
        new()
        {
            Name = "hypercall-buffer-is-out",
            Claim = "A hypercall whose arguments are out stops the vCPU and asks for them; the guest may have to call again.",
            Trace =
            [
                new Attach(), .. Out(A), new Release(Cpu0, A, Page(4)), .. Serve(A, Cpu0), new Await(Cpu0), new Count(),
                new Release(Cpu0, A, Page(5)), new Count(),
            ],
        },
        new()
        {
            Name = "hypercall-buffer-is-nominated",
            Claim = "A hypercall whose arguments are nominated stops the vCPU and says that eviction will fail.",
            Trace = [new Attach(), new Nominate(A), new Release(Cpu0, A, Page(4)), new Take(), new Evict(A), new Respond(A, Cpu0), new Await(Cpu0), new Release(Cpu0, A, Page(5)), new Count()],
        },
        new()
        {
            Name = "hypercall-buffer-of-an-unpaged-guest-is-out",
            Claim = "A hypercall whose arguments are out stops the vCPU and asks for them, also where the guest does not use paging.",
            Trace = [new Attach(), new ReleaseUnpaged(Cpu0, A, Page(4)), .. Out(A), new ReleaseUnpaged(Cpu0, A, Page(5)), .. Serve(A, Cpu0), new Await(Cpu0)],
        },
        new()
        {
            Name = "hypercall-buffer-of-an-unpaged-guest-is-nominated",
            Claim = "A hypercall whose arguments are nominated stops the vCPU and says that eviction will fail, also where the guest does not use paging.",
            Trace = [new Attach(), new Nominate(A), new ReleaseUnpaged(Cpu0, A, Page(4)), new Take(), new Evict(A), new Respond(A, Cpu0), new Await(Cpu0), new ReleaseUnpaged(Cpu0, A, Page(5)), new Count()],
        },
        new()
        {
            Name = "page-table-of-a-hypercall-buffer-is-out",
            Claim = "A hypercall whose arguments stand behind a page table that is out asks for the table.",
            Trace =
            [
                new Attach(), .. Out(B), new ReleaseThrough(Cpu0, B, A, Page(4)), .. Serve(B, Cpu0), new Await(Cpu0),
                new ReleaseThrough(Cpu0, B, A, Page(5)), new Count(),
            ],
        },
        new()
        {
            Name = "two-hypercalls-one-buffer",
            Claim = "The second vCPU whose hypercall needs a page that was asked for is stopped too, and asks in its turn.",
            Vcpus = 2,
            Trace =
            [
                new Attach(), .. Out(A), new Release(Cpu0, A, Page(4)), new Release(Cpu1, A, Page(5)), new Take(), new Take(), new Load(A, Loaded(A)),
                new Respond(A, Cpu0), new Await(Cpu0), new Await(Cpu1), new Respond(A, Cpu1), new Await(Cpu1), new Count(),
            ],
        },
        new()
        {
            Name = "memory-type-of-a-page-that-is-out",
            Claim = "Setting the type of a page that is out fails with EAGAIN and asks for the page; later it succeeds.",
            Trace = [new Attach(), new SetMemType(A), .. Out(A), new SetMemType(A), new SetMemType(A), .. Serve(A, Cpu0), new Take(), new SetMemType(A), new Read(Cpu0, A)],
        },
        new()
        {
            Name = "memory-type-of-a-nominated-page",
            Claim = "Setting the type of a nominated page asks for the page; the answer brings it back to everybody.",
            Trace = [new Attach(), new Nominate(A), new SetMemType(A), new Take(), new Evict(A), new Respond(A, Cpu0), new Read(Cpu0, A), new Destroy()],
        },
        new()
        {
            Name = "dom0-maps-a-page-that-is-out",
            Claim = "Dom0's map of a page that is out asks for it, stops nobody, and is made once the page is loaded, without an answer.",
            Trace = [new Attach(), .. Out(A), new Map(A, false), new Take(), new Take(), new Load(A, Loaded(A)), new AwaitMap(A), new Respond(A, Cpu0), new Read(Cpu0, A), new Unmap(A), new Count()],
        },
        new()
        {
            Name = "dom0-maps-a-page-that-a-guest-asked-for",
            Claim = "Dom0's map of a page that was asked for asks nobody again, and is made when the guest's page is loaded.",
            Trace = [new Attach(), .. Out(A), new Read(Cpu0, A), new Map(A, true), new Take(), new Take(), new Load(A, Loaded(A)), new AwaitMap(A), new Respond(A, Cpu0), new Await(Cpu0), new Unmap(A)],
        },
        new()
        {
            Name = "guest-touches-what-dom0-asked-for",
            Claim = "A guest at a page that dom0 asked for does not ask again, and goes on when it is loaded.",
            Trace = [new Attach(), .. Out(A), new Map(A, false), new Read(Cpu0, A), new Take(), new Take(), new Load(A, Loaded(A)), new AwaitMap(A), new Await(Cpu0), new Unmap(A)],
        },
        new()
        {
            Name = "dom0-maps-two-pages-that-are-out",
            Claim = "Two maps wait for two pages, and each is made with its own.",
            Trace =
            [
                new Attach(), .. Out(A, B), new Map(A, false), new Map(B, false), new Take(), new Take(), new Load(B, Loaded(B)), new AwaitMap(B), new AwaitMap(A),
                new Load(A, Loaded(A)), new AwaitMap(A), new Unmap(A), new Unmap(B),
            ],
        },
        new()
        {
            Name = "dom0-maps-a-page-with-no-pager",
            Claim = "Dom0's map of a page that is out, with no ring to ask over, crashes the domain.",
            Trace = [new Attach(), .. Out(A), new Detach(), new Map(A, false), new Read(Cpu0, B), new Destroy()],
        },
    ];

    private static IReadOnlyList<PagingScenario> Drops =>
    [
        new()
        {
            Name = "dom0-takes-a-page-that-is-out",
            Claim = "A page that is out can be taken from the guest; the pager is told to drop it, and it is not counted any more.",
            Trace = [new Attach(), .. Out(A), new Remove(A), new Take(), new Count()],
        },
        new()
        {
            Name = "guest-releases-a-page-that-is-out",
            Claim = "A guest can give a page that is out back; the pager is told to drop it, and it is not counted any more.",
            Trace = [new Attach(), .. Out(A), new Release(Cpu0, B, A), new Take(), new Count()],
        },
        new()
        {
            Name = "dom0-takes-a-nominated-page",
            Claim = "A nominated page can be taken from the guest; it was never out, so there is nothing to drop and nothing to evict.",
            Trace = [new Attach(), new Nominate(A), new Remove(A), new Take(), new Evict(A), new Count(), new Read(Cpu0, A)],
        },
        new()
        {
            Name = "guest-releases-a-nominated-page",
            Claim = "A guest can give a nominated page back; it was never out, so there is nothing to drop and nothing to evict.",
            Trace = [new Attach(), new Nominate(A), new Release(Cpu0, B, A), new Take(), new Evict(A), new Count()],
        },
        new()
        {
            Name = "dom0-takes-a-page-that-never-left",
            Claim = "A nominated page that was touched and is taken away was never out: no count of such pages changes, and its memory is freed.",
            Trace = [new Attach(), new Nominate(A), new Read(Cpu0, A), new Take(), new Remove(A), new Count(), new Destroy()],
        },
    ];
}
