using System.CommandLine;
using System.Globalization;
using System.Text;
using HvLab.Harness.Cli.Exploring;
using HvLab.Harness.Reports;
using HvLab.Harness.Reports.Json;

namespace HvLab.Harness.Cli.Commands;

/// <summary>'hvlab explore': every interleaving of a bounded model, against its properties.</summary>
internal static class ExploreCommand
{
    private const int MaxWorkers = 64, DefaultMegabytes = 2048;

    public static Command Create(Session session)
    {
        var model = new Argument<string?>("MODEL") { Description = "Which model; './hvlab explore --all' shows all.", Arity = ArgumentArity.ZeroOrOne };
        var design = RunOptionSymbols.Text("--design", "NAME", "Which of the model's designs or deliberate faults; without it, the first.");
        var bounds = RunOptionSymbols.Text("--bounds", "NAME=N,…", "How many of what there are, instead of the model's defaults.");
        var all = new Option<bool>("--all") { Description = "Every design of the model, or of all models, as a table of designs against properties." };
        var json = new Option<bool>("--json") { Description = "Print JSON on standard output, and nothing else." };
        var workers = RunOptionSymbols.Number("--workers", "Threads to explore with.", 1, MaxWorkers);
        var memory = RunOptionSymbols.Number("--memory", "MiB that visited states may take; what needs more ends undecided.", DefaultMegabytes, 1 << 20);
        var reduce = RunOptionSymbols.Text("--reduce", "HOW", "Visit less: 'symmetry', 'partial-order', or both. Whether sleepers wake is then left undecided.");
        var directory = RunOptionSymbols.Text("--out", "DIR", "Where explore.json, a page and a drawing of each counterexample go.");
        var command = new Command("explore", "Visits every state of a model within bounds and judges its properties; needs no box.")
        {
            model, design, bounds, all, json, workers, memory, reduce, directory,
        };
        command.WithExamples(
            ("./hvlab explore p2m-wait-queue", "the discussion's own proposal, and the runs that break it"),
            ("./hvlab explore p2m-wait-queue --design same-pcpu --bounds vcpus=3,pcpus=2", "another design, other bounds"),
            ("./hvlab explore --all", "all designs of all models against all properties; 0 when each does what its model says"));
        command.SetAction((parsed, cancellation) =>
        {
            var request = ExploreRequest.From(parsed.GetValue(model), parsed.GetValue(design), parsed.GetValue(bounds), parsed.GetValue(all),
                parsed.GetValue(workers), parsed.GetValue(memory), parsed.GetValue(reduce));
            return Task.FromResult(Explore(request, parsed.GetValue(all), parsed.GetValue(json), parsed.GetValue(directory), session, cancellation));
        });
        return command;
    }

    private static int Explore(ExploreRequest request, bool table, bool json, string? directory, Session session, CancellationToken cancellation)
    {
        var found = Exploration.Run(request, session, cancellation);
        var documents = found.Select(one => ExplorationDocument.Of(one.Model, one.Found)).ToArray();
        if (directory is not null)
        {
            var target = Path.GetFullPath(directory, session.Directory);
            ExplorationReports.Write(target, documents);
            session.Error.WriteLine($"Drawings: {Path.Combine(target, ExplorationReports.Page)}");
        }
        if (json)
            session.Output.WriteLine(Encoding.UTF8.GetString(table
                ? ExplorationFile.ToJson(new ExplorationsDocument(documents))
                : ExplorationFile.ToJson(documents[0])));
        else if (table)
            ExplorationText.PrintTable(found, request, session.Output);
        else
            ExplorationText.Print(found[0].Model, found[0].Found, session.Output);
        var asSaid = found.Select(one => ExplorationText.Expected(one.Found, request)).ToArray();
        return asSaid.Contains(false) ? ExitCode.Failure : asSaid.Contains(null) ? ExitCode.Unknown : ExitCode.Success;
    }
}
