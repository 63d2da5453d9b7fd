using System.CommandLine;
using System.Globalization;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Cli.Commands;

/// <summary>What a line of 'hvlab run' says, before names are resolved and paths checked.</summary>
public sealed record RunOptions
{
    public IReadOnlyList<string> Suites { get; init; } = [];
    public string? Box { get; init; }
    public string? Release { get; init; }
    public string? Kernel { get; init; }
    public string? Modules { get; init; }
    public string? Xen { get; init; }
    public string? Filter { get; init; }
    public int Seed { get; init; } = 1;
    public string? Out { get; init; }
    public int Repeat { get; init; } = 1;
    public bool FailFast { get; init; }
    public bool Json { get; init; }
    public bool Keep { get; init; }
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>The arguments that say the same again.</summary>
    public IReadOnlyList<string> ToArguments()
    {
        var arguments = new List<string> { "run" };
        arguments.AddRange(Suites);
        Add("--box", Box);
        Add("--release", Release);
        Add("--kernel", Kernel);
        Add("--modules", Modules);
        Add("--xen", Xen);
        Add("--filter", Filter);
        Add("--seed", Seed.ToString(CultureInfo.InvariantCulture));
        Add("--out", Out);
        if (Repeat != 1)
            Add("--repeat", Repeat.ToString(CultureInfo.InvariantCulture));
        if (FailFast)
            arguments.Add("--fail-fast");
        if (Json)
            arguments.Add("--json");
        if (Keep)
            arguments.Add("--keep");
        foreach (var setting in Set)
            Add("--set", setting);
        return arguments;

        void Add(string name, string? value)
        {
            if (value is not null)
                arguments.AddRange([name, value]);
        }
    }
}

/// <summary>The symbols of <see cref="RunOptions"/> on a command line.</summary>
internal sealed class RunOptionSymbols
{
    public const int MostRounds = 100_000;

    private readonly Argument<string[]> _suites = new("SUITE")
    {
        Description = "Suites to run; without any, the ones that lab-config names as default.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string?> _box = Text("--box", "NAME", "The box to run on.");
    private readonly Option<string?> _release = Text("--release", "NAME", "What boots on it.");
    private readonly Option<string?> _kernel = Text("--kernel", "BZIMAGE", "Your own kernel (bzImage or vmlinux) in place of the release's; with --xen, dom0's.");
    private readonly Option<string?> _modules = Text("--modules", "DIR", "Your own modules: any directory with .ko files below it.");
    private readonly Option<string?> _xen = Text("--xen", "XENGZ", "Your own hypervisor (xen.gz or xen); dom0 and its libraries are those of the release of its version.");
    private readonly Option<string?> _filter = Text("--filter", "PATTERN", "Only scenarios whose id matches; '*' stands for anything.");
    private readonly Option<string?> _out = Text("--out", "DIR", "The run directory; without it, a new one under runs/.");
    private readonly Option<int> _seed = new("--seed")
    {
        HelpName = "N",
        Description = "Seed of everything random. The same seed repeats the same operations.",
        DefaultValueFactory = _ => 1,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed))
                return seed;
            result.AddError($"--seed {result.Tokens[0].Value}: must be a whole number.");
            return 0;
        },
    };
    private readonly Option<int> _repeat = Number("--repeat", "Run everything N times in one box; the worst answer of each scenario counts.", 1, MostRounds);
    private readonly Option<bool> _failFast = new("--fail-fast") { Description = "End after the first Failure that is no known deviation." };
    private readonly Option<bool> _json = new("--json") { Description = "Print results.json on standard output, and nothing else." };
    private readonly Option<bool> _keep = new("--keep") { Description = "Leave the box up afterwards: 'hvlab box ssh' enters it." };

    public void AddTo(Command command)
    {
        command.Add(_suites);
        foreach (var option in new Option[] { _box, _release, _kernel, _modules, _xen, _filter, _seed, _repeat, _failFast, _out, _json, _keep })
            command.Add(option);
        // A mistyped option would otherwise be taken for a suite.
        _suites.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.StartsWith('-')))
                result.AddError($"{token.Value} is not an option; {Nearest.Hint(token.Value, [.. command.Options.Select(o => o.Name), "--set"])}");
        });
    }

    public RunOptions Read(ParseResult parsed) => new()
    {
        Suites = parsed.GetValue(_suites) ?? [],
        Box = parsed.GetValue(_box),
        Release = parsed.GetValue(_release),
        Kernel = parsed.GetValue(_kernel),
        Modules = parsed.GetValue(_modules),
        Xen = parsed.GetValue(_xen),
        Filter = parsed.GetValue(_filter),
        Seed = parsed.GetValue(_seed),
        Out = parsed.GetValue(_out),
        Repeat = parsed.GetValue(_repeat),
        FailFast = parsed.GetValue(_failFast),
        Json = parsed.GetValue(_json),
        Keep = parsed.GetValue(_keep),
        Set = parsed.Settings(),
    };

    internal static Option<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    /// <summary>A whole number from 1 to <paramref name="most"/>; anything else is told with the option's name and what is allowed.</summary>
    internal static Option<int> Number(string name, string description, int otherwise, int most) => new(name)
    {
        HelpName = "N",
        Description = description,
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 && value <= most)
                return value;
            result.AddError($"{name} {result.Tokens[0].Value}: must be a whole number from 1 to {most}.");
            return otherwise;
        },
    };
}
