using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Cache;
using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Provisioning.Probes;

/// <summary>Builds the probe as a NativeAOT program, once for each state of its sources.</summary>
public sealed class ProbeBuild(HvLabPaths paths, Bounds bounds, TimeProvider time)
{
    public const string FileName = "hvlab-probe";

    /// <summary>Where the probe's code is, its project references followed (DESIGN.md: a probe never sees a model).</summary>
    private static readonly string[] Sources = ["Reference/Vocabulary", "Probes", "GuestAgents/Payloads"];
    private static readonly string[] Outputs = ["bin", "obj", "artifacts"];

    private readonly Tools _tools = new(bounds, time);
    private readonly ContentCache _cache = new(paths.Cache, bounds, time);

    /// <summary>The path of the probe for the sources as they are; a few milliseconds of hashing when it is built already.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Build"/> with the compiler's words; MissingTool where there is no SDK or linker.</exception>
    public async Task<string> EnsureAsync(IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var files = ListSources();
        var entry = await _cache.GetOrBuildAsync("probe", await HashAsync(files, file => true, cancellation), async (directory, token) =>
        {
            progress.Report("building the probe (NativeAOT)");
            await PublishAsync(directory, await HashAsync(files, IsBuildSetting, token), progress, token);
        }, cancellation, waiting: progress);
        return Path.Combine(entry, FileName);
    }

    /// <summary>
    /// Intermediate files stay apart from the checkout's artifacts, so that a build there does not race with this one. They
    /// are kept from build to build, but not when a build setting changed: the linker would reuse the old binary.
    /// </summary>
    private async Task PublishAsync(string target, string settings, IProgress<string> progress, CancellationToken cancellation)
    {
        var intermediate = Path.Combine(paths.Cache, "probe-objects", Hash.Of([paths.Repository, settings])[..16]);
        Directory.CreateDirectory(intermediate);
        using var held = await KeyLock.TakeAsync(intermediate + ".lock", "the probe", bounds, time, progress, cancellation);
        var output = Path.Combine(intermediate, "publish-output");
        var result = await _tools.RunAsync("dotnet",
        [
            "publish", Path.Combine(paths.Repository, "Probes", "Host"), "-c", "Release", "-r", "linux-x64", "-o", output,
            "--artifacts-path", intermediate, "--nologo", "-v", "quiet",
            // No compiler server outlives this command.
            "--disable-build-servers", "-p:UseSharedCompilation=false",
        ], cancellation, paths.Repository);
        var built = Path.Combine(output, FileName);
        if (result.ExitCode != 0 || !File.Exists(built))
            throw new LabException(LabFault.Build,
                $"The probe did not build ('dotnet publish Probes/Host -c Release -r linux-x64' in {paths.Repository} ended with exit code {result.ExitCode}). "
                + "Correct what the compiler says below; './hvlab doctor' shows whether the linker's packages are there.",
                result.Output + "\n" + result.Error);
        File.Copy(built, Path.Combine(target, FileName));
    }

    private List<string> ListSources()
    {
        var sources = Sources.Select(directory => Path.Combine(paths.Repository, directory)).Where(Directory.Exists)
            .SelectMany(directory => Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories));
        string[] settings = ["Directory.Build.props", "Directory.Packages.props", "Directory.Build.targets", "global.json", "nuget.config"];
        return [.. sources.Concat(settings.Select(file => Path.Combine(paths.Repository, file)).Where(File.Exists))
            .Where(file => !Path.GetRelativePath(paths.Repository, file).Split('/').Any(Outputs.Contains))
            .Order(StringComparer.Ordinal)];
    }

    private static bool IsBuildSetting(string file) => Path.GetExtension(file) is ".csproj" or ".props" or ".targets" or ".json" or ".config";

    private async Task<string> HashAsync(IReadOnlyList<string> files, Func<string, bool> which, CancellationToken cancellation)
    {
        var lines = new List<string>();
        foreach (var file in files.Where(which))
            lines.Add($"{Path.GetRelativePath(paths.Repository, file)} {await Hash.OfFileAsync(file, cancellation)}");
        return Hash.Of(lines);
    }
}
