using System.Text.RegularExpressions;
using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Provisioning.Images;

/// <summary>Which shared libraries programs of an unpacked tree load, told by that tree's own dynamic linker.</summary>
internal sealed partial class SharedLibraries(Tools tools, string tree)
{
    private const string Linker = "lib64/ld-linux-x86-64.so.2";

    /// <summary>One flat directory of the box, which its linker searches by default: fewer failed look-ups at each start.</summary>
    public const string Target = "lib/x86_64-linux-gnu";

    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    /// <summary>Path in the box → file of the tree.</summary>
    public IReadOnlyDictionary<string, string> Files => _files;

    public async Task AddNeedsOfAsync(string program, CancellationToken cancellation)
    {
        var linker = Resolve("ld-linux-x86-64.so.2") ?? throw Missing("the dynamic linker", program);
        _files[Linker] = linker;
        var listed = await tools.RequireAsync(LabFault.Image, "The unpacked packages do not belong together.",
            linker, ["--inhibit-cache", "--library-path", string.Join(':', Directories()), "--list", program], cancellation);
        foreach (Match match in Needed().Matches(listed.Output))
        {
            var (name, path) = (match.Groups[1].Value, match.Groups[2].Value);
            // The linker falls back on the machine's own directories: a library from there is one that no package brought.
            if (!path.StartsWith(tree, StringComparison.Ordinal))
                throw Missing(name, program);
            _files[$"{Target}/{name}"] = path;
        }
    }

    /// <summary>Adds a library by name where the tree has it: programs that come later want it.</summary>
    public void Add(string name)
    {
        if (Resolve(name) is { } path)
            _files[$"{Target}/{name}"] = path;
    }

    /// <summary>Adds a library whose version is not known, under the name that programs load it by, with what it needs.</summary>
    /// <param name="name">Without the version: "libxenctrl.so".</param>
    /// <returns>The name with the version, "libxenctrl.so.4.17"; null where the tree has none.</returns>
    public async Task<string?> AddVersionedAsync(string name, CancellationToken cancellation)
    {
        // "libxencall.so.1" is a link to "libxencall.so.1.3"; programs ask for the link.
        var path = Directories().Where(Directory.Exists).SelectMany(directory => Directory.GetFiles(directory, $"{name}.*"))
            .OrderByDescending(file => new FileInfo(file).LinkTarget is not null).ThenBy(file => file.Length).FirstOrDefault();
        if (path is null)
            return null;
        var versioned = Path.GetFileName(path);
        _files[$"{Target}/{versioned}"] = path;
        await AddNeedsOfAsync(path, cancellation);
        return versioned;
    }

    private string? Resolve(string name) => Directories().Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    private IEnumerable<string> Directories() =>
        ((string[])["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"]).Select(directory => Path.Combine(tree, directory));

    private static LabException Missing(string name, string program) => new(LabFault.Image,
        $"{Path.GetFileName(program)} needs {name}, which none of the image's packages brings. Name its package in the release's imagePackages in lab-config.");

    [GeneratedRegex(@"^\s*([^/\s]+) => (\S+) \(", RegexOptions.Multiline)]
    private static partial Regex Needed();
}
