using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingOp;

namespace HvLab.Harness.Scenarios.Xen;

// What the guest may do to a page that is out, and what Xen's calls refuse.
public static partial class PagingScenarios
{
    private static IReadOnlyList<PagingScenario> Accesses =>
    [
        new()
        {
            Name = "read-brings-the-page-back",
            Claim = "A read of a page that is out stops the vCPU, asks the pager, and finds what the pager loaded.",
            Trace = [new Attach(), new Read(Cpu0, A), .. Out(A), new Count(), .. WholeAccess(new Read(Cpu0, A), Cpu0, A), new Take(), new Count()],
        },
        new()
        {
            Name = "write-brings-the-page-back",
            Claim = "A write to a page that is out lands on top of what the pager loaded.",
            Trace = [new Attach(), .. Out(A), .. WholeAccess(new Write(Cpu0, A, 5), Cpu0, A), new Read(Cpu0, A)],
        },
        new()
        {
            Name = "locked-add-brings-the-page-back",
            Claim = "A locked read-modify-write of a page that is out adds to what the pager loaded, once.",
            Trace = [new Attach(), .. Out(A), .. WholeAccess(new Add(Cpu0, A, 5), Cpu0, A), new Read(Cpu0, A)],
        },
        new()
        {
            Name = "fetch-brings-the-page-back",
            Claim = "Code in a page that is out runs once the pager has loaded it.",
            Trace = [new Attach(), new Fetch(Cpu0, A), .. Out(A), .. WholeAccess(new Fetch(Cpu0, A), Cpu0, A)],
        },
        new()
        {
            Name = "string-copy-from-a-page-that-is-out",
            Claim = "A string copy waits for its source.",
            Trace = [new Attach(), .. Out(A), .. WholeAccess(new Copy(Cpu0, A, B), Cpu0, A), new Read(Cpu0, B)],
        },
        new()
        {
            Name = "string-copy-to-a-page-that-is-out",
            Claim = "A string copy waits for its destination.",
            Trace = [new Attach(), .. Out(B), .. WholeAccess(new Copy(Cpu0, A, B), Cpu0, B), new Read(Cpu0, B)],
        },
        new()
        {
            Name = "string-copy-between-pages-that-are-out",
            Claim = "One instruction can miss twice: it asks for its source, then for its destination.",
            Trace = [new Attach(), .. Out(A, B), .. WholeAccess(new Copy(Cpu0, A, B), Cpu0, A), .. Serve(B, Cpu0), new Await(Cpu0), new Read(Cpu0, B)],
        },
        new()
        {
            Name = "page-table-is-out",
            Claim = "A guest's page table can be out: the access through it waits, and then finds its page.",
            Trace = [new Attach(), new ReadThrough(Cpu0, B, A), .. Out(B), .. WholeAccess(new ReadThrough(Cpu0, B, A), Cpu0, B)],
        },
        new()
        {
            Name = "page-table-and-page-are-out",
            Claim = "With table and page out the table is asked for first.",
            Trace = [new Attach(), .. Out(A, B), .. WholeAccess(new ReadThrough(Cpu0, B, A), Cpu0, B), .. Serve(A, Cpu0), new Await(Cpu0)],
        },
        new()
        {
            Name = "out-and-back-eight-times",
            Claim = "A page goes out and comes back as often as it is told to, and the counts return to where they were.",
            Trace = [new Attach(), .. ForEach(8, _ => (PagingOp[])[.. Out(A), .. WholeAccess(new Add(Cpu0, A, 1), Cpu0, A)]), new Read(Cpu0, A), new Count()],
        },
        new()
        {
            Name = "many-pages-out",
            Claim = "Sixteen pages are out at once, and each comes back with its own content.",
            Trace =
            [
                new Attach(), .. ForEach(16, page => Out(Page(page))), new Count(),
                .. ForEach(16, page => WholeAccess(new Read(Cpu0, Page(15 - page)), Cpu0, Page(15 - page))), new Count(),
            ],
        },
        new()
        {
            Name = "loaded-before-anybody-asks",
            Claim = "A page may be loaded with no request outstanding; nobody is asked for it then.",
            Trace = [new Attach(), .. Out(A), new Load(A, Loaded(A)), new Count(), new Read(Cpu0, A), new Take()],
        },
    ];

    private static IReadOnlyList<PagingScenario> Errors =>
    [
        new()
        {
            Name = "nominated-once",
            Claim = "A page that is nominated or out cannot be nominated again.",
            Trace = [new Attach(), new Nominate(A), new Nominate(A), new Evict(A), new Nominate(A), new Read(Cpu0, B), new Count()],
        },
        new()
        {
            Name = "evicted-only-when-nominated",
            Claim = "Only a nominated page can be evicted, and only once.",
            Trace = [new Attach(), new Evict(A), new Read(Cpu0, A), .. Out(A), new Evict(A), new Count()],
        },
        new()
        {
            Name = "nothing-to-load",
            Claim = "A page that is there or only nominated can be neither loaded nor asked back.",
            Trace = [new Attach(), new Load(A, 1), new Prepare(A), new Nominate(A), new Load(A, 1), new Prepare(A), new Evict(A), new Load(A, Loaded(A)), new Load(A, 1), new Read(Cpu0, A)],
        },
        new()
        {
            Name = "no-page-without-its-content",
            Claim = "A page that is out does not come back without its content, whether it was asked for or not.",
            Trace = [new Attach(), .. Out(A), new Prepare(A), new Read(Cpu0, A), new Prepare(A), new Count(), .. Serve(A, Cpu0), new Await(Cpu0)],
        },
    ];
}
