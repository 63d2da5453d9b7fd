using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Cache;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Provisioning.Images;

/// <summary>The lab's own ed25519 keys, made once a cache: the client's, and the host key that is baked into every box.</summary>
/// <param name="Directory">Holds client, client.pub, host, host.pub (keys 0600) and known_hosts.</param>
public sealed record LabKeys(string Directory)
{
    public string ClientKey => Path.Combine(Directory, "client");
    public string HostKey => Path.Combine(Directory, "host");
    public string KnownHosts => Path.Combine(Directory, "known_hosts");

    public static async Task<LabKeys> EnsureAsync(ContentCache cache, Tools tools, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(tools);
        ArgumentNullException.ThrowIfNull(progress);
        return new(await cache.GetOrBuildAsync("lab", "keys", async (directory, token) =>
        {
            progress.Report("making the lab's own SSH keys");
            foreach (var name in (string[])["client", "host"])
                await tools.RequireAsync(LabFault.MissingTool, "The lab needs keys of its own: './hvlab doctor' shows what is missing.",
                    "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", $"hvlab-{name}", "-f", Path.Combine(directory, name)], token);
            var host = (await File.ReadAllTextAsync(Path.Combine(directory, "host.pub"), token)).Split(' ');
            await File.WriteAllTextAsync(Path.Combine(directory, "known_hosts"), $"{BootArtifacts.HostAlias} {host[0]} {host[1]}\n", token);
        }, cancellation,
            // A damaged key would lock the lab out of every box, and nothing else would ever make it whole.
            validate: entry => CacheManifest.HashesMatch(entry) ? null : "a key is damaged", waiting: progress));
    }
}
