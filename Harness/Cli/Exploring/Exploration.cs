using System.Globalization;
using HvLab.Reference.Models.Exploration;

namespace HvLab.Harness.Cli.Exploring;

/// <summary>Runs what was asked for, telling how it goes.</summary>
internal static class Exploration
{
    public static IReadOnlyList<(DesignModel Model, DesignFindings Found)> Run(ExploreRequest request, Session session, CancellationToken cancellation)
    {
        var all = new List<(DesignModel, DesignFindings)>();
        foreach (var (model, design) in request.Designs)
        {
            var options = new ExplorerOptions
            {
                Workers = request.Workers,
                MaxBytes = request.MaxBytes,
                Reduction = request.Reduction,
                Clock = session.Clock,
                Cancellation = cancellation,
                Progress = new Boxes.Told<ExplorationProgress>(now => session.Error.WriteLine(Line(model, design, now))),
            };
            all.Add((model, model.Explore(design, Bounds.Of(model.Bounds, request.Given), options)));
        }
        return all;
    }

    private static string Line(DesignModel model, Design design, ExplorationProgress now) => string.Create(CultureInfo.InvariantCulture,
        $"{now.Elapsed.TotalSeconds,6:F1}s  {model.Name} {design.Name}: {now.States:N0} states, {now.StatesPerSecond:N0}/s, depth {now.Depth}, {now.Bytes / 1048576.0:F0} MiB");
}
