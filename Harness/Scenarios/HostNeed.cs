namespace HvLab.Harness.Scenarios;

/// <summary>What a scenario needs of its host: an expression over what the host can do.</summary>
public abstract record HostNeed
{
    private HostNeed() { }

    /// <summary>Null where the need is met; else the part that is missing, in words.</summary>
    public abstract string? Missing(IReadOnlySet<string> capabilities);

    public static HostNeed operator &(HostNeed left, HostNeed right) => new And(left, right);
    public static HostNeed operator |(HostNeed left, HostNeed right) => new Or(left, right);
    public static HostNeed operator !(HostNeed need) => new Not(need);

    /// <summary>A capability that the probe reports, by its name.</summary>
    public sealed record Capability(string Name) : HostNeed
    {
        public override string? Missing(IReadOnlySet<string> capabilities) => capabilities.Contains(Name) ? null : Name;
        public override string ToString() => Name;
    }

    private sealed record And(HostNeed Left, HostNeed Right) : HostNeed
    {
        public override string? Missing(IReadOnlySet<string> capabilities) => (Left.Missing(capabilities), Right.Missing(capabilities)) switch
        {
            (null, var right) => right,
            (var left, null) => left,
            var (left, right) => $"{left} and {right}",
        };
        public override string ToString() => $"{Left} and {Right}";
    }

    private sealed record Or(HostNeed Left, HostNeed Right) : HostNeed
    {
        public override string? Missing(IReadOnlySet<string> capabilities) =>
            Left.Missing(capabilities) is { } left && Right.Missing(capabilities) is { } right ? $"({left} or {right})" : null;
        public override string ToString() => $"({Left} or {Right})";
    }

    private sealed record Not(HostNeed Need) : HostNeed
    {
        public override string? Missing(IReadOnlySet<string> capabilities) => Need.Missing(capabilities) is null ? $"no {Need}" : null;
        public override string ToString() => $"not {Need}";
    }
}
