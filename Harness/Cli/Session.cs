using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Cli;

/// <summary>What a command may touch of the world around the process.</summary>
/// <param name="Directory">Where relative paths of the command line start.</param>
/// <param name="Interactive">A person watches: standard output is a terminal.</param>
public sealed record Session(
    TextWriter Output, TextWriter Error, IReadOnlyDictionary<string, string> Environment, string Directory,
    bool Interactive, TimeProvider Clock)
{
    /// <summary>Timestamp of the command's start, by <see cref="Clock"/>.</summary>
    public long Started { get; } = Clock.GetTimestamp();

    private HvLabPaths? _paths;

    public HvLabPaths Paths => _paths ??= HvLabPaths.Find(Environment.GetValueOrDefault);

    /// <exception cref="LabException">Every problem of lab-config.</exception>
    public LabConfig LoadLab(IReadOnlyList<string> overrides) => LabConfigLoader.Load(Paths.LabConfig, Environment, overrides);

    /// <summary>For what goes on where lab-config is broken: its bounds, or those that the program brings.</summary>
    public Bounds BoundsOrDefaults()
    {
        try
        {
            return LoadLab([]).Bounds;
        }
        catch (LabException)
        {
            return new();
        }
    }

    /// <summary>Of the program itself.</summary>
    public static Session OfProcess()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry pair in System.Environment.GetEnvironmentVariables())
            environment[(string)pair.Key] = (string?)pair.Value ?? "";
        return new(Console.Out, Console.Error, environment, System.Environment.CurrentDirectory,
            !Console.IsOutputRedirected && environment.GetValueOrDefault("TERM") is not (null or "dumb")
                && !environment.ContainsKey("CI"), TimeProvider.System);
    }
}
