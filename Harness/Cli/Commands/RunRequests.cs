using System.Buffers.Binary;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Scheduling;

namespace HvLab.Harness.Cli.Commands;

/// <summary>Resolves the names of a run and checks its paths, before anything is started.</summary>
internal static class RunRequests
{
    /// <exception cref="LabException"><see cref="LabFault.Configuration"/>, naming the option and what it may hold.</exception>
    public static RunRequest From(RunOptions options, Session session)
    {
        var lab = session.LoadLab(options.Set);
        // Absolute from here on, so that the recorded command line works from anywhere.
        options = options with
        {
            Kernel = Absolute(options.Kernel, session),
            Modules = Absolute(options.Modules, session),
            Xen = Absolute(options.Xen, session),
            Out = Absolute(options.Out, session),
        };
        if (options.Kernel is { } kernel)
            CheckKernel(kernel);
        if (options.Modules is { } modules)
            CheckModules(modules);
        var legs = ReleaseChoice.Of(options, lab);
        return new()
        {
            Paths = session.Paths,
            Lab = lab,
            Box = legs[0].Box,
            Release = legs[0].Release,
            Suites = legs[0].Suites,
            Legs = legs.Count > 1 ? legs : [],
            Filter = options.Filter,
            Seed = options.Seed,
            Out = CheckOut(options.Out),
            Keep = options.Keep,
            Repeat = options.Repeat,
            FailFast = options.FailFast,
            Started = session.Started,
            Command = options.ToArguments(),
        };
    }

    /// <exception cref="LabException">The name is not known; the nearest one is suggested.</exception>
    public static T Find<T>(IReadOnlyDictionary<string, T> named, string name, string option, string what) =>
        named.TryGetValue(name, out var found) ? found
        : throw Bad($"{option} {name}: there is no such {what}; {Nearest.Hint(name, [.. named.Keys])} './hvlab list' shows them all.");

    private static void CheckKernel(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            Span<byte> head = stackalloc byte[0x206];
            var length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            // Linux Documentation/arch/x86/boot.rst: magic "HdrS" at 0x202. An uncompressed vmlinux is ELF.
            var isBzImage = length == head.Length && head[0x202..].SequenceEqual("HdrS"u8);
            var isElf = length >= 4 && BinaryPrimitives.ReadUInt32BigEndian(head) == 0x7f454c46;
            if (!isBzImage && !isElf)
                throw Bad($"--kernel {path}: this is neither a bzImage nor an ELF vmlinux; give arch/x86/boot/bzImage of your build.");
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw Bad($"--kernel {path}: the file cannot be read ({missing.Message}); build the kernel first, or correct the path.");
        }
    }

    private static void CheckModules(string path)
    {
        if (!Directory.Exists(path))
            throw Bad($"--modules {path}: there is no such directory; 'make modules_install INSTALL_MOD_PATH={path}' makes it.");
        var look = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        if (!Directory.EnumerateFiles(path, "*.ko*", look).Any())
            throw Bad($"--modules {path}: no .ko file lies below it; give a directory that 'make modules_install' filled.");
    }

    private static string? CheckOut(string? path)
    {
        if (path is null)
            return null;
        if (File.Exists(path))
            throw Bad($"--out {path}: this is a file; give a directory.");
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any() && !File.Exists(Path.Combine(path, "results.json")))
            throw Bad($"--out {path}: the directory holds other files; give a new one, an empty one, or an earlier run to replace.");
        return path;
    }

    private static string? Absolute(string? path, Session session) => path is null ? null : Path.GetFullPath(path, session.Directory);

    internal static LabException Bad(string message) => new(LabFault.Configuration, message);
}
