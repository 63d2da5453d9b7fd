using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Cache;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Provisioning.Images;

/// <summary>
/// Package lists of one Debian release, source packages included, as an entry of the cache: two runs at once read them once,
/// and a killed one leaves none.
/// </summary>
/// <param name="debian">The release's codename.</param>
internal sealed class PrivateLists(Tools tools, ContentCache cache, string debian, Machine machine)
{
    private const string SourcesName = "private.sources", ListsName = "lists";

    private string? _entry;

    /// <summary>Options of apt-get and apt-cache that make them see this release and nothing else.</summary>
    /// <param name="what">What is being done, for messages.</param>
    /// <exception cref="LabException"><see cref="LabFault.MissingTool"/>: no mirror, no network.</exception>
    public async Task<IReadOnlyList<string>> OptionsAsync(string what, IProgress<string> progress, CancellationToken cancellation)
    {
        var sources = string.Concat(PrivateApt.SourcesOf(debian, machine).Select(source => source.ToStanza("deb deb-src")));
        _entry = await cache.GetOrBuildAsync("apt-lists", Hash.Of([debian, sources]), async (directory, token) =>
        {
            progress.Report($"{what}: reading the package lists of Debian {debian} for the lab alone");
            await File.WriteAllTextAsync(Path.Combine(directory, SourcesName), sources, token);
            Directory.CreateDirectory(Path.Combine(directory, ListsName, "partial"));
            var update = await tools.RunAsync("apt-get", [.. In(directory), "-q", "update"], token);
            if (update.ExitCode != 0 || Directory.GetFiles(Path.Combine(directory, ListsName), "*Release").Length == 0)
                throw AptTrouble.Explain($"reading the package lists of Debian {debian}", "sudo apt-get update", update);
        }, cancellation, waiting: progress);
        return In(_entry);
    }

    /// <summary>The lists name what the mirror has no more: the next use reads fresh ones.</summary>
    public Task DropAsync(CancellationToken cancellation) => _entry is { } entry ? cache.DropAsync(entry, cancellation) : Task.CompletedTask;

    private static IReadOnlyList<string> In(string directory) =>
        PrivateApt.Options(Path.Combine(directory, SourcesName), Path.Combine(directory, ListsName));
}
