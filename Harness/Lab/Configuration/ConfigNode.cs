using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace HvLab.Harness.Lab.Configuration;

/// <summary>
/// One object of the configuration. Asking for a key makes it known, so what was never asked for is unknown.
/// A wrong value becomes a problem, never an exception: all problems of a load are told together.
/// </summary>
internal sealed class ConfigNode(IConfigurationRoot root, IConfiguration section, ConfigProblems problems)
{
    private readonly List<string> _known = [];

    /// <summary>The key that this object hangs on.</summary>
    public string Name => (section as IConfigurationSection)?.Key ?? "";

    public string Text(string key) => Value(key) is { Length: > 0 } text ? text : Missing(key, "a text that is not empty");

    public string Text(string key, string standard) =>
        Value(key) switch { null => standard, "" => Wrong(key, "", "a text that is not empty", standard), var text => text };

    /// <summary>A text that may be empty.</summary>
    public string OptionalText(string key, string standard) => Value(key) ?? standard;

    public string OneOf(string key, IReadOnlyList<string> allowed)
    {
        var value = Value(key);
        if (value is null)
            return Missing(key, OneOfText(allowed));
        return allowed.Contains(value) ? value : Wrong(key, value, OneOfText(allowed), value);
    }

    public T Choice<T>(string key, T standard) where T : struct, Enum
    {
        if (Value(key) is not { } value)
            return standard;
        var names = Enum.GetNames<T>().Select(JsonName.Of).ToArray();
        return names.Contains(value)
            ? Enum.Parse<T>(value, ignoreCase: true)
            : Wrong(key, value, OneOfText(names), standard);
    }

    public int Number(string key, int standard, int least, int most)
    {
        if (Value(key) is not { } value)
            return standard;
        return int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most
            ? number
            : Wrong(key, value, $"a whole number from {least} to {most}", standard);
    }

    public bool Flag(string key, bool standard) => Value(key) switch
    {
        null => standard,
        var text when bool.TryParse(text, out var flag) => flag,
        var text => Wrong(key, text, "true or false", standard),
    };

    public TimeSpan Duration(string key, TimeSpan standard)
    {
        if (Value(key) is not { } value)
            return standard;
        return DurationText.TryParse(value, out var duration) ? duration : Wrong(key, value, DurationText.Allowed, standard);
    }

    public string? AbsolutePath(string key)
    {
        if (Value(key) is not { } value)
            return null;
        return Path.IsPathRooted(value) ? value : Wrong(key, value, "an absolute path", value);
    }

    public IReadOnlyList<string> Texts(string key, int atLeast = 0)
    {
        if (Child(key) is not { } child)
        {
            Missing(key, "a list of texts");
            return [];
        }
        if (!IsContainer(child, "a list of texts"))
            return [];
        var texts = new List<string>();
        foreach (var item in child.GetChildren())
        {
            if (item.Value is { Length: > 0 } text)
                texts.Add(text);
            else
                problems.Wrong(root, item.Path, item.Value, "a text that is not empty");
        }
        if (texts.Count < atLeast)
            problems.Wrong(root, child.Path, null, $"a list of at least {atLeast}");
        return texts;
    }

    /// <summary>A list that may be missing or empty.</summary>
    public IReadOnlyList<string> OptionalTexts(string key)
    {
        _known.Add(key);
        return Exists(key) ? Texts(key) : [];
    }

    public T Object<T>(string key, Func<ConfigNode, T> read)
    {
        _known.Add(key);
        return ReadObject(section.GetSection(key), read);
    }

    /// <summary>Objects by name. Names are lower-case: they become file and directory names.</summary>
    public IReadOnlyDictionary<string, T> Named<T>(string key, Func<ConfigNode, T> read)
    {
        var named = new SortedDictionary<string, T>(StringComparer.Ordinal);
        if (Child(key) is not { } child)
        {
            Missing(key, "an object with at least one name");
            return named;
        }
        if (!IsContainer(child, "an object with names"))
            return named;
        foreach (var item in child.GetChildren())
        {
            if (!JsonName.IsIdentifier(item.Key))
                problems.Wrong(root, item.Path, null, "a name of lower-case letters, digits, '.' and '-'");
            else if (IsContainer(item, "an object"))
                named[item.Key] = ReadObject(item, read);
        }
        return named;
    }

    public IReadOnlyList<T> List<T>(string key, Func<ConfigNode, T> read)
    {
        if (Child(key) is not { } child || !IsContainer(child, "a list"))
            return [];
        return [.. child.GetChildren().Where(item => IsContainer(item, "an object")).Select(item => ReadObject(item, read))];
    }

    public void RejectUnknown()
    {
        foreach (var child in section.GetChildren())
            if (!_known.Contains(child.Key, StringComparer.OrdinalIgnoreCase) && child.Path != LabFileProvider.SchemaKey)
                problems.Unknown(root, child.Path, child.Key, _known);
    }

    private T ReadObject<T>(IConfiguration item, Func<ConfigNode, T> read)
    {
        var node = new ConfigNode(root, item, problems);
        var value = read(node);
        node.RejectUnknown();
        return value;
    }

    private IConfigurationSection? Child(string key)
    {
        _known.Add(key);
        return Exists(key) ? section.GetSection(key) : null;
    }

    private string? Value(string key)
    {
        if (Child(key) is not { } child)
            return null;
        // JSON's null and empty object have no value, a list or an object has children instead of one.
        if (child.Value is null || child.GetChildren().Any())
            problems.Wrong(root, child.Path, null, "a single value: not null, a list or an object");
        return child.Value;
    }

    private bool Exists(string key) =>
        root.Providers.Any(provider => provider.TryGet(PathOf(key), out _)) || section.GetSection(key).GetChildren().Any();

    // An empty JSON list or object arrives as an empty text.
    private bool IsContainer(IConfigurationSection child, string allowed)
    {
        if (string.IsNullOrEmpty(child.Value))
            return true;
        problems.Wrong(root, child.Path, child.Value, allowed);
        return false;
    }

    private string Missing(string key, string allowed)
    {
        // A value of the wrong kind was reported already; saying that it is missing too would mislead.
        if (!Exists(key) || section[key] == "")
            problems.Missing(root, PathOf(key), allowed);
        return "";
    }

    private T Wrong<T>(string key, string value, string allowed, T standIn)
    {
        problems.Wrong(root, PathOf(key), value, allowed);
        return standIn;
    }

    private string PathOf(string key) =>
        section is IConfigurationSection { Path.Length: > 0 } parent ? ConfigurationPath.Combine(parent.Path, key) : key;

    private static string OneOfText(IReadOnlyList<string> allowed) =>
        allowed.Count == 1 ? $"'{allowed[0]}'" : $"one of {string.Join(", ", allowed.Select(name => $"'{name}'"))}";
}
