using System.CommandLine;
using HvLab.Harness.Cli.Terminal;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Scenarios;

namespace HvLab.Harness.Cli.Commands;

/// <summary>'hvlab list': what there is to run, and on what.</summary>
internal static class ListCommand
{
    public static Command Create(Session session)
    {
        var command = new Command("list", "Shows suites, scenarios with their claims and needs, boxes and releases.");
        var pattern = new Argument<string?>("PATTERN")
        {
            Description = "Only scenarios whose id matches; '*' stands for anything.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        command.Add(pattern);
        command.WithExamples(
            ("./hvlab list", "everything"),
            ("./hvlab list 'kvm-async-pf/*ready*'", "some scenarios"));
        command.SetAction(parsed => Print(session.LoadLab(parsed.Settings()), parsed.GetValue(pattern), session.Output));
        return command;
    }

    private static void Print(LabConfig lab, string? pattern, TextWriter output)
    {
        var shown = Catalog.All.Where(scenario => pattern is null || NamePattern.Matches(pattern, scenario.Id)).ToArray();
        TextTable.Print(output, "Suites", lab.Suites.Values.Select(suite => new[]
        {
            Marked(suite.Name, lab.Defaults.Suites.Contains(suite.Name)),
            $"{Catalog.All.Count(scenario => suite.Scenarios.Any(p => NamePattern.Matches(p, scenario.Id)))} scenarios",
            suite.Description,
        }));
        output.WriteLine($"Scenarios ({shown.Length})");
        foreach (var scenario in shown)
        {
            output.WriteLine($"  {scenario.Id}");
            output.WriteLine($"      {scenario.Claim}");
            output.WriteLine($"      needs {scenario.Needs}");
        }
        output.WriteLine();
        TextTable.Print(output, "Boxes", lab.Boxes.Values.Select(box => new[]
        {
            Marked(box.Name, box.Name == lab.Defaults.Box), box.Type, box.Type == "qemu" ? $"accel {JsonNameOf(box.Accel)}" : box.CpuModel, $"{box.Cpus} CPU{(box.Cpus == 1 ? "" : "s")}", $"{box.MemoryMiB} MiB",
        }));
        TextTable.Print(output, "Releases", lab.Releases.Values.Select(release => new[]
        {
            Marked(release.Name, release.Name == lab.Defaults.Release), release.Hypervisor, release.Xen ?? (release.XenPackage.Length > 0 ? $"{release.XenPackage}, {release.XenFlavour}" : release.Kernel ?? release.KernelPackage), release.Description,
        }));
        output.WriteLine("* used where no option says otherwise");
    }

    private static string Marked(string name, bool isDefault) => isDefault ? $"{name} *" : name;

    private static string JsonNameOf(Acceleration accel) => accel.ToString().ToLowerInvariant();
}
