using System.Text.RegularExpressions;
using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Provisioning.Kernels;

/// <summary>Finds, through apt, the headers and the source that belong to the kernel package a release boots.</summary>
public static partial class KernelPackageResolver
{
    /// <summary>Metapackages depend on metapackages; Debian has one level, so four is ample and ends every loop.</summary>
    private const int MaxLevels = 4;

    /// <param name="kernelPackage">A kernel image's package or a metapackage of it: <c>Release.KernelPackage</c>.</param>
    /// <exception cref="LabException"><see cref="LabFault.MissingTool"/> where apt knows no such package or no headers of it.</exception>
    public static async Task<KernelPackages> ResolveAsync(string kernelPackage, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(kernelPackage);
        var name = kernelPackage;
        for (var level = 0; level < MaxLevels; level++)
        {
            var image = await ShowAsync(name, cancellation);
            if (ImageName().Match(name) is { Success: true } match)
                return await FromImageAsync(match.Groups["abi"].Value, Field(image, "Version", name), cancellation);
            name = Words(image.GetValueOrDefault("Depends", "")).FirstOrDefault(word => word.StartsWith("linux-image-", StringComparison.Ordinal))
                ?? throw Unknown(kernelPackage, $"'{name}' is no kernel image and depends on none");
        }
        throw Unknown(kernelPackage, $"its dependencies lead from one package to the next without reaching a kernel image ('{name}')");
    }

    private static async Task<KernelPackages> FromImageAsync(string abi, string version, CancellationToken cancellation)
    {
        var headers = $"linux-headers-{abi}";
        var needs = Words(Field(await ShowAsync($"{headers}={version}", cancellation), "Depends", headers)).ToList();
        var build = One(needs, "linux-kbuild-", headers);
        return new(abi, version, headers, One(needs, "linux-headers-", headers), build,
            build.Replace("linux-kbuild-", "linux-source-", StringComparison.Ordinal),
            CompilerName().Match(One(needs, "linux-compiler-", headers)).Groups["compiler"].Value);
    }

    /// <summary>Reads the first stanza of apt-cache's answer: field name to value, without continuation lines.</summary>
    public static IReadOnlyDictionary<string, string> ParseStanza(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split('\n').TakeWhile(line => line.Trim().Length > 0)
            .Where(line => !char.IsWhiteSpace(line[0]))
            .Select(line => line.Split(':', 2))
            .Where(parts => parts.Length == 2)
            .GroupBy(parts => parts[0], StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First()[1].Trim(), StringComparer.Ordinal);
    }

    private static async Task<IReadOnlyDictionary<string, string>> ShowAsync(string package, CancellationToken cancellation)
    {
        var answer = await Command.RunAsync("apt-cache", ["show", "--no-all-versions", package], cancellation,
            environment: new Dictionary<string, string> { ["LC_ALL"] = "C" });
        return answer.ExitCode == 0 && ParseStanza(answer.Output) is { Count: > 0 } stanza
            ? stanza
            : throw Unknown(package, "apt knows no such package and version", answer.Error);
    }

    private static string Field(IReadOnlyDictionary<string, string> stanza, string field, string package) =>
        stanza.TryGetValue(field, out var value) ? value : throw Unknown(package, $"apt shows no field '{field}' for it");

    private static string One(IEnumerable<string> names, string prefix, string package) =>
        names.FirstOrDefault(name => name.StartsWith(prefix, StringComparison.Ordinal))
        ?? throw Unknown(package, $"it depends on no package '{prefix}…'");

    /// <summary>The package names of a Depends field, versions and alternatives' bars taken off.</summary>
    private static IEnumerable<string> Words(string depends) =>
        depends.Split([',', '|']).Select(part => part.Trim().Split(' ', ':')[0]).Where(name => name.Length > 0);

    private static LabException Unknown(string package, string what, string? evidence = null) => new(LabFault.MissingTool,
        $"The source of the kernel under test could not be found through apt: package '{package}': {what}. "
        + "Run 'apt-get update' (as root), or set the release's kernelPackage to one that this machine's sources offer together "
        + "with its linux-headers and linux-source.", evidence);

    [GeneratedRegex(@"^linux-image-(?<abi>\d[A-Za-z0-9.+~-]*?)(-unsigned)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex ImageName();

    [GeneratedRegex(@"^linux-compiler-(?<compiler>gcc-\d+)-", RegexOptions.ExplicitCapture)]
    private static partial Regex CompilerName();
}
