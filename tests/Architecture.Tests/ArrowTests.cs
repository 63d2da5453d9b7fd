using System.Xml.Linq;

namespace HvLab.Architecture.Tests;

/// <summary>The arrows of DESIGN.md ("may reference"), read from the project files.</summary>
public sealed class ArrowTests
{
    /// <summary>Project folder to the folders it may reference itself. What is not in the table may not exist.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Reference/Vocabulary"] = [],
        ["Reference/Models"] = ["Reference/Vocabulary"],
        ["Probes/Native"] = [],
        ["Probes/Wire"] = ["Reference/Vocabulary"],
        ["Probes/Kvm"] = ["Probes/Native", "Probes/Wire", "Reference/Vocabulary", "GuestAgents/Payloads"],
        ["Probes/Xen"] = ["Probes/Native", "Probes/Wire", "Reference/Vocabulary", "GuestAgents/Payloads"],
        ["Probes/Host"] = ["Probes/Kvm", "Probes/Xen", "Probes/Wire"],
        ["GuestAgents/Payloads"] = ["Reference/Vocabulary"],
        ["GuestAgents/Linux"] = ["Reference/Vocabulary"],
        ["Harness/Lab"] = ["Reference/Vocabulary"],
        ["Harness/Drivers"] = ["Harness/Lab"],
        ["Harness/Libvirt"] = [],
        ["Harness/Provisioning"] = ["Harness/Drivers", "Harness/Libvirt", "Harness/Lab"],
        // A scenario judges its own trace: only it knows its model's types.
        ["Harness/Scenarios"] = ["Reference/Models", "Reference/Vocabulary", "Harness/Lab", "Harness/Diff"],
        ["Harness/Generation"] = ["Harness/Scenarios", "Reference/Models"],
        ["Harness/Diff"] = ["Reference/Models", "Harness/Lab"],
        // Reports while the run goes on, so that a kill leaves them readable.
        ["Harness/Scheduling"] = ["Harness/Scenarios", "Harness/Provisioning", "Harness/Diff", "Harness/Reports", "Harness/Lab", "Probes/Wire"],
        ["Harness/Reports"] = ["Harness/Diff", "Harness/Lab"],
        ["Harness/Cli"] = ["Harness/*"],
    };

    private static IEnumerable<string> ProductProjects => Repository.FilesEndingIn(".csproj").Where(file => !file.StartsWith("tests/", StringComparison.Ordinal));

    [TestCaseSource(nameof(ProductProjects))]
    public void A_project_references_only_what_the_design_allows(string project)
    {
        var folder = Path.GetDirectoryName(project)!;
        Assert.That(Allowed.Keys, Does.Contain(folder), "the design has no such project");
        foreach (var reference in References(project))
            Assert.That(Allowed[folder].Any(allowed => allowed == reference
                || (allowed.EndsWith("/*", StringComparison.Ordinal) && reference.StartsWith(allowed[..^1], StringComparison.Ordinal))),
                $"{folder} -> {reference} is no arrow of the design");
    }

    [Test]
    public void A_probe_never_reaches_a_model_by_any_path()
    {
        foreach (var project in ProductProjects.Where(p => p.StartsWith("Probes/", StringComparison.Ordinal) || p.StartsWith("GuestAgents/", StringComparison.Ordinal)))
            Assert.That(Reachable(Path.GetDirectoryName(project)!), Does.Not.Contain("Reference/Models"), project);
    }

    [Test]
    public void No_probe_or_guest_agent_names_the_models()
    {
        foreach (var file in Repository.FilesEndingIn(".cs").Where(f => f.StartsWith("Probes/", StringComparison.Ordinal) || f.StartsWith("GuestAgents/", StringComparison.Ordinal)))
            Assert.That(Repository.Read(file), Does.Not.Contain("HvLab.Reference.Models"), file);
    }

    [Test]
    public void Nothing_in_the_product_references_a_test()
    {
        foreach (var project in ProductProjects)
            Assert.That(References(project).Where(reference => reference.StartsWith("tests/", StringComparison.Ordinal)), Is.Empty, project);
    }

    [Test]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("HvLab.sln").Replace('\\', '/');
        foreach (var project in Repository.FilesEndingIn(".csproj"))
            Assert.That(solution, Does.Contain($"\"{project}\""));
    }

    private static HashSet<string> Reachable(string folder)
    {
        var seen = new HashSet<string>();
        var next = new Stack<string>([folder]);
        while (next.TryPop(out var at))
            if (seen.Add(at))
                foreach (var project in ProductProjects.Where(p => Path.GetDirectoryName(p) == at))
                    foreach (var reference in References(project))
                        next.Push(reference);
        return seen;
    }

    private static IEnumerable<string> References(string project)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, project))!;
        return XDocument.Parse(Repository.Read(project)).Descendants("ProjectReference")
            .Select(reference => Path.GetFullPath(reference.Attribute("Include")!.Value.Replace('\\', '/'), folder))
            .Select(path => Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(path)!));
    }
}
