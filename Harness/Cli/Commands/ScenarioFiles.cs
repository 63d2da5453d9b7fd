using System.Text.Json;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Scenarios;
using HvLab.Harness.Scenarios.Fuzz;
using HvLab.Harness.Scheduling;

namespace HvLab.Harness.Cli.Commands;

/// <summary>Scenario files of './hvlab fuzz' on the way back into a box.</summary>
internal static class ScenarioFiles
{
    public static bool IsOne(string argument, Session session) =>
        argument.EndsWith(".json", StringComparison.Ordinal) && File.Exists(Path.GetFullPath(argument, session.Directory));

    /// <param name="alone">False where the line said more than a scenario file can take.</param>
    public static Task<int> ReplayAsync(string argument, RunOptions options, bool alone, Session session, Action<RunOutcome> tell, CancellationToken cancellation)
    {
        if (!alone)
            throw RunRequests.Bad("A scenario file is one scenario, and is judged when it runs: leave SCENARIO and --check out.");
        var path = Path.GetFullPath(argument, session.Directory);
        var file = FuzzFile.ReadScenario(path);
        var target = FuzzTargets.Of(file.Subsystem) ?? throw RunRequests.Bad(
            $"{argument}: there is no subsystem '{file.Subsystem}'; there are {string.Join(", ", FuzzTargets.All.Select(known => known.Subsystem))}.");
        var scenario = Read(target, file, argument);
        var lab = session.LoadLab(options.Set);
        options = options with { Suites = [SuiteOf(lab, target.Subsystem)], Release = options.Release ?? (lab.Releases.ContainsKey(file.Release) ? file.Release : null) };
        return RunCommand.RunAsync(options, session, cancellation, tell, request => request with
        {
            Own = [scenario],
            Command = ["replay", path, .. options.Release is { } release ? (string[])["--release", release] : [], .. options.Set.SelectMany(setting => (string[])["--set", setting])],
        });
    }

    /// <summary>The suite that holds all scenarios of a subsystem.</summary>
    public static string SuiteOf(LabConfig lab, string subsystem) =>
        lab.Suites.Values.FirstOrDefault(suite => suite.Scenarios.Contains($"{subsystem}/*"))?.Name
        ?? throw RunRequests.Bad($"lab-config/suites.json has no suite of '{subsystem}/*', so nothing says what it boots on.");

    private static IScenario Read(IFuzzTarget target, ScenarioFileDocument file, string argument)
    {
        try
        {
            return target.Read(file.Name, file.Claim, file.Plan);
        }
        catch (Exception malformed) when (malformed is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw RunRequests.Bad($"{argument}: its plan is none of {target.Subsystem} ({malformed.Message}). Was it written by another version of HvLab?");
        }
    }
}
