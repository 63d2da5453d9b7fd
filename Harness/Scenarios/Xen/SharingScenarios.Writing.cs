using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingOp;

namespace HvLab.Harness.Scenarios.Xen;

// Who writes gets a page of their own: guests, and dom0 through its maps.
public static partial class SharingScenarios
{
    private static IReadOnlyList<SharingScenario> Writing =>
    [
        new() { Name = "client-write-gets-a-copy", Claim = "The client's write goes to a copy; the source reads what it had.", Trace = [.. Pair, Put(B, 0, 0xb1), Get(A, 0), Get(B, 0), Count(A, 0), Count(B, 0)] },
        new() { Name = "source-write-gets-a-copy", Claim = "The source's write goes to a copy; the client reads what it had.", Trace = [.. Pair, Put(A, 0, 0xa1), Get(A, 0), Get(B, 0), Count(A, 0), Count(B, 0)] },
        new() { Name = "every-word-of-a-copy", Claim = "A copy is whole: writes to the first, middle and last word find all others as they were.", Domains = 3, Trace = [.. Trio, Put(A, 0, 0xa1), Put(B, 0, 0xb1, SharingWord.Middle), Put(C, 0, 0xc1, SharingWord.Last), Put(A, 0, 0xa2, SharingWord.Last), Put(C, 0, 0xc2)] },
        new() { Name = "last-sharer-writes-in-place", Claim = "The last sharer's write needs no copy: the frame becomes its own and the handle invalid.", Trace = [.. Pair, Put(B, 0, 0xb1), Put(A, 0, 0xa1), Nom(A, 0, H2), Nom(B, 0, H3)] },
        new() { Name = "three-write-one-after-another", Claim = "Three sharers write one after another: the references fall from three to none.", Domains = 3, Trace = [.. Trio, Put(C, 0, 0xc1), Count(A, 0), Put(A, 0, 0xa1), Count(B, 0), Put(B, 0, 0xb1), Count(B, 0)] },
        new() { Name = "second-vcpu-reads-the-copy", Claim = "A vCPU that read the shared frame reads the copy once another vCPU of its domain wrote.", Vcpus = 2, Trace = [.. Pair, Get(A, 0, Cpu0), Get(A, 0, Cpu1), Put(A, 0, 0xa1, vcpu: Cpu0), Get(A, 0, Cpu1), Put(A, 0, 0xa2, vcpu: Cpu1), Get(A, 0, Cpu0), Get(B, 0, Cpu1)] },
        new() { Name = "second-vcpu-reads-what-was-shared", Claim = "A vCPU that read its own page reads the shared frame once its page was shared.", Vcpus = 2, Trace = [.. On(A, B), Put(A, 0, 0xa1), Put(B, 0, 0xb1), Get(B, 0, Cpu0), Get(B, 0, Cpu1), .. Merge(A, 0, B, 0), Get(B, 0, Cpu0), Get(B, 0, Cpu1)] },
        new() { Name = "reads-never-unshare", Claim = "However often guests read, a shared page stays shared.", Trace = [.. Pair, .. Enumerable.Repeat<SharingOp[]>([Get(A, 0), Get(B, 0)], 6).SelectMany(reads => reads), Count(A, 0)] },
        new() { Name = "copy-is-shared-again", Claim = "A page that was copied can be nominated and shared again.", Trace = [.. Pair, Put(B, 0, 0xb1), Nom(B, 0, H2), Nom(A, 0, H3), new Share(At(B, 0), H2, At(A, 0), H3), Get(A, 0), Count(A, 0)] },
        new() { Name = "shared-and-broken-eight-times", Claim = "Sharing and breaking over and over leaks nothing.", Trace = [.. On(A, B), .. Enumerable.Range(0, 8).SelectMany(round => (SharingOp[])[.. Merge(A, 0, B, 0), Put(round % 2 == 0 ? A : B, 0, 0xe0 + (uint)round)]), Put(A, 0, 1), Put(B, 0, 2)] },
        new() { Name = "unshared-after-switching-off", Claim = "Sharing that was switched off leaves pages shared; writes still copy them.", Trace = [.. Pair, new Control(A, false), new Control(B, false), Get(A, 0), Put(B, 0, 0xb1), Put(A, 0, 0xa1)] },
        new() { Name = "writes-of-neighbours", Claim = "A write breaks the page that it hits and no other.", Trace = [.. On(A, B), .. Merge(A, 0, B, 0), .. Merge(A, 1, B, 1), .. Merge(A, 2, B, 2), Put(A, 1, 0xa1, SharingWord.Last), Count(A, 0), Count(A, 2), Put(B, 2, 0xb2), Count(A, 0)] },
    ];

    private static IReadOnlyList<SharingScenario> Mapping =>
    [
        new() { Name = "read-only-map-leaves-it-shared", Claim = "Dom0 maps a shared page read-only and it stays shared.", Trace = [.. Pair, new Map(Map0, B, P(0), false), Count(A, 0), new Unmap(Map0), Count(B, 0)] },
        new() { Name = "writable-map-unshares", Claim = "Dom0 maps a shared page writable and it is unshared first, without a write.", Trace = [.. Pair, new Map(Map0, B, P(0), true), Count(A, 0), Count(B, 0), new WriteMap(Map0, SharingWord.First, 0xd0), new Unmap(Map0), Get(A, 0)] },
        new() { Name = "writable-map-of-the-last-sharer", Claim = "A writable map of a page with one reference makes it private in place.", Trace = [.. On(A), Nom(A, 0, H0), new Map(Map0, A, P(0), true), Count(A, 0), new WriteMap(Map0, SharingWord.Last, 0xd0), new Unmap(Map0), Nom(A, 0, H1)] },
        new() { Name = "read-only-map-keeps-the-old-frame", Claim = "A read-only map made before a write goes on to show the shared frame, not the writer's copy.", Trace = [.. Pair, new Map(Map0, B, P(0), false), Put(B, 0, 0xb1), Put(B, 0, 0xb2, SharingWord.Last), new Unmap(Map0)] },
        new() { Name = "read-only-map-follows-the-last-sharer", Claim = "A read-only map of a frame whose last sharer writes in place shows that write.", Trace = [.. Pair, new Map(Map0, B, P(0), false), Put(B, 0, 0xb1), Put(A, 0, 0xa1), Nom(A, 0, H2), new Unmap(Map0), Nom(A, 0, H2)] },
        new() { Name = "map-of-a-frame-that-was-given-up", Claim = "A map of a client's frame goes on to show that frame when its page was shared away.", Trace = [.. On(A, B), Put(B, 0, 0xb1), Nom(A, 0, H0), Nom(B, 0, H1), new Map(Map0, B, P(0), false), new Share(At(A, 0), H0, At(B, 0), H1), Get(B, 0), Put(A, 0, 0xa1), new Unmap(Map0)] },
        new() { Name = "two-maps-of-one-shared-page", Claim = "Through two domains dom0 maps one frame; a write tells them apart.", Trace = [.. Pair, new Map(Map0, A, P(0), false), new Map(Map1, B, P(0), false), Put(A, 0, 0xa1), Put(B, 0, 0xb1), new Unmap(Map0), new Unmap(Map1)] },
        new() { Name = "dom0-writes-through-its-map", Claim = "What dom0 writes through a writable map of one sharer nobody else reads.", Domains = 3, Trace = [.. Trio, new Map(Map0, B, P(0), true), new WriteMap(Map0, SharingWord.First, 0xd1), new WriteMap(Map0, SharingWord.Middle, 0xd2), Put(B, 0, 0xb1, SharingWord.Last), Get(A, 0), Get(C, 0), new Unmap(Map0), Count(A, 0)] },
        new() { Name = "hole-cannot-be-mapped", Claim = "A hole cannot be mapped.", Trace = [new Map(Map0, A, Hole, false), new Map(Map0, A, Hole, true)] },
    ];
}
