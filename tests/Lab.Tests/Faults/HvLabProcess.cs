using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Drivers.Ssh;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Json;

namespace HvLab.Lab.Tests.Faults;

/// <summary>The real program in a process of its own, with a run directory of its own: something to hurt while it works.</summary>
internal sealed partial class HvLabProcess : IDisposable
{
    /// <summary>Generous: a loaded machine is slow, and a test that waits for a condition ends when it comes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    /// <summary>Everything that the program starts inherits it: whoever carries it still runs.</summary>
    private const string MarkName = "HVLAB_TEST_RUN";

    private static readonly HvLabPaths Users = HvLabPaths.Find(Environment.GetEnvironmentVariable);

    private readonly StringBuilder _said = new();
    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly Process _process;
    private readonly string _home;

    /// <param name="line">Split at blanks; '~' stands for a blank inside an argument.</param>
    public HvLabProcess(string line, string? cache = null, string? output = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        _home = Directory.CreateTempSubdirectory("hvlab-faults-").FullName;
        Cache = cache ?? Users.Cache;
        Out = output ?? Path.Combine(_home, "out");
        var program = Path.Combine(Path.GetDirectoryName(typeof(Harness.Cli.CommandLine).Assembly.Location)!, "hvlab.dll");
        var arguments = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Replace('~', ' '));
        if (line.StartsWith("run", StringComparison.Ordinal))
            arguments = arguments.Concat(["--out", Out]);
        // A test runner that was started in a shell's background hands an ignored SIGINT down to everything below it.
        var start = new ProcessStartInfo("env", ["--default-signal=INT,TERM", "dotnet", "exec", program, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["HVLAB_CACHE"] = Cache;
        start.Environment["HVLAB_ROOT"] = Users.Repository;
        start.Environment[MarkName] = _mark;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Cache { get; }
    public string Out { get; }
    public int Pid => _process.Id;

    /// <summary>Output and errors so far.</summary>
    public string Said
    {
        get { lock (_said) return _said.ToString(); }
    }

    /// <summary>What the run directory holds, read as any other program would.</summary>
    public RunResult Results => RunDirectory.Load(Out);

    /// <param name="within">Null for what a QEMU box may take.</param>
    public async Task<int> EndAsync(TimeSpan? within = null)
    {
        using var patience = new CancellationTokenSource(within ?? Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"hvlab did not end within {within ?? Patience}:\n{Said}");
        }
        await TestContext.Out.WriteLineAsync(Said);
        return _process.ExitCode;
    }

    /// <summary>Waits until it has said this; a run that ends before is a failed test.</summary>
    public Task WaitForAsync(string text) => UntilAsync(() => Said.Contains(text, StringComparison.Ordinal), $"'{text}'");

    public async Task UntilAsync(Func<bool> condition, string what)
    {
        var begun = Stopwatch.StartNew();
        while (!condition())
        {
            if (_process.HasExited || begun.Elapsed > Patience)
                Assert.Fail($"{what} did not come; hvlab said:\n{Said}");
            await Task.Delay(5);
        }
    }

    /// <summary>The box's emulator (and not one that is asked for its version), once it runs.</summary>
    public Task<int> QemuAsync() => ChildAsync("qemu-system", "hostfwd=tcp");

    /// <summary>The emulator of a Bochs box, once it runs.</summary>
    public Task<int> BochsAsync() => ChildAsync("bochs-bin", "bochsrc");

    /// <summary>The connection that the probe runs in.</summary>
    public Task<int> SshAsync() => ChildAsync("ssh", "hvlab-probe");

    private async Task<int> ChildAsync(string name, string argument)
    {
        var found = 0;
        await UntilAsync(() => (found = Carriers().FirstOrDefault(pid => Name(pid).StartsWith(name, StringComparison.Ordinal)
            && Read(pid, "cmdline").Contains(argument, StringComparison.Ordinal))) != 0, $"a process '{name} … {argument}'");
        return found;
    }

    /// <summary>
    /// Runs a command on the host while a probe works there: its connection stands before, since making one takes an emulated
    /// host longer than a plan. What becomes of the command does not matter.
    /// </summary>
    public async Task WhileDrivingAsync(string shell)
    {
        int Plans() => Said.Split("  scenarios").Length;
        await WaitForAsync("  scenarios");
        var qemu = await QemuAsync();
        var port = int.Parse(Forward().Match(await File.ReadAllTextAsync($"/proc/{qemu}/cmdline")).Groups[1].Value);
        var keys = Path.Combine(Cache, "lab", "keys");
        var endpoint = new SshEndpoint("127.0.0.1", port, Path.Combine(keys, "client"), Path.Combine(keys, "known_hosts"));
        using var patience = new CancellationTokenSource(Patience);
        await using var ssh = await new SshSession(endpoint, new(), TimeProvider.System)
            .StartAsync(["sh", "-c", $"read -r go; {shell}"], patience.Token);
        ssh.Abandon(); // the host that it was started on may be gone by then
        var before = Plans();
        await UntilAsync(() => Plans() > before, "another plan");
        await ssh.StandardInput.WriteAsync("go\n"u8.ToArray());
        await ssh.StandardInput.FlushAsync();
        await UntilAsync(() => Said.Contains("power cycle", StringComparison.Ordinal), "a power cycle");
    }

    public void Signal(PosixSignal signal) => Signal(Pid, signal == PosixSignal.SIGINT ? 2 : 15);

    public static void Signal(int pid, int number)
    {
        using var kill = Process.Start("kill", [$"-{number}", $"{pid}"]);
        kill.WaitForExit();
    }

    public void Kill() => _process.Kill();

    /// <summary>Nothing that the program started runs any more; a condition, since the kernel's own work takes a moment.</summary>
    public async Task AssertNothingRunsAsync()
    {
        var begun = Stopwatch.StartNew();
        List<string> left;
        while ((left = [.. Carriers().Select(pid => $"{pid} {Name(pid)}")]).Count > 0 && begun.Elapsed < TimeSpan.FromSeconds(20))
            await Task.Delay(10);
        Assert.That(left, Is.Empty, Said);
    }

    /// <summary>Living processes with this run's mark in their environment.</summary>
    private IEnumerable<int> Carriers() => Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), out var pid) ? pid : 0)
        .Where(pid => pid > 0 && Read(pid, "environ").Contains(_mark, StringComparison.Ordinal) && ProcessIdentity.Of(pid) is not null);

    private static string Name(int pid) => Path.GetFileName(Read(pid, "cmdline").Split('\0')[0]);

    private static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private void Keep(string? line)
    {
        lock (_said)
            _said.AppendLine(line);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    [GeneratedRegex(@"hostfwd=tcp:127\.0\.0\.1:(\d+)-")]
    private static partial Regex Forward();
}
