namespace HvLab.Harness.Scenarios;

/// <summary>A claim about one subsystem, and what a host must have for it to be tried.</summary>
public interface IScenario
{
    string Id { get; }
    string Subsystem { get; }
    string Claim { get; }
    /// <summary>The need as a person reads it; empty where any host will do.</summary>
    string NeedsText { get; }
}

/// <summary>Every scenario there is; one line a subsystem.</summary>
public static class Catalog
{
    public static IReadOnlyList<IScenario> All { get; } = [];
}
