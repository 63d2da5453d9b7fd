using HvLab.Reference;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingOp;

namespace HvLab.Harness.Scenarios.Xen;

/// <summary>The scenarios of <see cref="SharingScenario.SubsystemName"/>; this file holds the words that they are written in.</summary>
public static partial class SharingScenarios
{
    public static IReadOnlyList<SharingScenario> All =>
    [
        .. Nominating, .. Sharing, .. Handles, .. Writing, .. Mapping, .. Ranges, .. Physmaps,
        .. Enomem, .. Helpers, .. Lifetimes, .. Paging, .. Logging, .. Crashing,
    ];

    private static SharingDomain A => new(0);
    private static SharingDomain B => new(1);
    private static SharingDomain C => new(2);
    private static VcpuId Cpu0 => new(0);
    private static VcpuId Cpu1 => new(1);
    private static SharingMap Map0 => new(0);
    private static SharingMap Map1 => new(1);
    private static SharingHandle H0 => new(0);
    private static SharingHandle H1 => new(1);
    private static SharingHandle H2 => new(2);
    private static SharingHandle H3 => new(3);
    private static SharingHandle Forged => SharingHandle.Forged;

    /// <summary>Populated pages are 0 to 3, holes 4 and 5.</summary>
    private static Gfn P(int index) => new(SharingGuest.FirstWatched.Value + (ulong)index);
    private static Gfn Hole => P(SharingGuest.Populated);

    private static SharingPage At(SharingDomain domain, int page) => new(domain, P(page));

    private static SharingOp[] On(params SharingDomain[] domains) => [.. domains.Select(domain => new Control(domain, true))];

    private static SharingOp Nom(SharingDomain domain, int page, SharingHandle into) => new Nominate(domain, P(page), into);

    private static SharingOp Put(SharingDomain domain, int page, uint value, SharingWord word = SharingWord.First, VcpuId vcpu = default) =>
        new Write(domain, vcpu, P(page), word, value);

    private static SharingOp Get(SharingDomain domain, int page, VcpuId vcpu = default) => new Read(domain, vcpu, P(page), SharingWord.First);

    private static SharingOp Count(SharingDomain domain, int page) => new CountReferences(domain, P(page));

    /// <summary>Nominates two pages, as h0 and h1 unless said otherwise, and shares them.</summary>
    private static SharingOp[] Merge(SharingDomain source, int page, SharingDomain client, int clientPage, int handle = 0) =>
    [
        Nom(source, page, new(handle)), Nom(client, clientPage, new(handle + 1)),
        new Share(At(source, page), new(handle), At(client, clientPage), new(handle + 1)),
    ];

    /// <summary>A and B, sharing on, with their first pages shared as h0.</summary>
    private static SharingOp[] Pair => [.. On(A, B), .. Merge(A, 0, B, 0)];

    /// <summary>A, B and C, sharing on, with their first pages shared as h0.</summary>
    private static SharingOp[] Trio => [.. On(A, B, C), .. Merge(A, 0, B, 0), Nom(C, 0, H1), new Share(At(A, 0), H0, At(C, 0), H1)];
}
