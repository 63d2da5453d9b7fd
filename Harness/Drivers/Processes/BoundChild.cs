using System.Diagnostics;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Processes;

/// <summary>How long a child may live.</summary>
public enum ChildLife
{
    /// <summary>No longer than this process, however this process ends (kill -9 included).</summary>
    WithHarness,
    /// <summary>In a session of its own, as long as it likes: a kept box.</summary>
    Detached,
}

/// <summary>
/// A long-running child process. Bound children are started through util-linux's "setpriv --pdeathsig KILL": the kernel
/// kills them with their parent. prctl(2): "the parent in this case is considered to be the thread that created this
/// process", so a thread of its own starts the child and stays until the child ends.
/// </summary>
public sealed class BoundChild : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BoundChild(Process process)
    {
        _process = process;
        Pid = process.Id;
    }

    public int Pid { get; }
    /// <summary>Completes with the exit code; 128 + signal for a killed child.</summary>
    public Task<int> Exited => _exited.Task;
    public Stream StandardInput => _process.StandardInput.BaseStream;
    public Stream StandardOutput => _process.StandardOutput.BaseStream;
    public StreamReader StandardError => _process.StandardError;

    /// <exception cref="LabException"><see cref="LabFault.MissingTool"/> where the program is not installed.</exception>
    public static async Task<BoundChild> StartAsync(ChildLife life, string program, IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        // The launcher would start even where the program is missing, and say so in words of its own.
        var path = Executables.Require(program);
        var (launcher, words) = life == ChildLife.WithHarness ? Leash.Single(path, arguments) : ("setsid", [path, .. arguments]);
        var started = new TaskCompletionSource<BoundChild>(TaskCreationOptions.RunContinuationsAsynchronously);
        var keeper = new Thread(() => Keep(launcher, words, started), maxStackSize: 256 * 1024)
        {
            IsBackground = true,
            Name = $"keeper of {program}",
        };
        keeper.Start();
        return await started.Task;
    }

    private static void Keep(string program, IReadOnlyList<string> arguments, TaskCompletionSource<BoundChild> started)
    {
        BoundChild child;
        try
        {
            child = new BoundChild(Command.Start(program, arguments, null, null));
        }
        catch (LabException trouble)
        {
            started.SetException(trouble);
            return;
        }
        started.SetResult(child);
        child._process.WaitForExit(Timeout.Infinite);
        child._exited.SetResult(child._process.ExitCode);
    }

    /// <summary>SIGKILL; nothing where it already ended.</summary>
    public void Kill()
    {
        if (!_exited.Task.IsCompleted)
            Command.KillTree(_process);
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Exited;
        _process.Dispose();
    }
}
