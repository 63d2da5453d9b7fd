using System.Text.RegularExpressions;

namespace HvLab.Harness.Provisioning.Setup;

/// <summary>One-off apt options that add the release's backports, kept in a private directory of the cache.</summary>
/// <param name="Suite">For instance "bookworm-backports".</param>
/// <param name="Options">For apt-get: private source list and private package lists.</param>
/// <param name="Packages">What has to come from there.</param>
internal sealed partial record Backports(string Suite, IReadOnlyList<string> Options, IReadOnlyList<string> Packages)
{
    /// <summary>Null where the machine's own sources offer every missing package in a version that does.</summary>
    public static async Task<Backports?> PrepareAsync(
        Machine machine, Tools tools, string directory, IReadOnlyList<RequirementState> missing, CancellationToken cancellation)
    {
        var tooOld = new List<string>();
        foreach (var requirement in missing.Select(state => state.Requirement).Where(r => r.AtLeast is not null))
        {
            var policy = await tools.RunAsync("apt-cache", ["policy", requirement.Package], cancellation);
            if (Candidate(policy.Output) is not { } offered || offered < requirement.AtLeast)
                tooOld.Add(requirement.Package);
        }
        var codename = machine.Codename();
        if (tooOld.Count == 0 || codename is null)
            return null;
        var own = AptSources.Read(machine.Root);
        var mirror = own.FirstOrDefault(source => source.Suites.Contains(codename) && source.Components.Contains("main"));
        if (mirror is null)
            return null;

        var suite = $"{codename}-backports";
        Directory.CreateDirectory(Path.Combine(directory, "lists", "partial"));
        // apt tells the format by the name's end. The machine's own sources stay in, for the dependencies.
        var list = Path.Combine(directory, "private.sources");
        await File.WriteAllTextAsync(list,
            string.Concat(own.Append(mirror with { Suites = [suite], Components = ["main"] }).Select(source => source.ToStanza())), cancellation);
        return new(suite, PrivateApt.Options(list, Path.Combine(directory, "lists")), tooOld);
    }

    /// <summary>The upstream part of "  Candidate: 1:10.0.2+ds-2…".</summary>
    internal static Version? Candidate(string policy) =>
        CandidatePattern().Match(policy) is { Success: true } match ? Version.Parse(match.Groups[1].Value) : null;

    [GeneratedRegex(@"Candidate: (?:\d+:)?(\d+\.\d+(?:\.\d+)?)")]
    private static partial Regex CandidatePattern();
}
