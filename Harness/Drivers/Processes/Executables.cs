using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Processes;

/// <summary>Where a program lies, without starting it.</summary>
public static class Executables
{
    /// <summary>Absolute path of a program named by path or found on PATH; null for none.</summary>
    public static string? Find(string program)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        if (program.Contains('/', StringComparison.Ordinal))
            return File.Exists(program) ? Path.GetFullPath(program) : null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists);
    }

    /// <exception cref="LabException"><see cref="LabFault.MissingTool"/>.</exception>
    public static string Require(string program) => Find(program) ?? throw new LabException(LabFault.MissingTool,
        $"The program '{program}' is not installed on this machine. './hvlab doctor' says which package brings it.");
}
