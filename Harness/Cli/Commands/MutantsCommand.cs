using System.CommandLine;
using HvLab.Harness.Cli.Boxes;
using HvLab.Harness.Cli.Terminal;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Provisioning.Kernels;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Scheduling;
using HvLab.Harness.Scheduling.Mutants;

namespace HvLab.Harness.Cli.Commands;

/// <summary>'hvlab mutants': does the harness find bugs that were put in on purpose?</summary>
internal static class MutantsCommand
{
    public static Command Create(Session session)
    {
        var hypervisor = new Argument<string>("HYPERVISOR") { HelpName = "HYPERVISOR", Description = "Whose mutants: 'kvm' or 'xen'." }.AcceptOnlyFromAmong("kvm", "xen");
        var filter = RunOptionSymbols.Text("--filter", "PATTERN", "Only mutants whose name matches; '*' stands for anything.");
        var output = RunOptionSymbols.Text("--out", "DIR", "Where the table and the runs go; without it, a new directory under runs/.");
        var json = new Option<bool>("--json") { Description = "Print mutants.json on standard output, and nothing else." };
        var command = new Command("mutants",
            "Rebuilds the hypervisor unchanged and with each known bug put back in, runs the suite on it, and shows which were found.")
        {
            hypervisor, filter, output, json,
        };
        command.WithExamples(
            ("./hvlab mutants kvm", "all mutants of KVM: found or not, by which scenario, after how long; 0 when every one was found"),
            ("./hvlab mutants xen", "the same for Xen, each rebuilt where the edit reaches"),
            ("./hvlab mutants kvm --filter 'token*'", "some of them, and the control, which always comes first"));
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(hypervisor)!, parsed.GetValue(filter), parsed.GetValue(output), parsed.GetValue(json), parsed.Settings(), session, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        string hypervisor, string? filter, string? output, bool json, IReadOnlyList<string> settings, Session session, CancellationToken cancellation)
    {
        var template = RunRequests.From(new RunOptions { Suites = [hypervisor == "xen" ? "xen" : "kvm-async-pf"], FailFast = true, Set = settings }, session);
        var mutants = Choose(hypervisor == "xen" ? MutantCatalog.LoadXen(session.Paths) : MutantCatalog.LoadKvm(session.Paths), filter);
        var directory = CheckOut(output, session)
            ?? Path.Combine(template.RunsDirectory, RunNames.NewId([$"mutants-{hypervisor}"], session.Clock));
        var table = await RunView.WatchAsync(session, json, observer => new MutantRun(session.Clock).RunAsync(
            template, mutants, directory, observer, new Told<MutantOutcome>(outcome => observer.Note(MutantTable.Line(outcome))), cancellation));
        if (json)
            await session.Output.WriteLineAsync(table.ToJson());
        else
            MutantTable.Print(table, mutants.Count, directory, session);
        return ExitCode.Of(table);
    }

    private static IReadOnlyList<Mutant> Choose(IReadOnlyList<Mutant> all, string? filter)
    {
        var chosen = all.Where(mutant => filter is null || NamePattern.Matches(filter, mutant.Name)).ToArray();
        return chosen.Length > 0 ? chosen
            : throw RunRequests.Bad($"--filter {filter}: no mutant's name matches; there are {string.Join(", ", all.Select(mutant => mutant.Name))}.");
    }

    private static string? CheckOut(string? output, Session session)
    {
        if (output is null)
            return null;
        var path = Path.GetFullPath(output, session.Directory);
        if (File.Exists(path))
            throw RunRequests.Bad($"--out {path}: this is a file; give a directory.");
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any() && !File.Exists(Path.Combine(path, MutantsFile.Name)))
            throw RunRequests.Bad($"--out {path}: the directory holds other files; give a new one, an empty one, or an earlier table to replace.");
        return path;
    }
}
