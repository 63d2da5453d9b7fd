using System.Text.Json;
using HvLab.Harness.Cli;
using HvLab.Harness.Reports.Json;

namespace HvLab.Lab.Tests.Fuzz;

/// <summary>The command as a user types it: random plans on real KVM.</summary>
[Category("Lab")]
public sealed class FuzzCommandTests
{
    private const int Plans = 40;

    [Test]
    public async Task A_campaign_runs_its_plans_on_real_KVM_and_keeps_what_it_found()
    {
        var home = Directory.CreateTempSubdirectory("hvlab-fuzz-").FullName;
        try
        {
            using var output = new StringWriter();
            using var log = new StringWriter();
            var environment = new Dictionary<string, string>();
            foreach (System.Collections.DictionaryEntry pair in Environment.GetEnvironmentVariables())
                environment[(string)pair.Key] = (string?)pair.Value ?? "";
            var session = new Session(output, log, environment, home, Interactive: false, TimeProvider.System);
            var code = await CommandLine.InvokeAsync(
                ["fuzz", "kvm-async-pf", "--seed", "3", "--plans", $"{Plans}", "--for", "10m", "--out", "out", "--json"], session, CancellationToken.None);
            await TestContext.Out.WriteLineAsync($"{log}\n{output}");
            using var document = JsonDocument.Parse(output.ToString());
            var root = document.RootElement;
            using (Assert.EnterMultipleScope())
            {
                Assert.That(root.GetProperty("plans").GetInt32(), Is.EqualTo(Plans));
                Assert.That(root.GetProperty("trouble").ValueKind, Is.EqualTo(JsonValueKind.Null));
                Assert.That(root.GetProperty("coverage").GetProperty("visited").GetInt32(), Is.Positive);
                if (root.GetProperty("findings").GetArrayLength() == 0)
                    Assert.That(code, Is.EqualTo(ExitCode.Success));
                foreach (var finding in root.GetProperty("findings").EnumerateArray())
                    Assert.That(FuzzFile.ReadScenario(Path.Combine(home, "out", finding.GetProperty("file").GetString()!)).Story, Is.Not.Empty);
            }
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }
}
