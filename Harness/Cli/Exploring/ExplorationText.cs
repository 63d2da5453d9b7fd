using System.Globalization;
using HvLab.Harness.Cli.Terminal;
using HvLab.Reference.Models.Exploration;

namespace HvLab.Harness.Cli.Exploring;

/// <summary>Findings for a terminal: one design with its runs, or a table of designs against properties.</summary>
internal static class ExplorationText
{
    public static void Print(DesignModel model, DesignFindings found, TextWriter output)
    {
        output.WriteLine($"{found.Model}: {model.Summary}");
        output.WriteLine($"Design {found.Design.Name}{(found.Design.Kind == DesignKind.Faulty ? " (a deliberate fault)" : "")}: {found.Design.Summary}");
        output.WriteLine($"    {found.Design.Source}");
        output.WriteLine($"Bounds: {found.Bounds}. Left out: {model.OutOfScope}.");
        output.WriteLine(Size(found));
        output.WriteLine();
        TextTable.Print(output, "Properties", found.Properties.Select(property => new[]
        {
            Sign(property.Verdict), property.Name,
            property.Verdict switch
            {
                ClaimVerdict.Holds => "holds",
                ClaimVerdict.Broken => $"broken, shortest run {Steps(property.Steps!.Count)}",
                _ => "undecided",
            },
        }));
        foreach (var property in found.Properties)
            if (property.Steps is { } steps)
                Print(property, steps, output);
    }

    /// <summary>A table for each model; cells say what was found, and mark what the model did not say.</summary>
    public static void PrintTable(IReadOnlyList<(DesignModel Model, DesignFindings Found)> all, ExploreRequest request, TextWriter output)
    {
        foreach (var group in all.GroupBy(one => one.Model))
        {
            var model = group.Key;
            var numbered = model.Properties.Index().ToArray();
            output.WriteLine($"{model.Name}: {model.Summary}");
            output.WriteLine($"Bounds: {group.First().Found.Bounds}. Left out: {model.OutOfScope}.");
            TextTable.Print(output, numbered.Select(property => new[] { $"P{property.Index + 1}", property.Item.Name, property.Item.Rule.ToString() }));
            output.WriteLine();
            TextTable.Print(output,
            [
                ["design", "states", .. numbered.Select(property => $"P{property.Index + 1}"), ""],
                .. group.Select(one => (string[])
                [
                    (one.Found.Design.Kind == DesignKind.Faulty ? "fault " : "") + one.Found.Design.Name,
                    one.Found.States.ToString("N0", CultureInfo.InvariantCulture),
                    .. one.Found.Properties.Select(property => property.Verdict switch
                    {
                        ClaimVerdict.Holds => "·",
                        ClaimVerdict.Broken => $"✗ {property.Steps!.Count}",
                        _ => "?",
                    }),
                    Expected(one.Found, request) switch
                    {
                        false => "not as the model says",
                        null => "not finished",
                        true => one.Found.Design.IsSound ? "proven within the bounds" : "",
                    },
                ]),
            ]);
            output.WriteLine();
        }
        output.WriteLine("· holds; ✗ n broken, its shortest run has n steps; ? undecided.");
    }

    /// <summary>Whether a design does what its model says of it: true, false, or null where the exploration was not finished.</summary>
    public static bool? Expected(DesignFindings found, ExploreRequest request)
    {
        if (found.Broken.Except(found.Design.Breaks).Any() && (request.DefaultBounds || found.Design.IsSound))
            return false;
        if (found.Properties.Any(property => property.Verdict == ClaimVerdict.Undecided))
            return null;
        // Other bounds may be too small for a fault, or wide enough for more of its harm.
        return !request.DefaultBounds || found.Design.Breaks.All(found.Broken.Contains);
    }

    private static void Print(PropertyFinding property, IReadOnlyList<StepText> steps, TextWriter output)
    {
        output.WriteLine($"{property.Name} is broken: {property.Rule}");
        if (steps.Count == 0)
            output.WriteLine("  by the start itself");
        foreach (var (index, step) in steps.Index())
        {
            output.WriteLine($"  {index + 1,2}. {step}");
            foreach (var belief in step.Beliefs)
                output.WriteLine($"          {belief}");
        }
        output.WriteLine();
    }

    private static string Size(DesignFindings found) => string.Create(CultureInfo.InvariantCulture,
        $"{found.States:N0} states, {found.Transitions:N0} transitions, {Steps(found.Depth)} deep, {found.Elapsed.TotalSeconds:F2} s, {(double)found.Bytes / found.States:F0} bytes a state{(found.Complete ? "" : "; not finished: memory ran out")}");

    private static string Steps(int count) => count == 1 ? "1 step" : $"{count} steps";

    private static string Sign(ClaimVerdict verdict) => verdict switch { ClaimVerdict.Holds => "✓", ClaimVerdict.Broken => "✗", _ => "?" };
}
