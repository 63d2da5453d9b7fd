namespace HvLab.Reference.Models.Exploration;

public enum DesignKind
{
    /// <summary>What authors of a discussion proposed, or what is in use today.</summary>
    Proposed,
    /// <summary>A proposal with a deliberate fault, as a real bug had it.</summary>
    Faulty,
}

/// <summary>One way to build the system of a model.</summary>
/// <param name="Name">Stable: command line, tables and tests use it.</param>
/// <param name="Summary">What this one does differently, in a sentence.</param>
/// <param name="Source">Where it was proposed, or which bug it is.</param>
/// <param name="Breaks">Names of the properties that it breaks within the default bounds; none for a sound design. Checked by tests.</param>
public sealed record Design(string Name, string Summary, Rule Source, DesignKind Kind, params IReadOnlyList<string> Breaks)
{
    public bool IsSound => Breaks.Count == 0;
}

/// <summary>How many of something there are: what a proof is bounded by.</summary>
/// <param name="Name">As on the command line: <c>--bounds vcpus=2</c>.</param>
public sealed record Bound(string Name, int Default, int Least, int Most, string Summary);

/// <summary>A value for each bound of a model.</summary>
public sealed class Bounds
{
    private readonly Dictionary<string, int> _values;

    private Bounds(Dictionary<string, int> values) => _values = values;

    public int this[string name] => _values[name];
    /// <summary>In the model's order.</summary>
    public IReadOnlyDictionary<string, int> Values => _values;

    /// <param name="given">Values other than the defaults.</param>
    /// <exception cref="ArgumentException">No such bound, or outside its limits; the message is for the user.</exception>
    public static Bounds Of(IReadOnlyList<Bound> bounds, IReadOnlyDictionary<string, int>? given = null)
    {
        ArgumentNullException.ThrowIfNull(bounds);
        foreach (var (name, value) in given ?? new Dictionary<string, int>())
        {
            var bound = bounds.FirstOrDefault(b => b.Name == name)
                ?? throw new ArgumentException($"There is no bound '{name}'; there are {string.Join(", ", bounds.Select(b => b.Name))}.");
            if (value < bound.Least || value > bound.Most)
                throw new ArgumentException($"The bound {name}={value} must be from {bound.Least} to {bound.Most}: {bound.Summary}.");
        }
        return new(bounds.ToDictionary(bound => bound.Name, bound => given?.TryGetValue(bound.Name, out var value) == true ? value : bound.Default));
    }

    public override string ToString() => string.Join(", ", _values.Select(pair => $"{pair.Key}={pair.Value}"));
}
