using System.Globalization;
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
    private const string Layout = "v2";
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
        var unpacked = Path.Combine(parts, "tree");
        Directory.CreateDirectory(unpacked);
        // What dpkg-source does to a package of format 3.0 (quilt). The .dsc, which it starts from, says nothing that apt's
        // signed lists do not, and mirrors have been met that lack it.
        await UnpackAsync(Original(parts), unpacked, strip: 1, cancellation);
        await UnpackAsync(Changes(parts), unpacked, strip: 0, cancellation);
        var patches = Path.Combine(unpacked, "debian/patches");
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(patches, "series"), cancellation))
            if (line.Split('#')[0].Trim() is { Length: > 0 } patch)
                await _commands.RunAsync(LabFault.Build, "Debian's patches do not belong to this source.",
                    "patch", ["-p1", "-s", "-N", "-F0", "--no-backup-if-mismatch", "-d", unpacked, "-i", Path.Combine(patches, patch)], cancellation);
        foreach (var path in Directory.GetFileSystemEntries(unpacked).Where(path => !LeftOut.Contains(Path.GetFileName(path))))
            Directory.Move(path, Path.Combine(tree, Path.GetFileName(path)));
        Directory.Delete(parts, recursive: true);
        await File.WriteAllTextAsync(Path.Combine(tree, VersionName), version, cancellation);
    }

    private static string Original(string parts) => Directory.GetFiles(parts, "*.orig.tar.*").Single();

    private static string Changes(string parts) => Directory.GetFiles(parts, "*.debian.tar.*").Single();

    private Task UnpackAsync(string archive, string target, int strip, CancellationToken cancellation) =>
        _commands.RunAsync(LabFault.Build, "The source package is not as expected.",
            "tar", ["-xf", archive, "-C", target, string.Create(CultureInfo.InvariantCulture, $"--strip-components={strip}"), "--no-same-owner"], cancellation);

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
            if (await IsCompleteAsync(parts, shown.Output, cancellation))
                return version;
            progress.Report($"the mirror does not hand out the source of Xen {version}{(version == versions[^1] ? "" : "; taking the version before it")}");
            foreach (var file in Directory.GetFiles(parts))
                File.Delete(file);
        }
        throw AptTrouble.Explain("downloading Xen's source", $"apt-get source {Package}", last);
    }

    /// <summary>Both archives are there, with the hashes of the signed lists: apt fails for a missing .dsc too, which is not needed.</summary>
    private static async Task<bool> IsCompleteAsync(string parts, string shown, CancellationToken cancellation)
    {
        foreach (var pattern in new[] { "*.orig.tar.*", "*.debian.tar.*" })
        {
            if (Directory.GetFiles(parts, pattern) is not [var file])
                return false;
            var hash = await Hash.OfFileAsync(file, cancellation);
            if (!shown.Contains(string.Create(CultureInfo.InvariantCulture, $"{hash} {new FileInfo(file).Length} {Path.GetFileName(file)}"), StringComparison.Ordinal))
                return false;
        }
        return true;
    }

    [GeneratedRegex(@"^Version: (?<version>\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Version();

    [GeneratedRegex(@"\+b\d+\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Rebuild();
}
