using HvLab.Harness.Lab;

namespace HvLab.Harness.Provisioning.Images;

/// <summary>A module as a file, and the modules that must be loaded before it.</summary>
public sealed record ModuleFile(string Name, string Path);

/// <summary>
/// Directories with .ko files, of a package or of a developer's build. Dependencies come from the modules themselves
/// (.modinfo), because neither a package before its installation nor a build tree has modules.dep.
/// </summary>
public sealed class ModuleTree
{
    private static readonly string[] Suffixes = [".ko", ".ko.xz", ".ko.zst", ".ko.gz"];
    private static readonly EnumerationOptions NoLinks = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    private readonly Dictionary<string, string> _files = [];
    private readonly HashSet<string> _builtIn = [];

    /// <param name="directories">Where to look; an earlier one hides modules of the same name in a later one.</param>
    public ModuleTree(IEnumerable<string> directories)
    {
        ArgumentNullException.ThrowIfNull(directories);
        foreach (var directory in directories)
        {
            var here = new Dictionary<string, string>();
            foreach (var file in Directory.EnumerateFiles(directory, "*", NoLinks).Order(StringComparer.Ordinal))
            {
                if (Path.GetFileName(file) == "modules.builtin")
                    _builtIn.UnionWith(File.ReadLines(file).Select(NameOf).OfType<string>());
                else if (NameOf(file) is { } name && (!here.TryGetValue(name, out var other) || IsPreferred(file, other)))
                    here[name] = file;
            }
            foreach (var (name, file) in here)
                _files.TryAdd(name, file);
        }
    }

    /// <summary>Canonical names of what modules.builtin lists.</summary>
    public IReadOnlySet<string> BuiltIn => _builtIn;

    /// <summary>'-' and '_' mean the same in module names.</summary>
    public static string Canonical(string name) => (name ?? throw new ArgumentNullException(nameof(name))).Replace('-', '_');

    /// <summary>The wanted modules and everything they depend on, each after what it needs. Built-in ones are left out.</summary>
    /// <param name="wanted">Module names, in the order of loading.</param>
    /// <param name="missing">Told of each wanted or needed module that is neither a file nor known to be built in.</param>
    /// <param name="plain">Gives the path of the module as the kernel takes it: the file itself, or an unpacked copy.</param>
    public async Task<IReadOnlyList<ModuleFile>> CloseAsync(
        IEnumerable<string> wanted, Action<string> missing, Func<string, Task<string>> plain)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(missing);
        ArgumentNullException.ThrowIfNull(plain);
        var order = new List<ModuleFile>();
        var seen = new HashSet<string>();
        foreach (var name in wanted)
            await VisitAsync(Canonical(name));
        return order;

        async Task VisitAsync(string name)
        {
            if (!seen.Add(name))
                return;
            if (!_files.TryGetValue(name, out var file))
            {
                if (!_builtIn.Contains(name))
                    missing(name);
                return;
            }
            var module = await plain(file);
            foreach (var needed in Needs(module))
                await VisitAsync(Canonical(needed));
            order.Add(new(name, module));
        }
    }

    private static IEnumerable<string> Needs(string module)
    {
        try
        {
            return ElfFile.ReadModuleInformation(module).Where(line => line.Key == "depends")
                .SelectMany(line => line.Value.Split(',', StringSplitOptions.RemoveEmptyEntries)).ToList();
        }
        catch (Exception damaged) when (damaged is InvalidDataException or OverflowException)
        {
            throw new LabException(LabFault.Configuration,
                $"{module} is no kernel module: {damaged.Message} Build the modules again, or give another directory by --modules.", inner: damaged);
        }
    }

    private static string? NameOf(string path)
    {
        var file = Path.GetFileName(path);
        return Suffixes.FirstOrDefault(suffix => file.EndsWith(suffix, StringComparison.Ordinal)) is { } suffix
            ? Canonical(file[..^suffix.Length])
            : null;
    }

    /// <summary>depmod prefers updates/ and extra/ over what the kernel came with; else the shorter path is the built one.</summary>
    private static bool IsPreferred(string file, string other) => Rank(file).CompareTo(Rank(other)) < 0;

    private static (bool Original, int Length) Rank(string file) =>
        (!file.Contains("/updates/", StringComparison.Ordinal) && !file.Contains("/extra/", StringComparison.Ordinal), file.Length);
}
