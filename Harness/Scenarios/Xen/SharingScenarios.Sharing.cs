using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingOp;

namespace HvLab.Harness.Scenarios.Xen;

// Nominating pages, sharing them, and what handles are worth.
public static partial class SharingScenarios
{
    private static IReadOnlyList<SharingScenario> Nominating =>
    [
        new() { Name = "nominated-page-stays-readable", Claim = "A nominated page is nobody's any more, and its guest reads it as before.", Trace = [.. On(A), Nom(A, 0, H0), Get(A, 0), Count(A, 0), Get(A, 0)] },
        new() { Name = "nominated-twice", Claim = "Nominating a page again gives the handle that it has.", Trace = [.. On(A), Nom(A, 0, H0), Nom(A, 0, H1), Nom(A, 1, H2), Nom(A, 0, H3), Count(A, 0), Count(A, 1)] },
        new() { Name = "write-ends-a-nomination", Claim = "A guest's write makes a nominated page private again; a new nomination gives a new handle.", Trace = [.. On(A), Nom(A, 0, H0), Put(A, 0, 0xa1), Count(A, 0), Nom(A, 0, H1), Put(A, 0, 0xa2, SharingWord.Last), Nom(A, 0, H2), Count(A, 0)] },
        new() { Name = "hole-cannot-be-nominated", Claim = "A page that is not populated cannot be nominated.", Trace = [.. On(A), new Nominate(A, Hole, H0), new Nominate(A, SharingGuest.Beyond, H0), Nom(A, 0, H0)] },
        new() { Name = "page-mapped-read-only-cannot-be-nominated", Claim = "A page that dom0 maps read-only cannot be nominated until dom0 lets go.", Trace = [.. On(A), new Map(Map0, A, P(0), false), Nom(A, 0, H0), new Unmap(Map0), Nom(A, 0, H0)] },
        new() { Name = "page-mapped-writable-cannot-be-nominated", Claim = "A page that dom0 maps writable cannot be nominated until dom0 lets go.", Trace = [.. On(A), new Map(Map0, A, P(0), true), Nom(A, 0, H0), new WriteMap(Map0, SharingWord.Middle, 0xd0), new Unmap(Map0), Nom(A, 0, H0), Get(A, 0)] },
        new() { Name = "paused-domain-can-be-nominated", Claim = "Pages of a paused domain are nominated and shared like others.", Trace = [.. On(A, B), new Pause(A), new Pause(B), .. Merge(A, 0, B, 0), new Unpause(A), new Unpause(B), Put(B, 0, 0xb1)] },
        new() { Name = "nominated-without-enabling", Claim = "Where sharing was never enabled nothing can be nominated.", Trace = [Nom(A, 0, H0)] },
        new() { Name = "nominated-after-switching-off", Claim = "Where sharing was switched off nothing can be nominated.", Trace = [.. On(A), new Control(A, false), Nom(A, 0, H0)] },
        new() { Name = "references-without-enabling", Claim = "Where sharing was never enabled references cannot be counted.", Trace = [Count(A, 0), .. On(A), Count(A, 0), Nom(A, 0, H0), new Control(A, false), Count(A, 0)] },
        new() { Name = "nominated-in-a-domain-that-is-gone", Claim = "A domain that is gone answers ESRCH to everything.", Trace = [.. On(A, B), new Destroy(A), Nom(A, 0, H0), new Control(A, true), Count(A, 0), Nom(B, 0, H1), new Share(At(B, 0), H1, At(A, 0), H0), new Destroy(A)] },
    ];

    private static IReadOnlyList<SharingScenario> Sharing =>
    [
        new() { Name = "two-domains-share-a-page", Claim = "Two domains share one frame: a page is freed, both read it, two references are counted.", Trace = [.. Pair, Count(A, 0), Count(B, 0), Get(A, 0), Get(B, 0)] },
        new() { Name = "three-domains-share-a-page", Claim = "Three domains share one frame: two pages are freed, three references are counted.", Domains = 3, Trace = [.. Trio, Count(A, 0), Count(B, 0), Count(C, 0), Get(C, 0)] },
        new() { Name = "one-domain-shares-with-itself", Claim = "Two pages of one domain share a frame, and a write to one leaves the other.", Domains = 1, Trace = [.. On(A), .. Merge(A, 0, A, 1), Count(A, 0), Put(A, 1, 0xa1), Count(A, 0), Put(A, 0, 0xa2)] },
        new() { Name = "shared-again-by-the-client", Claim = "After sharing, the client's page with the source's handle can be shared on.", Domains = 3, Trace = [.. On(A, B, C), .. Merge(A, 0, B, 0), Nom(C, 0, H1), new Share(At(B, 0), H0, At(C, 0), H1), Count(C, 0), Put(B, 0, 0xb1), Count(A, 0)] },
        new() { Name = "two-groups-become-one", Claim = "Two shared frames are shared with one another: everybody who had either has the same.", Trace = [.. On(A, B), .. Merge(A, 0, B, 0), .. Merge(A, 1, B, 1, handle: 2), new Share(At(A, 0), H0, At(B, 1), H2), Count(A, 0), Count(A, 1), Put(A, 1, 0xa1), Put(B, 0, 0xb1), Count(B, 1)] },
        new() { Name = "shared-twice", Claim = "Sharing what is shared, with valid handles, changes nothing.", Trace = [.. Pair, new Share(At(A, 0), H0, At(B, 0), H0), new Share(At(B, 0), H0, At(A, 0), H0), Count(A, 0)] },
        new() { Name = "different-content-becomes-the-source's", Claim = "Xen does not compare contents: the client reads the source's page from then on.", Trace = [.. On(A, B), Put(A, 0, 0xa1, SharingWord.Middle), Put(B, 0, 0xb1), .. Merge(A, 0, B, 0), Get(B, 0), Put(B, 0, 0xb2, SharingWord.Last)] },
        new() { Name = "all-pages-shared", Claim = "Every page of two domains shared, some across: counters add up, and writes stay where they belong.", Trace = [.. On(A, B), .. Merge(A, 0, B, 0), .. Merge(A, 1, B, 1), .. Merge(A, 2, B, 3), .. Merge(A, 3, B, 2), Put(A, 0, 0xa0), Put(B, 1, 0xb1), Put(A, 2, 0xa2), Put(B, 2, 0xb2), Count(A, 3)] },
        new() { Name = "client-without-sharing", Claim = "A client for which sharing is off cannot be shared with.", Trace = [.. On(A), Nom(A, 0, H0), new Share(At(A, 0), H0, At(B, 0), Forged), .. On(B), Nom(B, 0, H1), new Control(B, false), new Share(At(A, 0), H0, At(B, 0), H1), .. On(B), new Share(At(A, 0), H0, At(B, 0), H1)] },
    ];

    private static IReadOnlyList<SharingScenario> Handles =>
    [
        new() { Name = "stale-source-handle", Claim = "A source handle from before a write is refused, and nothing is shared.", Trace = [.. On(A, B), Nom(A, 0, H0), Put(A, 0, 0xa1), Nom(A, 0, H1), Nom(B, 0, H2), new Share(At(A, 0), H0, At(B, 0), H2), Count(A, 0), new Share(At(A, 0), H1, At(B, 0), H2)] },
        new() { Name = "stale-client-handle", Claim = "A client handle from before a write is refused, and nothing is shared.", Trace = [.. On(A, B), Nom(A, 0, H0), Nom(B, 0, H1), Put(B, 0, 0xb1), Nom(B, 0, H2), new Share(At(A, 0), H0, At(B, 0), H1), Count(B, 0), new Share(At(A, 0), H0, At(B, 0), H2)] },
        new() { Name = "source-written-and-not-nominated", Claim = "A source that was written since is refused though its handle was never replaced.", Trace = [.. On(A, B), Nom(A, 0, H0), Nom(B, 0, H1), Put(A, 0, 0xa1), new Share(At(A, 0), H0, At(B, 0), H1), Count(B, 0)] },
        new() { Name = "client-written-and-not-nominated", Claim = "A client that was written since is refused though its handle was never replaced.", Trace = [.. On(A, B), Nom(A, 0, H0), Nom(B, 0, H1), Put(B, 0, 0xb1), new Share(At(A, 0), H0, At(B, 0), H1), Count(A, 0)] },
        new() { Name = "forged-handles", Claim = "Handles that Xen never gave are refused, source's and client's.", Trace = [.. On(A, B), Nom(A, 0, H0), Nom(B, 0, H1), new Share(At(A, 0), Forged, At(B, 0), H1), new Share(At(A, 0), H0, At(B, 0), Forged), new Share(At(A, 0), Forged, At(B, 0), Forged), new Share(At(A, 0), H1, At(B, 0), H0)] },
        new() { Name = "client-handle-dies-with-sharing", Claim = "After sharing, the client's handle is invalid everywhere.", Domains = 3, Trace = [.. On(A, B, C), .. Merge(A, 0, B, 0), Nom(C, 0, H2), new Share(At(B, 0), H1, At(C, 0), H2), new Share(At(C, 0), H2, At(B, 0), H1), new Share(At(A, 0), H0, At(C, 0), H2), Count(A, 0)] },
        new() { Name = "nobody-nominated", Claim = "Pages that nobody nominated are not shared.", Trace = [.. On(A, B), new Share(At(A, 0), Forged, At(B, 0), Forged), Nom(A, 0, H0), new Share(At(A, 0), H0, At(B, 0), Forged), new Share(At(B, 0), Forged, At(A, 0), H0)] },
        new() { Name = "shared-frame-with-forged-handles", Claim = "Handles are verified also where both pages have the same frame already.", Trace = [.. Pair, new Share(At(A, 0), Forged, At(B, 0), Forged)] },
        new() { Name = "client-handle-after-sharing-again", Claim = "Repeating a share with the client's old handle is refused: it died with the first.", Trace = [.. Pair, new Share(At(A, 0), H0, At(B, 0), H1)] },
        new() { Name = "two-holes-shared", Claim = "Two holes cannot be shared with one another.", Trace = [.. On(A, B), new Share(At(A, 4), Forged, At(B, 4), Forged)] },
        new() { Name = "hole-and-page-shared", Claim = "A hole cannot be shared with a nominated page, on either side.", Trace = [.. On(A, B), Nom(A, 0, H0), new Share(At(A, 0), H0, At(B, 4), Forged), new Share(At(B, 4), Forged, At(A, 0), H0)] },
        new() { Name = "handles-of-a-domain-that-is-gone", Claim = "The handle of a shared frame outlives the domain that gave it; another domain's page keeps it valid.", Domains = 3, Trace = [.. Trio, new Destroy(A), Nom(B, 0, H2), Nom(C, 1, H3), new Share(At(B, 0), H0, At(C, 1), H3), Count(C, 1)] },
    ];

    /// <summary>What real Xen does not survive.</summary>
    private static IReadOnlyList<SharingScenario> Crashing =>
    [
        new() { Name = "third-domain-shares-the-client", Group = SharingScenario.CrashGroup, Claim = "A client's page that a third domain shares too is shared with a new source: all three have the source's frame.", Domains = 3, Trace = [.. On(A, B, C), .. Merge(A, 0, B, 0), Nom(C, 0, H1), new Share(At(C, 0), H1, At(B, 0), H0), Count(A, 0), Put(A, 0, 0xa1)] },
        new() { Name = "writable-map-without-memory", Group = SharingScenario.CrashGroup, Claim = "Dom0's writable map for which there is no memory fails, tells the helper, and changes nothing.", Trace = [.. Full, new Map(Map0, B, P(0), true), new TakeRequest(B), Count(A, 0), new SetSpare(B, 1), new Respond(B, SharingKick.Event), new Map(Map0, B, P(0), true), Count(A, 0), new Unmap(Map0)] },
    ];
}
