using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Kvm.AsyncPfGuest;

using Always = Always<GuestState, GuestStep>;
using Wakes = Wakes<GuestState, GuestStep>;

/// <summary>KVM, 2009 and today: both halves of asynchronous page faults, the guest's table in every step.</summary>
public sealed class AsyncPfGuestModel : DesignModel<GuestState, GuestStep>
{
    public override string Name => "async-pf";
    public override string Summary => "asynchronous page faults in a paravirtual guest: the token table, READY on any vCPU, allocation failure, and the host's bound and broadcast";
    public override string OutOfScope =>
        "hash buckets beyond one, tasks that migrate, tokens that differ from fault to fault (the host model has them), MSRs and the LAPIC (the same), and nested guests; store buffers hold one store";

    public override IReadOnlyList<Design> Designs { get; } = [.. GuestDesigns.All.Select(design => design.Design)];

    public override IReadOnlyList<Bound> Bounds { get; } =
    [
        new("vcpus", 2, 1, GuestState.MaxVcpus, "virtual CPUs"),
        new("tasks", 2, 1, GuestState.MaxTasks, "tasks, each with a page of its own; two on the first vCPU, the third on the second"),
        new("faults", 1, 1, GuestState.MaxTasks, "asynchronous faults that a vCPU may have outstanding"),
    ];

    public override IReadOnlyList<string> ActorsOf(Bounds bounds) => [.. Enumerable.Range(0, bounds["vcpus"]).Select(GuestSystem.NameOf), GuestSystem.Table, GuestSystem.HostName];

    public override ISystem<GuestState, GuestStep> SystemOf(Design design, Bounds bounds) =>
        new GuestSystem(GuestDesigns.All.Single(known => known.Design == design).Traits, bounds["vcpus"], bounds["tasks"], bounds["faults"]);

    public override IReadOnlyList<Claim<GuestState, GuestStep>> ClaimsOf(Bounds bounds)
    {
        var (vcpus, tasks, faults) = (bounds["vcpus"], bounds["tasks"], bounds["faults"]);
        return
        [
            new Wakes("sleeper-wakes", Said("When missing page is brought back into the memory guest is notified and task resumes execution."), tasks,
                (state, task) => !state.UsedDeadNode && !state.Confused && state.Phase(task) != TaskPhase.Runs, IsFair),
            new Always("node-outlives-waker", Said("Don't you need locking here?"), state => !state.UsedDeadNode),
            new Wakes("table-empties", Said("dummy entry exist -> wake up was delivered ahead of PF"), tasks,
                (state, task) => state.Dummy(task) != 0 && state.Phase(task) is not (TaskPhase.Faulted or TaskPhase.LooksUp), IsFair),
            new Always("reason-is-understood", Said("Ah, reason is not a bitmask but an enumerator."), state => !state.Confused),
            // The page's own arrival does not count: the point is what the vCPU does until then.
            new Wakes("another-task-runs", Said("It should allow the guest to schedule a different task."), vcpus,
                (state, vcpu) => state.Current(vcpu) is var task && task != GuestState.Idle && state.Phase(task) == TaskPhase.HaltedWithInterrupts
                    && state.Page(task) != PageState.Present && OtherCouldRun(state, vcpu, vcpus, tasks),
                (from, step) => IsFair(from, step) && step.Act != GuestAct.PageArrives),
            new Always("outstanding-within-bound", new("if (vcpu->async_pf.queued >= ASYNC_PF_PER_VCPU)", "Linux virt/kvm/async_pf.c, kvm_setup_async_pf()"),
                state => Enumerable.Range(0, vcpus).All(vcpu => GuestSystem.OutstandingOn(state, vcpu, vcpus, tasks) <= faults)),
        ];
    }

    // The scheduler is fair. Nobody is obliged to touch, evict, move or run out of memory.
    private static bool IsFair(GuestState from, GuestStep step) =>
        step.Act is not (GuestAct.Touches or GuestAct.Evicts or GuestAct.Moves or GuestAct.SwitchesMode or GuestAct.RunsOutOfMemory);

    private static bool OtherCouldRun(GuestState state, int vcpu, int vcpus, int tasks)
    {
        for (var task = 0; task < tasks; task++)
            if (GuestSystem.HomeOf(task, vcpus) == vcpu && state.Phase(task) == TaskPhase.Runs)
                return true;
        return false;
    }

    private static Rule Said(string text) => new(text, GuestDesigns.Patch);
}
