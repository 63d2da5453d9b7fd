using HvLab.Reference;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingOp;

namespace HvLab.Harness.Scenarios.Xen;

/// <summary>The scenarios of <see cref="PagingScenario.SubsystemName"/>; this file holds the words that they are written in.</summary>
public static partial class PagingScenarios
{
    public static IReadOnlyList<PagingScenario> All =>
        [.. Pagers, .. Accesses, .. Errors, .. Races, .. Answers, .. Hypervisor, .. Drops, .. Memory, .. FullRing, .. Ends];

    private static VcpuId Cpu0 => new(0);
    private static VcpuId Cpu1 => new(1);
    private static VcpuId Cpu(int index) => new(index);
    private static Gfn A => Page(0);
    private static Gfn B => Page(1);
    private static Gfn C => Page(2);
    private static Gfn Page(int index) => PagingGuest.Page(index);

    /// <summary>What a pager writes into a page that it brings back: no page's first word.</summary>
    private static uint Loaded(Gfn page) => 0x0b00_0000 + (uint)page.Value;

    private static PagingOp[] Out(params Gfn[] pages) => [.. pages.SelectMany(page => (PagingOp[])[new Nominate(page), new Evict(page)])];

    /// <summary>Takes the request for a page, brings the page back, and answers.</summary>
    private static PagingOp[] Serve(Gfn page, VcpuId vcpu) => [new Take(), new Load(page, Loaded(page)), new Respond(page, vcpu)];

    /// <summary>An access to a page that is out, from its start to its end.</summary>
    private static PagingOp[] WholeAccess(PagingOp access, VcpuId vcpu, Gfn page) => [access, .. Serve(page, vcpu), new Await(vcpu)];

    private static IEnumerable<T> ForEach<T>(int count, Func<int, T> make) => Enumerable.Range(0, count).Select(make);
    private static IEnumerable<T> ForEach<T>(int count, Func<int, T[]> make) => Enumerable.Range(0, count).SelectMany(make);
}
