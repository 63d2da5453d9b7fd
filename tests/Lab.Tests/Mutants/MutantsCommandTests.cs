using HvLab.Harness.Cli;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Json;

namespace HvLab.Lab.Tests.Mutants;

/// <summary>The command as a user types it: real KVM rebuilt, booted, judged.</summary>
[Category("Lab")]
public sealed class MutantsCommandTests
{
    private static async Task<(int Code, MutantOutcomes Table, string Log, string Directory)> RunAsync(string filter, string directory)
    {
        using var output = new StringWriter();
        using var log = new StringWriter();
        var environment = new Dictionary<string, string>();
        foreach (System.Collections.DictionaryEntry pair in Environment.GetEnvironmentVariables())
            environment[(string)pair.Key] = (string?)pair.Value ?? "";
        var session = new Session(output, log, environment, directory, Interactive: false, TimeProvider.System);
        var code = await CommandLine.InvokeAsync(["mutants", "kvm", "--filter", filter, "--out", "out", "--json"], session, CancellationToken.None);
        await TestContext.Out.WriteLineAsync($"{log}\n{output}");
        return (code, MutantOutcomes.FromJson(output.ToString()), log.ToString(), Path.Combine(directory, "out"));
    }

    [Test]
    public async Task The_control_passes_and_two_mutants_are_found()
    {
        var home = Directory.CreateTempSubdirectory("hvlab-mutants-").FullName;
        try
        {
            var (code, table, log, directory) = await RunAsync("tokens-*", home);
            Assert.That(code, Is.Zero, log);
            Assert.That(table.Mutants.Select(outcome => (outcome.Mutant, outcome.Found)),
                Is.EqualTo(new (string, bool?)[] { ("control", false), ("tokens-swapped", true), ("tokens-reused", true) }));
            var found = table.Mutants[1];
            Assert.Multiple(() =>
            {
                Assert.That(found.ByScenario, Does.StartWith("kvm-async-pf/"));
                Assert.That(found.Note, Does.Contain("saw"));
                Assert.That(found.InBoxMs, Is.Positive.And.LessThan(found.AfterMs!.Value), "the boot is in one of them only");
                Assert.That(MutantOutcomes.FromJson(File.ReadAllText(Path.Combine(directory, MutantsFile.Name))).Mutants, Is.EqualTo(table.Mutants));
                Assert.That(RunDirectory.Load(Path.Combine(directory, "control")).Host!.LabPatched, Is.False);
                Assert.That(RunDirectory.Load(Path.Combine(directory, "control")).Scenarios.Where(s => s.Verdict is not Verdict.Success && s.KnownDeviation is null), Is.Empty);
                Assert.That(RunDirectory.Load(Path.Combine(directory, "tokens-swapped")).Host!.LabPatched, Is.True, "the report must say who broke it");
            });
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }
}
