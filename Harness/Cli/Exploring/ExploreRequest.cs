using System.Globalization;
using HvLab.Harness.Cli.Commands;
using HvLab.Harness.Lab;
using HvLab.Reference.Models.Exploration;

namespace HvLab.Harness.Cli.Exploring;

/// <summary>Which designs to explore, and how.</summary>
internal sealed record ExploreRequest(IReadOnlyList<(DesignModel Model, Design Design)> Designs, IReadOnlyDictionary<string, int> Given, int Workers, long MaxBytes, Reduction Reduction)
{
    /// <summary>What explorer was asked for by name must be there; what it says of a design holds for the default bounds only.</summary>
    public bool DefaultBounds => Given.Count == 0;

    /// <exception cref="LabException">A name or a bound that is not there; Configuration.</exception>
    public static ExploreRequest From(string? model, string? design, string? bounds, bool all, int workers, int megabytes, string? reduction)
    {
        try
        {
            var given = Parse(bounds);
            if (model is null && !all)
                throw new ArgumentException($"name a model, or say --all; there are {string.Join(", ", DesignModels.All.Select(known => known.Name))}.");
            if (design is not null && (model is null || all))
                throw new ArgumentException("--design is for one model, without --all.");
            if (bounds is not null && model is null)
                throw new ArgumentException("--bounds is for one model: each has its own.");
            var models = model is null ? DesignModels.All : [DesignModels.Named(model)];
            foreach (var one in models)
                Bounds.Of(one.Bounds, given);
            return new(
                [.. models.SelectMany(one => (all ? one.Designs : [design is null ? one.Designs[0] : one.DesignOf(design)]).Select(chosen => (one, chosen)))],
                given, workers, (long)megabytes << 20, ParseReduction(reduction));
        }
        catch (ArgumentException wrong)
        {
            throw RunRequests.Bad(wrong.Message);
        }
    }

    private static Dictionary<string, int> Parse(string? bounds)
    {
        var given = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var pair in (bounds ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var halves = pair.Split('=', 2);
            if (halves.Length != 2 || !int.TryParse(halves[1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
                throw new ArgumentException($"--bounds {pair}: must be NAME=NUMBER, several separated by commas.");
            given[halves[0]] = value;
        }
        return given;
    }

    private static Reduction ParseReduction(string? names) => (names ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Aggregate(Reduction.None, (all, name) => all | name switch
        {
            "symmetry" => Reduction.Symmetry,
            "partial-order" => Reduction.PartialOrder,
            _ => throw new ArgumentException($"--reduce {name}: must be 'symmetry', 'partial-order' or both, separated by a comma."),
        });
}
