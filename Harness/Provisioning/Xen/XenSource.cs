using System.Text.RegularExpressions;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Cache;
using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Provisioning.Kernels;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Provisioning.Xen;

/// <summary>Xen's source as Debian patched it, unpacked. Read-only for callers.</summary>
/// <param name="Directory">Holds xen/, and of the rest only what xen/ is built with.</param>
/// <param name="Version">The source package's version, "4.17.5+72-g01140da4e8-1".</param>
public sealed record XenSourceTree(string Directory, string Version);

/// <summary>Fetches the source package of a release's hypervisor, as 'apt-get source' would, through package lists of the lab's own.</summary>
internal sealed partial class XenSource(HvLabPaths paths, Bounds bounds, TimeProvider time)
{
    /// <summary>Part of every key: raise it when the layout below changes.</summary>
    private const string Layout = "v1";
    private const string VersionName = ".version", Package = "xen";

    /// <summary>Of no use to the hypervisor, and four fifths of the files.</summary>
    private static readonly string[] LeftOut = ["tools", "stubdom", "docs", "automation", "debian", ".pc"];

    private readonly KernelTools _commands = new(bounds, time);
    private readonly Tools _tools = new(bounds, time);

    /// <param name="debian">The Debian release, "bookworm".</param>
    /// <param name="binary">Version of the hypervisor's own package: the source is that of the same version where the mirror has it.</param>
    /// <exception cref="LabException"><see cref="LabFault.MissingTool"/> for no network or package, <see cref="LabFault.DiskFull"/>, <see cref="LabFault.Build"/>.</exception>
    public async Task<XenSourceTree> EnsureAsync(string debian, string binary, IProgress<string> progress, CancellationToken cancellation)
    {
        var slot = new CacheSlot(Path.Combine(paths.Cache, "xen-source", $"{Layout}_{debian}_{binary.Replace(':', '.')}"), bounds, time);
        var (directory, _) = await slot.GetOrFillAsync(
            tree => File.Exists(Path.Combine(tree, VersionName)) && File.Exists(Path.Combine(tree, "xen/Makefile")),
            (tree, stop) => FillAsync(debian, binary, tree, progress, stop), cancellation);
        return new(directory, (await File.ReadAllTextAsync(Path.Combine(directory, VersionName), cancellation)).Trim());
    }

    private async Task FillAsync(string debian, string binary, string tree, IProgress<string> progress, CancellationToken cancellation)
    {
        var parts = Path.Combine(tree, ".parts");
        Directory.CreateDirectory(parts);
        var version = await DownloadAsync(debian, binary, parts, progress, cancellation);
        var description = Directory.GetFiles(parts, "*.dsc").Single();
        var unpacked = Path.Combine(parts, "tree");
        // apt compared the files with its signed lists; the packager's own signature needs a keyring that machines lack.
        await _commands.RunAsync(LabFault.Build, "The source package is not as expected.",
            "dpkg-source", ["--no-check", "-x", description, unpacked], cancellation, parts);
        foreach (var path in Directory.GetFileSystemEntries(unpacked).Where(path => !LeftOut.Contains(Path.GetFileName(path))))
            Directory.Move(path, Path.Combine(tree, Path.GetFileName(path)));
        Directory.Delete(parts, recursive: true);
        await File.WriteAllTextAsync(Path.Combine(tree, VersionName), version, cancellation);
    }

    /// <returns>The version that was fetched: the binary's own, or the newest before it that the mirror still has.</returns>
    private async Task<string> DownloadAsync(string debian, string binary, string parts, IProgress<string> progress, CancellationToken cancellation)
    {
        var lists = new PrivateLists(_tools, new ContentCache(paths.Cache, bounds, time), debian, Machine.This(Environment.GetEnvironmentVariable));
        var options = await lists.OptionsAsync("finding Xen's source", progress, cancellation);
        var shown = await _tools.RunAsync("apt-cache", [.. options, "showsrc", Package], cancellation);
        // A binary that was rebuilt alone has a suffix that its source lacks.
        var own = Rebuild().Replace(binary, "");
        var versions = Version().Matches(shown.Output).Select(match => match.Groups["version"].Value).Distinct()
            .OrderByDescending(version => version == own).ToList();
        if (versions.Count == 0)
            throw AptTrouble.Explain("finding Xen's source", $"apt-cache showsrc {Package}", shown);
        var last = shown;
        foreach (var version in versions)
        {
            progress.Report($"downloading the source of Xen {version}");
            last = await _tools.RunAsync("apt-get", [.. options, "-q", "source", "--download-only", "--only-source", $"{Package}={version}"], cancellation, parts);
            if (last.ExitCode == 0)
                return version;
            progress.Report($"the mirror does not hand out the source of Xen {version}{(version == versions[^1] ? "" : "; taking the version before it")}");
            foreach (var file in Directory.GetFiles(parts))
                File.Delete(file);
        }
        throw AptTrouble.Explain("downloading Xen's source", $"apt-get source {Package}", last);
    }

    [GeneratedRegex(@"^Version: (?<version>\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Version();

    [GeneratedRegex(@"\+b\d+\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Rebuild();
}
