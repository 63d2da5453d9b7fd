using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Xen.Ioreq;

using Claim = Claim<IoreqLogdirtyState, IoreqStep>;

/// <summary>Who gets a write, and what the log knows of it, while servers come and go and types change lazily.</summary>
public sealed class IoreqLogdirtyModel : DesignModel<IoreqLogdirtyState, IoreqStep>
{
    public const string ModelName = "ioreq-logdirty";

    public override string Name => ModelName;
    public override string Summary => "ioreq servers, the lazy change of all p2m entries, and log-dirty";
    public override string OutOfScope =>
        "superpages, alternate p2ms and log-dirty ranges; devices and dom0 that write; a vCPU that waits for a server; page types that never change";

    public override IReadOnlyList<Design> Designs { get; } =
    [
        Proposed(IoreqDesigns.SweepOnDetach),
        Proposed(IoreqDesigns.Xen, WriteCompletes, WriteIsLogged, FreeTypeCanBeMapped, LogDirtyCanBeEnabled),
        Proposed(IoreqDesigns.ResolveBeforeSecondChange),
        Proposed(IoreqDesigns.RefuseNewServer, FreeTypeCanBeMapped),
        Proposed(IoreqDesigns.RefuseLogDirtyWhileMapped, MarkedWriteIsForwarded, LogDirtyCanBeEnabled),
        Proposed(IoreqDesigns.RefuseLogDirtyWhileOutstanding, MarkedWriteIsForwarded, LogDirtyCanBeEnabled),
        Proposed(IoreqDesigns.LazyReset, MarkedWriteIsForwarded),
        Proposed(IoreqDesigns.LazyKeep, OnlyMarkedWriteIsForwarded),
        Proposed(IoreqDesigns.SweepWithoutBarrier, OnlyMarkedWriteIsForwarded),
        Faulty(IoreqDefect.FinishChangesNothing, WriteCompletes, WriteIsLogged),
        Faulty(IoreqDefect.SweepStopsEarly, FreeTypeCanBeMapped, LogDirtyCanBeEnabled),
        Faulty(IoreqDefect.EntriesLeftAfterDetach, WriteCompletes, FreeTypeCanBeMapped, LogDirtyCanBeEnabled),
        Faulty(IoreqDefect.WriteLandsInRam, MarkedWriteIsForwarded, WriteIsLogged),
        Faulty(IoreqDefect.SecondServerAccepted, OnlyMarkedWriteIsForwarded),
        Faulty(IoreqDefect.LogDirtyAccepted, PromisedRefusal),
        Faulty(IoreqDefect.CleanProtectsNothing, WriteIsLogged),
        Faulty(IoreqDefect.DirtyBitLost, WriteIsLogged),
        Faulty(IoreqDefect.StrangerDetaches, MarkedWriteIsForwarded),
        Faulty(IoreqDefect.ForwardedToTheWrongServer, MarkedWriteIsForwarded),
        Faulty(IoreqDefect.SetSkipsResolution, MarkedWriteIsForwarded),
        Faulty(IoreqDefect.CleanTakesForwardedPages, MarkedWriteIsForwarded),
    ];

    public override IReadOnlyList<Bound> Bounds { get; } = [new("pages", 3, 1, PackedEntries.Most, "pages of the guest")];

    public override IReadOnlyList<string> ActorsOf(Bounds bounds) =>
        [IoreqLogdirtyWords.Guest, IoreqLogdirtyWords.Server(IoreqOwner.A), IoreqLogdirtyWords.Server(IoreqOwner.B), IoreqLogdirtyWords.Toolstack, IoreqLogdirtyWords.Xen];

    public override ISystem<IoreqLogdirtyState, IoreqStep> SystemOf(Design design, Bounds bounds)
    {
        ArgumentNullException.ThrowIfNull(design);
        ArgumentNullException.ThrowIfNull(bounds);
        return new IoreqLogdirtySystem(DesignNamed(design.Name), bounds["pages"]);
    }

    public static IoreqDesign DesignNamed(string name) =>
        IoreqDesigns.All.FirstOrDefault(design => design.Name == name)
        ?? IoreqDesigns.With(Enum.GetValues<IoreqDefect>().First(defect => IoreqDesigns.NameOf(defect) == name));

    public override IReadOnlyList<Claim> ClaimsOf(Bounds bounds) => IoreqLogdirtyClaims.All;

    public const string MarkedWriteIsForwarded = "marked-write-reaches-its-server";
    public const string OnlyMarkedWriteIsForwarded = "only-marked-writes-are-forwarded";
    public const string WriteCompletes = "write-completes";
    public const string WriteIsLogged = "logged-write-is-dirty";
    public const string FreeTypeCanBeMapped = "free-type-can-be-mapped";
    public const string LogDirtyCanBeEnabled = "log-dirty-can-be-enabled";
    public const string PromisedRefusal = "promised-refusal-is-given";

    private static Design Proposed(IoreqDesign design, params string[] breaks) =>
        new(design.Name, design.Summary, design.Source, DesignKind.Proposed, breaks);

    private static Design Faulty(IoreqDefect defect, params string[] breaks) =>
        new(IoreqDesigns.NameOf(defect), IoreqDefects.SummaryOf(defect), IoreqDefects.SourceOf(defect), DesignKind.Faulty, breaks);
}
