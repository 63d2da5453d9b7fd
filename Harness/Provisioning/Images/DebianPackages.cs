using System.Globalization;
using System.Text.RegularExpressions;
using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Cache;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Provisioning.Images;

/// <summary>A package as apt chose it. Version includes the epoch.</summary>
public sealed record PackageVersion(string Name, string Version)
{
    public override string ToString() => $"{Name}={Version}";
}

/// <summary>
/// Packages of the machine's own release, or of another Debian release from the same mirror, resolved and downloaded by apt as any user: with an empty status file, so that what
/// is installed on the machine has no say. What was resolved is kept, and asked again only when the machine's package lists change.
/// </summary>
/// <param name="debian">Codename of the other release; empty, or the machine's own, for the machine's own.</param>
/// <param name="root">The machine's root directory.</param>
public sealed partial class DebianPackages(Tools tools, ContentCache cache, string debian = "", string root = "/")
{
    private readonly Machine _machine = new([], root);

    private string Home => Path.Combine(cache.Root, "apt");

    /// <summary>Null for the machine's own release.</summary>
    private string? Other => debian.Length > 0 && debian != _machine.Codename() ? debian : null;

    /// <summary>The packages and everything they depend on, without Recommends.</summary>
    public async Task<IReadOnlyList<PackageVersion>> ResolveAsync(
        IReadOnlyList<string> packages, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(packages);
        ArgumentNullException.ThrowIfNull(progress);
        var record = Path.Combine(Home, $"resolved-{Hash.Of(Other is { } release ? [release, .. packages] : packages)[..16]}");
        var lists = ListsFingerprint();
        var known = Read(record, out var knownLists);
        if (known.Count > 0 && knownLists == lists)
            return known;
        try
        {
            IReadOnlyList<PackageVersion> resolved = [];
            await DiskSpace.GuardAsync(Home, async () =>
            {
                resolved = await ResolveByAptAsync(packages, progress, cancellation);
                Write(record, lists, resolved);
            });
            return resolved;
        }
        catch (LabException unreachable) when (known.Count > 0 && unreachable.Reason == LabFault.MissingTool)
        {
            // The lists may be gone, or the network: what was built from the known versions is as good as it was.
            progress.Report($"the package lists changed but could not be used, so the known versions stay: {unreachable.Message}");
            return known;
        }
    }

    /// <summary>A cache entry with the .deb files of these packages. apt checks their hashes against its signed lists.</summary>
    public Task<string> DownloadAsync(IReadOnlyList<PackageVersion> packages, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(packages);
        ArgumentNullException.ThrowIfNull(progress);
        return cache.GetOrBuildAsync("packages", Hash.Of([.. Other is { } release ? [release] : (string[])[], .. packages.Select(p => p.ToString())]), async (directory, token) =>
        {
            progress.Report($"downloading {packages.Count} packages: {string.Join(' ', packages.Take(4))}{(packages.Count > 4 ? " …" : "")}");
            await WithListsAsync("downloading packages", progress, options =>
                tools.RunAsync("apt-get", [.. options, "-o", "APT::Sandbox::User=root", "download", .. packages.Select(p => p.ToString())], token, directory), token);
        }, cancellation, waiting: progress);
    }

    /// <summary>Unpacks every .deb of a directory into another.</summary>
    public async Task ExtractAsync(string debs, string target, CancellationToken cancellation)
    {
        foreach (var deb in Directory.GetFiles(debs, "*.deb").Order(StringComparer.Ordinal))
            await tools.RequireAsync(LabFault.Image, "The package file is damaged: remove it from the cache and run the command again.",
                "dpkg-deb", ["-x", deb, target], cancellation);
    }

    private async Task<IReadOnlyList<PackageVersion>> ResolveByAptAsync(
        IReadOnlyList<string> packages, IProgress<string> progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Home);
        var empty = Path.Combine(Home, "status");
        await File.WriteAllTextAsync(empty, "", cancellation);
        var said = await WithListsAsync($"resolving {string.Join(' ', packages)}", progress, options => tools.RunAsync("apt-get",
            [.. options, "-o", $"Dir::State::status={empty}", "-s", "install", "--no-install-recommends", .. packages], cancellation), cancellation);
        var resolved = Installation().Matches(said.Output)
            .Select(match => new PackageVersion(match.Groups[1].Value, match.Groups[2].Value))
            .OrderBy(package => package.Name, StringComparer.Ordinal).ToList();
        return resolved.Count > 0 ? resolved : throw AptTrouble.Explain("resolving packages", "apt-get -s install", said);
    }

    /// <summary>
    /// With the machine's own package lists; where these are missing or stale, with lists that the lab keeps for itself (that
    /// needs no root).
    /// </summary>
    private async Task<CommandResult> WithListsAsync(
        string what, IProgress<string> progress, Func<IReadOnlyList<string>, Task<CommandResult>> run, CancellationToken cancellation)
    {
        if (Other is { } release)
            return await WithOthersListsAsync(release, what, progress, run, cancellation);
        var first = await run([]);
        if (first.ExitCode == 0)
            return first;
        progress.Report($"{what}: the machine's package lists do not do; reading fresh ones for the lab alone");
        var lists = Path.Combine(Home, "lists");
        Directory.CreateDirectory(Path.Combine(lists, "partial"));
        var sources = Path.Combine(Home, "machine.sources");
        await File.WriteAllTextAsync(sources, string.Concat(AptSources.Read(root).Select(source => source.ToStanza())), cancellation);
        var options = PrivateApt.Options(sources, lists);
        var update = await tools.RunAsync("apt-get", [.. options, "update"], cancellation);
        var second = update.ExitCode == 0 ? await run(options) : update;
        return second.ExitCode == 0 ? second : throw AptTrouble.Explain(what, "sudo apt-get update", second);
    }

    /// <summary>The other release's lists are a cache entry of the lab's; fresh ones are read where these do not do.</summary>
    private async Task<CommandResult> WithOthersListsAsync(
        string release, string what, IProgress<string> progress, Func<IReadOnlyList<string>, Task<CommandResult>> run, CancellationToken cancellation)
    {
        var lists = new PrivateLists(tools, cache, release, _machine);
        var known = await run(await lists.OptionsAsync(what, progress, cancellation));
        if (known.ExitCode == 0)
            return known;
        await lists.DropAsync(cancellation);
        var fresh = await run(await lists.OptionsAsync(what, progress, cancellation));
        return fresh.ExitCode == 0 ? fresh : throw AptTrouble.Explain(what, "sudo apt-get update", fresh);
    }

    private string ListsFingerprint()
    {
        // What was chosen of another release stays: nobody updates lists that only the lab has.
        if (Other is { } release)
            return release;
        var lists = Path.Combine(root, "var/lib/apt/lists");
        return !Directory.Exists(lists) ? "none" : Hash.Of(Directory.GetFiles(lists).Order(StringComparer.Ordinal)
            .Where(file => file.Contains("_Packages", StringComparison.Ordinal) || file.EndsWith("Release", StringComparison.Ordinal))
            .Select(file => new FileInfo(file))
            .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}")));
    }

    private static List<PackageVersion> Read(string record, out string lists)
    {
        lists = "";
        if (!File.Exists(record))
            return [];
        var lines = File.ReadAllLines(record);
        if (lines.Length < 2)
            return [];
        // The last line seals the others: a version cut short would be asked for in every run to come.
        if (lines[^1] != Hash.Of(lines[..^1]))
            return [];
        lists = lines[0];
        return lines[1..^1].Select(line => line.Split(' ')).Where(pair => pair.Length == 2).Select(pair => new PackageVersion(pair[0], pair[1])).ToList();
    }

    private static void Write(string record, string lists, IReadOnlyList<PackageVersion> packages)
    {
        var half = $"{record}.{Guid.NewGuid():N}";
        string[] lines = [lists, .. packages.Select(p => $"{p.Name} {p.Version}")];
        try
        {
            File.WriteAllLines(half, [.. lines, Hash.Of(lines)]);
            File.Move(half, record, overwrite: true);
        }
        finally
        {
            File.Delete(half);
        }
    }

    /// <summary>"Inst libc6 (2.36-9+deb12u14 Debian:12 [amd64])", from apt-get -s.</summary>
    [GeneratedRegex(@"^Inst (\S+) \((\S+) ", RegexOptions.Multiline)]
    private static partial Regex Installation();
}
