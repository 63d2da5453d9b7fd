using HvLab.Harness.Cli;

namespace HvLab.Harness.Tests.Cli;

/// <summary>A session whose output is kept, with a cache and a current directory of its own.</summary>
internal sealed class Terminal : IDisposable
{
    private readonly Dictionary<string, string> _environment;

    public Terminal()
    {
        _environment = new() { ["HVLAB_CACHE"] = Path.Combine(Directory, "cache") };
        Session = new(Output, Error, _environment, Directory, Interactive: false, TimeProvider.System);
    }

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("hvlab-cli-").FullName;
    public StringWriter Output { get; } = new();
    public StringWriter Error { get; } = new();
    public Session Session { get; }

    public void Set(string name, string value) => _environment[name] = value;

    public Task<int> RunAsync(string line, CancellationToken cancellation = default) =>
        CommandLine.InvokeAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), Session, cancellation);

    public string Write(string name, params byte[] bytes)
    {
        var path = Path.Combine(Directory, name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
