using System.Globalization;
using System.Text.RegularExpressions;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Scheduling.Bench;

/// <summary>Spin on a Promela model that visits the same states as one of ours: compiled once, then run as often as needed.</summary>
/// <param name="directory">Scratch: gets pan.c and pan.</param>
public sealed partial class SpinYardstick(HvLabPaths paths, Bounds bounds, TimeProvider clock, string directory)
{
    private const string Model = "tests/Promela/pv-mmu-queue-shadow.pml";
    private readonly Tools _tools = new(bounds, clock);

    /// <summary>What is needed for it, and not for a run.</summary>
    public static IReadOnlyList<Requirement> Requirements { get; } =
    [
        new("Spin", "spin", "spin", "be the yardstick of the explorer"),
        new("gcc", "gcc", "gcc", "compile Spin's verifier"),
        new("C library headers", "/usr/include/stdio.h", "libc6-dev", "compile Spin's verifier"),
    ];

    /// <exception cref="LabException">Something is missing and cannot be installed, or the model does not compile.</exception>
    public async Task CompileAsync(IReadOnlyDictionary<string, int> values, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(values);
        var setup = new SetupPlan(paths, bounds, clock, Machine.This(Environment.GetEnvironmentVariable), Requirements);
        await setup.InstallAsync(await setup.FindMissingAsync(cancellation), progress, cancellation);
        Directory.CreateDirectory(directory);
        var defines = values.Select(value => $"-D{value.Key.ToUpperInvariant()}={value.Value.ToString(CultureInfo.InvariantCulture)}");
        const string next = "Run it by hand in the bench's directory, and look at the Promela model.";
        await _tools.RequireAsync(LabFault.Build, next, "spin", [.. defines, "-a", Path.Combine(paths.Repository, Model)], cancellation, directory);
        // Safety only, as what is measured against it; 4 GiB and 2^22 hash slots are more than the model needs.
        await _tools.RequireAsync(LabFault.Build, next, "gcc", ["-O2", "-DSAFETY", "-DMEMLIM=4096", "-o", "pan", "pan.c"], cancellation, directory);
    }

    /// <returns>States that were stored, and states a second by Spin's own clock.</returns>
    public async Task<(long States, double PerSecond)> RunAsync(CancellationToken cancellation)
    {
        const string next = "The yardstick does not measure; look at the Promela model.";
        var said = (await _tools.RequireAsync(LabFault.Build, next, Path.Combine(directory, "pan"), ["-m1000000", "-w22"], cancellation, directory)).Output;
        if (Stored().Match(said) is not { Success: true } stored || Seconds().Match(said) is not { Success: true } seconds
            || !said.Contains("errors: 0", StringComparison.Ordinal))
            throw new LabException(LabFault.Build, $"Spin's verifier did not end as expected. {next}", said);
        var states = long.Parse(stored.Groups[1].Value, CultureInfo.InvariantCulture);
        return (states, states / double.Parse(seconds.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^\s*(\d+) states, stored", RegexOptions.Multiline)]
    private static partial Regex Stored();

    [GeneratedRegex(@"elapsed time ([\d.e+]+) seconds")]
    private static partial Regex Seconds();
}
