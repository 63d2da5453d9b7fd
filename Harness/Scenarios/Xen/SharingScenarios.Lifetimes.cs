using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingOp;

namespace HvLab.Harness.Scenarios.Xen;

// What outlives what, and what else has a hand on a domain's pages: pagers and log-dirty mode.
public static partial class SharingScenarios
{
    private static IReadOnlyList<SharingScenario> Lifetimes =>
    [
        new() { Name = "source-is-destroyed", Claim = "The source of a shared page is destroyed; the client keeps the page and becomes its last sharer.", Trace = [.. Pair, new Destroy(A), Get(B, 0), Count(B, 0), Put(B, 0, 0xb1)] },
        new() { Name = "client-is-destroyed", Claim = "The client of a shared page is destroyed; the source keeps the page and becomes its last sharer.", Trace = [.. Pair, new Destroy(B), Get(A, 0), Count(A, 0), Put(A, 0, 0xa1)] },
        new() { Name = "all-three-are-destroyed", Claim = "Three sharers are destroyed one after another; nothing is left of the shared frames.", Domains = 3, Trace = [.. Trio, .. Merge(A, 1, C, 1, handle: 2), new Destroy(B), Count(A, 0), new Destroy(A), Count(C, 0), Count(C, 1), new Destroy(C)] },
        new() { Name = "destroyed-with-nominated-pages", Claim = "Pages that were nominated and never shared go with their domain.", Trace = [.. On(A, B), Nom(A, 0, H0), Nom(A, 1, H1), new Destroy(A), Nom(B, 0, H2)] },
        new() { Name = "destroyed-between-nominating-and-sharing", Claim = "A domain destroyed between nominating and sharing leaves the other's page nominated and its own handle worthless.", Trace = [.. On(A, B), Nom(A, 0, H0), Nom(B, 0, H1), new Destroy(A), new Share(At(A, 0), H0, At(B, 0), H1), new Share(At(B, 0), H0, At(B, 1), H1), Count(B, 0), Put(B, 0, 0xb1)] },
        new() { Name = "destroyed-in-the-middle-of-a-range", Claim = "A paused client whose range was half shared is destroyed; the source keeps everything.", Trace = [.. On(A, B), new Pause(A), new Pause(B), Range(0, 1), new Destroy(B), new RangeShare(A, B, P(2), P(3)), new Unpause(A), Count(A, 0), Put(A, 0, 0xa0), Put(A, 1, 0xa1)] },
        new() { Name = "destroyed-while-a-write-waits", Claim = "A domain is destroyed while its write waits for memory, with the request taken.", Trace = [.. Full, Put(B, 0, 0xb1), new TakeRequest(B), new Destroy(B), Count(A, 0), Put(A, 0, 0xa1)] },
        new() { Name = "destroyed-with-requests-on-the-ring", Claim = "A domain is destroyed while its write waits for memory, with the request on the ring.", Trace = [.. Full, Put(B, 0, 0xb1), new Destroy(B), Count(A, 0), Put(A, 0, 0xa1)] },
        new() { Name = "destroyed-while-dom0-maps-its-sharer", Claim = "A domain is destroyed while dom0 maps the shared frame through another: the map shows what it showed.", Trace = [.. Pair, new Map(Map0, B, P(0), false), new Destroy(A), Count(B, 0), Put(B, 0, 0xb1), new Unmap(Map0)] },
        new() { Name = "domain-in-the-place-of-another", Claim = "A new domain has nothing of the one before: its page is private, its handle new.", Trace = [.. Pair, new Destroy(B), new Create(B), .. On(B), Nom(B, 0, H2), new Share(At(A, 0), H0, At(B, 0), H2), Put(B, 0, 0xb1)] },
        new() { Name = "crashed-domain's-pages", Claim = "A crashed domain's pages stay shared, and can be shared on, until it is destroyed.", Domains = 3, Trace = [.. Trio, new SetSpare(B, 0), Put(B, 0, 0xb1), Count(A, 0), Nom(B, 1, H2), Nom(C, 1, H3), new Share(At(B, 1), H2, At(C, 1), H3), Put(C, 0, 0xc1), new Destroy(B), Count(C, 1), Put(C, 1, 0xc2)] },
        new() { Name = "shared-page-is-taken-out", Claim = "A shared page that is taken out costs a reference, and the last one the frame.", Trace = [.. Pair, new Remove(B, P(0)), Count(A, 0), new Remove(A, P(0)), new Populate(A, P(0)), Put(A, 0, 0xa1)] },
        new() { Name = "page-out-of-nowhere-is-taken-out", Claim = "A hole cannot be taken out.", Trace = [new Remove(A, Hole), new Populate(A, Hole), new Remove(A, Hole)] },
        new() { Name = "eight-domains-come-and-go", Claim = "Clients come, share, write and go; the source's counters end where they began.", Trace = [.. On(A), .. Enumerable.Range(0, 4).SelectMany(round => (SharingOp[])[.. On(B), .. Merge(A, 0, B, 0), .. Merge(A, 1, B, 1, handle: 2), Put(B, 0, 0xb0 + (uint)round), new Destroy(B), new Create(B)]), Put(A, 0, 0xa0), Put(A, 1, 0xa1)] },
    ];

    private static IReadOnlyList<SharingScenario> Paging =>
    [
        new() { Name = "shared-page-is-not-paged-out", Claim = "A shared page cannot be paged out; a private one beside it can.", Trace = [.. Pair, new EnablePaging(A), new PageOut(A, P(0)), new PageOut(A, P(1)), new PageIn(A, P(1)), Get(A, 1), Put(A, 0, 0xa0), new PageOut(A, P(0)), new PageIn(A, P(0)), Get(A, 0)] },
        new() { Name = "nominated-page-is-not-paged-out", Claim = "A page nominated for sharing cannot be paged out.", Trace = [.. On(A), new EnablePaging(A), Nom(A, 0, H0), new PageOut(A, P(0)), Count(A, 0)] },
        new() { Name = "paged-out-page-is-not-nominated", Claim = "A page that is out cannot be nominated; once it is back it can, with its content.", Trace = [.. On(A, B), Put(A, 0, 0xa1, SharingWord.Middle), new EnablePaging(A), new PageOut(A, P(0)), Nom(A, 0, H0), new PageIn(A, P(0)), .. Merge(A, 0, B, 0), Get(B, 0)] },
        new() { Name = "shared-frame-over-a-paged-out-page", Claim = "A shared frame takes the place of a page that is out, and the pager has one page less.", Trace = [.. On(A, B), new EnablePaging(B), new PageOut(B, P(0)), new PageOut(B, P(1)), Nom(A, 0, H0), new AddToPhysmap(At(A, 0), H0, At(B, 0)), Get(B, 0), Count(A, 0), Put(B, 0, 0xb0), new PageIn(B, P(1))] },
        new() { Name = "range-skips-paged-out-pages", Claim = "A range skips a page that is out.", Trace = [.. On(A, B), new EnablePaging(B), new PageOut(B, P(1)), .. Paused(Range(0, 3)), Count(A, 1), Count(A, 2), new PageIn(B, P(1)), Get(B, 1)] },
        new() { Name = "mapped-page-is-not-paged-out", Claim = "A page that dom0 maps cannot be paged out.", Trace = [new EnablePaging(A), new Map(Map0, A, P(0), false), new PageOut(A, P(0)), new Unmap(Map0), new PageOut(A, P(0)), new PageIn(A, P(0))] },
        new() { Name = "destroyed-with-pages-out-and-shared", Claim = "A domain with pages out and pages shared is destroyed, and nothing is left.", Trace = [.. Pair, new EnablePaging(B), new PageOut(B, P(1)), new PageOut(B, P(2)), new Destroy(B), Count(A, 0)] },
    ];

    private static IReadOnlyList<SharingScenario> Logging =>
    [
        new() { Name = "broken-page-is-dirty", Claim = "Under log-dirty a write to a shared page makes it dirty, in its domain and no other.", Trace = [.. Pair, new LogDirty(A, true), new LogDirty(B, true), Get(B, 0), new ReadDirty(B, false), Put(B, 0, 0xb1), new ReadDirty(B, false), new ReadDirty(A, true), new ReadDirty(B, true), new ReadDirty(B, false)] },
        new() { Name = "nominated-page-is-not-dirty", Claim = "Under log-dirty nominating and sharing equal pages makes nothing dirty.", Trace = [.. On(A, B), new LogDirty(A, true), new LogDirty(B, true), .. Merge(A, 0, B, 0), new ReadDirty(A, false), new ReadDirty(B, false), Count(A, 0)] },
        new() { Name = "cleaned-page-is-dirty-again", Claim = "After cleaning, the next write to a page that was copied makes it dirty again.", Trace = [.. Pair, new LogDirty(B, true), Put(B, 0, 0xb1), new ReadDirty(B, true), Put(B, 0, 0xb2, SharingWord.Last), new ReadDirty(B, true), new ReadDirty(B, true)] },
        new() { Name = "dirty-page-is-shared", Claim = "A page that is dirty stays so when it is shared.", Trace = [.. On(A, B), new LogDirty(A, true), Put(A, 0, 0xa1), .. Merge(A, 0, B, 0), new ReadDirty(A, true), Put(A, 0, 0xa2), new ReadDirty(A, true), new LogDirty(A, false), Put(A, 0, 0xa3)] },
        new() { Name = "writable-map-makes-dirty", Claim = "Under log-dirty a writable map that unshares a page makes it dirty.", Trace = [.. Pair, new LogDirty(B, true), new Map(Map0, B, P(0), false), new ReadDirty(B, false), new Unmap(Map0), new Map(Map0, B, P(0), true), new ReadDirty(B, true), new Unmap(Map0)] },
        new() { Name = "content-changed-by-sharing-is-dirty", Claim = "Under log-dirty a client's page whose content changes by sharing is dirty.", Trace = [.. On(A, B), Put(A, 0, 0xa1), new LogDirty(B, true), .. Merge(A, 0, B, 0), new ReadDirty(B, true)] },
        new() { Name = "page-added-to-a-hole-is-dirty", Claim = "Under log-dirty a shared frame that appears in a hole is dirty.", Trace = [.. On(A, B), Nom(A, 0, H0), new LogDirty(B, true), new AddToPhysmap(At(A, 0), H0, At(B, 4)), new ReadDirty(B, true)] },
        new() { Name = "log-dirty-twice", Claim = "Log-dirty mode is not switched on twice; off twice does no harm, whatever is shared.", Trace = [.. Pair, new LogDirty(A, true), new LogDirty(A, true), new LogDirty(A, false), new LogDirty(A, false), Put(A, 0, 0xa1)] },
        new() { Name = "memory-comes-under-log-dirty", Claim = "A write that waited for memory makes its page dirty when it completes, not before.", Trace = [.. Full, new LogDirty(B, true), Put(B, 0, 0xb1), new ReadDirty(B, false), new TakeRequest(B), new SetSpare(B, 1), new Respond(B, SharingKick.Event), new ReadDirty(B, true)] },
    ];
}
