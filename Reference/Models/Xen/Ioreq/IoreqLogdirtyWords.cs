using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Xen.Ioreq;

/// <summary>Steps as the discussion writes them down.</summary>
internal static class IoreqLogdirtyWords
{
    public const string Guest = "guest", Toolstack = "toolstack", Xen = "Xen";

    public static string Server(IoreqOwner server) => $"server {server}";

    private static string Page(int page) => $"gfn {"XYZUVW"[page]}";

    public static StepText Tell(in P2m<PackedEntries> from, IoreqStep step, in P2m<PackedEntries> to)
    {
        var page = Page(step.Page);
        var result = step.Outcome switch
        {
            P2mOutcome.Busy => ": EBUSY",
            P2mOutcome.Invalid => ": EINVAL",
            P2mOutcome.Retried => ", which is retried for ever",
            P2mOutcome.ForwardedToA => ", forwarded to server A",
            P2mOutcome.ForwardedToB => ", forwarded to server B",
            P2mOutcome.Direct when step.Kind == IoreqStepKind.Write => ", which goes to memory",
            _ => "",
        };
        return step.Kind switch
        {
            IoreqStepKind.Attach => new(Server(step.Server), $"maps the type{result}", Changed(from, to), Xen),
            IoreqStepKind.Detach => new(Server(step.Server), $"unmaps the type{result}", Changed(from, to), Xen),
            IoreqStepKind.Destroy => new(Server(step.Server), "is destroyed", Changed(from, to), Xen),
            IoreqStepKind.Mark => new(step.Server == IoreqOwner.None ? Toolstack : Server(step.Server), $"marks {page} as ioreq_server{result}", Changed(from, to), Xen),
            IoreqStepKind.Unmark => new(Toolstack, $"sets {page} to ram_rw{result}", Changed(from, to), Xen),
            IoreqStepKind.Read => new(Guest, $"reads {page}", Changed(from, to)),
            IoreqStepKind.Write => new(Guest, $"writes to {page}{result}", Changed(from, to),
                step.Outcome switch { P2mOutcome.ForwardedToA => Server(IoreqOwner.A), P2mOutcome.ForwardedToB => Server(IoreqOwner.B), _ => null }),
            IoreqStepKind.SweepOne => new(Xen, $"sweeps {page}", Changed(from, to)),
            IoreqStepKind.EnableLogDirty => new(Toolstack, $"enables log-dirty{result}", Changed(from, to), Xen),
            IoreqStepKind.DisableLogDirty => new(Toolstack, "disables log-dirty", Changed(from, to), Xen),
            _ => new(Toolstack, "reads and cleans the dirty pages", Changed(from, to), Xen),
        };
    }

    private static List<Belief> Changed(in P2m<PackedEntries> from, in P2m<PackedEntries> to)
    {
        var beliefs = new List<Belief>();
        if (from.Globals != to.Globals)
            beliefs.Add(new(Xen, $"{to.Globals}"));
        for (var page = 0; page < to.Entries.Count; page++)
            if (from.Entries[page] != to.Entries[page])
                beliefs.Add(new(Page(page), $"{to.Entries[page]}"));
        return beliefs;
    }
}
