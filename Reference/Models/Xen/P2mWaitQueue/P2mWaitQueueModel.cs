using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Xen.P2mWaitQueue;

/// <summary>Xen, 2012: may a vCPU sleep on a wait queue in the middle of a p2m translation?</summary>
public sealed class P2mWaitQueueModel : DesignModel<P2mState, P2mStep>
{
    public override string Name => "p2m-wait-queue";
    public override string Summary => "p2m translations that sleep for paging-in or for memory to break a copy-on-write, on few physical CPUs";
    public override string OutOfScope =>
        "RCU grace periods (an RCU read side counts as the outer lock), nested locks beyond one outer lock, several domains, priorities, and what the guest does with its memory";

    public override IReadOnlyList<Design> Designs { get; } = [.. P2mDesigns.All.Select(design => design.Design)];

    public override IReadOnlyList<Bound> Bounds { get; } =
    [
        new("vcpus", 2, 1, P2mState.MaxVcpus, "vCPUs of the guest"),
        new("pcpus", 2, 1, P2mState.MaxPcpus, "physical CPUs for guest, pager and toolstack"),
        new("pages", 2, 1, 2, "gfn 0 is under the pager; gfn 1, if any, may be shared"),
    ];

    public override IReadOnlyList<string> ActorsOf(Bounds bounds) =>
        [.. Enumerable.Range(0, bounds["vcpus"]).Select(P2mSystem.NameOf), P2mSystem.Hypervisor, "pager", "toolstack", "other domains"];

    public override ISystem<P2mState, P2mStep> SystemOf(Design design, Bounds bounds) =>
        new P2mSystem(P2mDesigns.All.Single(known => known.Design == design).Traits, bounds["vcpus"], bounds["pcpus"], bounds["pages"]);

    public override IReadOnlyList<Claim<P2mState, P2mStep>> ClaimsOf(Bounds bounds) => P2mClaims.Of(bounds["vcpus"]);
}
