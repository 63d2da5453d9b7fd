using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Xen.Ioreq;

using Claim = Claim<IoreqLogdirtyState, IoreqStep>;

/// <summary>What callers may expect: each sees every change as if it had happened at once.</summary>
/// <remarks>Said of marks, which no design reads, and of what a guest and a caller can see.</remarks>
public static class IoreqLogdirtyClaims
{
    private const string Thread = "xen-devel, 2016-06-23, Re: [PATCH v4 3/3] x86/ioreq server";

    public static IReadOnlyList<Claim> All { get; } =
    [
        new EachStep<IoreqLogdirtyState, IoreqStep>(IoreqLogdirtyModel.MarkedWriteIsForwarded,
            new("currently, only write operations are to be forwarded to an ioreq server", "xen/include/public/hvm/dm_op.h, XEN_DMOP_map_mem_type_to_ioreq_server"),
            (from, step, _) => step.Kind != IoreqStepKind.Write || MarkOf(from, step) is var mark && (mark == IoreqOwner.None || Receiver(step.Outcome) == mark)),
        new EachStep<IoreqLogdirtyState, IoreqStep>(IoreqLogdirtyModel.OnlyMarkedWriteIsForwarded,
            new("you will get random failures, as bits of memory behave strangely or run very slowly for no apparent reason", Thread),
            (from, step, _) => step.Kind != IoreqStepKind.Write || MarkOf(from, step) != IoreqOwner.None || Receiver(step.Outcome) == IoreqOwner.None),
        new EachStep<IoreqLogdirtyState, IoreqStep>(IoreqLogdirtyModel.WriteCompletes,
            new("we want to make those mistakes completely harmless", Thread),
            (_, step, _) => step.Outcome != P2mOutcome.Retried),
        new EachStep<IoreqLogdirtyState, IoreqStep>(IoreqLogdirtyModel.WriteIsLogged,
            new("On first write, it page faults, its entry is changed to read-write, and on retry the write succeeds.", "xen/arch/x86/mm/paging.c, paging_log_dirty_range"),
            (_, step, to) => step.Kind != IoreqStepKind.Write || step.Outcome != P2mOutcome.Direct || !to.P2m.Globals.LogDirty || to.P2m.Entries[step.Page].Dirty),
        new EachStep<IoreqLogdirtyState, IoreqStep>(IoreqLogdirtyModel.FreeTypeCanBeMapped,
            new("Now you get a failure when you try it, and you're told exactly what the problem is -- the last guy didn't release all his entries. If you don't have the code you're still a bit stuck", Thread),
            (from, step, _) => step.Kind != IoreqStepKind.Attach || from.P2m.Globals.Sweeping || step.Outcome == P2mOutcome.Ok),
        new EachStep<IoreqLogdirtyState, IoreqStep>(IoreqLogdirtyModel.LogDirtyCanBeEnabled,
            new("I still want to keep the logdirty feature so that XenGT can use it to keep track of the dirty rams when we support live migration in the future", Thread),
            (from, step, _) => step.Kind != IoreqStepKind.EnableLogDirty || from.P2m.Globals.Sweeping || HasMark(from) || step.Outcome == P2mOutcome.Ok),
        new EachStep<IoreqLogdirtyState, IoreqStep>(IoreqLogdirtyModel.PromisedRefusal,
            new("Refuse to turn on global log-dirty mode if there are outstanding p2m_ioreq_server pages.", "xen/arch/x86/mm/hap/hap.c, hap_enable_log_dirty"),
            (from, step, _) => step.Kind != IoreqStepKind.EnableLogDirty || step.Outcome != P2mOutcome.Ok
                || !from.P2m.Globals.PromisesToRefuseLogDirty || !HasEntry(from)),
    ];

    private static IoreqOwner MarkOf(IoreqLogdirtyState state, IoreqStep step) => state.P2m.Entries[step.Page].MarkedBy;

    private static IoreqOwner Receiver(P2mOutcome outcome) => outcome switch
    {
        P2mOutcome.ForwardedToA => IoreqOwner.A,
        P2mOutcome.ForwardedToB => IoreqOwner.B,
        _ => IoreqOwner.None,
    };

    private static bool HasMark(IoreqLogdirtyState state) => Any(state, entry => entry.MarkedBy != IoreqOwner.None);

    private static bool HasEntry(IoreqLogdirtyState state) => Any(state, entry => entry.Type == P2mType.IoreqServer);

    private static bool Any(IoreqLogdirtyState state, Func<P2mEntry, bool> test)
    {
        var entries = state.P2m.Entries;
        for (var page = 0; page < entries.Count; page++)
            if (test(entries[page]))
                return true;
        return false;
    }
}
