using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingOp;

namespace HvLab.Harness.Scenarios.Xen;

// Many pages at once, and shared frames put into holes.
public static partial class SharingScenarios
{
    private static SharingOp[] Paused(params SharingOp[] operations) => [new Pause(A), new Pause(B), .. operations, new Unpause(A), new Unpause(B)];

    private static SharingOp Range(int first, int last) => new RangeShare(A, B, P(first), P(last));

    private static IReadOnlyList<SharingScenario> Ranges =>
    [
        new() { Name = "range-of-two-paused-domains", Claim = "A range of two paused domains is shared page by page.", Trace = [.. On(A, B), .. Paused(Range(0, 3)), Count(A, 0), Count(B, 3), Put(B, 2, 0xb2), Put(A, 0, 0xa0)] },
        new() { Name = "range-needs-both-paused", Claim = "A range is refused unless both domains are paused.", Trace = [.. On(A, B), Range(0, 3), new Pause(A), Range(0, 3), new Pause(B), new Unpause(A), Range(0, 3), new Pause(A), Range(0, 3)] },
        new() { Name = "range-beyond-the-memory", Claim = "A range beyond what the domains have is refused, and nothing of it is shared.", Trace = [.. On(A, B), .. Paused(new RangeShare(A, B, P(0), SharingGuest.Beyond), new RangeShare(A, B, SharingGuest.Beyond, SharingGuest.Beyond))] },
        new() { Name = "range-skips-holes", Claim = "A range skips pages that are not there.", Trace = [.. On(A, B), new Remove(B, P(1)), .. Paused(Range(0, 4)), Count(A, 0), Count(A, 1), Count(A, 3), Put(A, 1, 0xa1)] },
        new() { Name = "range-skips-mapped-pages", Claim = "A range skips a page that dom0 maps, and shares the rest.", Trace = [.. On(A, B), new Map(Map0, A, P(1), true), .. Paused(Range(0, 3)), Count(A, 0), Count(A, 1), Count(B, 1), Count(A, 2), new WriteMap(Map0, SharingWord.First, 0xd0), new Unmap(Map0)] },
        new() { Name = "range-whose-last-page-is-mapped", Claim = "A range whose last page is skipped succeeds like any other that skips one.", Trace = [.. On(A, B), new Map(Map0, A, P(3), false), .. Paused(Range(0, 3)), new Unmap(Map0)] },
        new() { Name = "range-of-one-page", Claim = "A range of one page is that page.", Trace = [.. On(A, B), .. Paused(Range(2, 2)), Count(A, 2), Count(A, 1)] },
        new() { Name = "range-twice", Claim = "A range that is shared already can be shared again: nothing changes.", Trace = [.. On(A, B), .. Paused(Range(0, 3), Range(0, 3)), Count(A, 0)] },
        new() { Name = "range-with-itself", Claim = "A range of a domain with itself only nominates its pages.", Domains = 1, Trace = [.. On(A), new Pause(A), new RangeShare(A, A, P(0), P(3)), new Unpause(A), Count(A, 0), Put(A, 0, 0xa0)] },
        new() { Name = "range-without-enabling-the-client", Claim = "A range is refused where sharing is off for the client.", Trace = [.. On(A), .. Paused(Range(0, 3))] },
        new() { Name = "range-of-three-domains", Claim = "Ranges shared one after another put three domains onto the same frames.", Domains = 3, Trace = [.. On(A, B, C), new Pause(C), .. Paused(Range(0, 3), new RangeShare(A, C, P(0), P(3))), new Unpause(C), Count(A, 0), Put(C, 1, 0xc1), Put(A, 1, 0xa1), Count(B, 1), Count(C, 3)] },
        new() { Name = "backward-range", Claim = "A range that ends before it begins shares nothing.", Trace = [.. On(A, B), .. Paused(Range(3, 1))] },
    ];

    private static IReadOnlyList<SharingScenario> Physmaps =>
    [
        new() { Name = "shared-frame-into-a-hole", Claim = "A shared frame appears in a client's hole: one more reference, one more page saved, and none of the client's own.", Trace = [.. On(A, B), Nom(A, 0, H0), new AddToPhysmap(At(A, 0), H0, At(B, 4)), Count(A, 0), Get(B, 4), Put(B, 4, 0xb4), Get(A, 0), Count(A, 0)] },
        new() { Name = "shared-frame-into-many-holes", Claim = "One frame appears in holes of two domains, its own among them.", Trace = [.. On(A, B), Nom(A, 0, H0), new AddToPhysmap(At(A, 0), H0, At(A, 4)), new AddToPhysmap(At(A, 0), H0, At(B, 4)), new AddToPhysmap(At(B, 4), H0, At(B, 5)), Count(A, 0), Put(A, 0, 0xa0), Put(B, 5, 0xb5), Count(B, 4), Put(A, 4, 0xa4), Put(B, 4, 0xb4)] },
        new() { Name = "shared-frame-over-a-page", Claim = "A shared frame is not put over a populated page, nor over a shared one.", Trace = [.. On(A, B), Nom(A, 0, H0), new AddToPhysmap(At(A, 0), H0, At(B, 1)), Nom(B, 2, H1), new AddToPhysmap(At(A, 0), H0, At(B, 2)), Count(A, 0)] },
        new() { Name = "stale-handle-into-a-hole", Claim = "A stale or forged handle puts nothing into a hole.", Trace = [.. On(A, B), Nom(A, 0, H0), Put(A, 0, 0xa0), new AddToPhysmap(At(A, 0), H0, At(B, 4)), Nom(A, 0, H1), new AddToPhysmap(At(A, 0), H0, At(B, 4)), new AddToPhysmap(At(A, 0), Forged, At(B, 4)), new AddToPhysmap(At(A, 0), H1, At(B, 4))] },
        new() { Name = "hole-of-a-client-without-sharing", Claim = "A client for which sharing is off gets no shared frame.", Trace = [.. On(A), Nom(A, 0, H0), new AddToPhysmap(At(A, 0), H0, At(B, 4)), .. On(B), new AddToPhysmap(At(A, 0), H0, At(B, 4))] },
        new() { Name = "added-page-is-taken-out-again", Claim = "A page that was added can be taken out again, and its hole be populated.", Trace = [.. On(A, B), Nom(A, 0, H0), new AddToPhysmap(At(A, 0), H0, At(B, 4)), new Remove(B, P(4)), Count(A, 0), new Populate(B, P(4)), Put(B, 4, 0xb4)] },
    ];
}
