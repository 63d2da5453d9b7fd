using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Tests.Configuration;

/// <summary>A private copy of the repository's lab-config that a test may spoil.</summary>
internal sealed class LabDirectory : IDisposable
{
    public static string Repository { get; } = HvLabPaths.Find(_ => null).Repository;

    public string Path { get; } = Directory.CreateTempSubdirectory("hvlab-config-").FullName;

    public LabDirectory()
    {
        foreach (var file in Directory.GetFiles(System.IO.Path.Combine(Repository, "lab-config"), "*.json"))
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
    }

    public LabConfig Load(IReadOnlyDictionary<string, string>? environment = null, params string[] overrides) =>
        LabConfigLoader.Load(Path, environment ?? new Dictionary<string, string>(), overrides);

    public void Write(string file, string text) => File.WriteAllText(System.IO.Path.Combine(Path, file), text);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
