using System.Diagnostics;
using System.Text;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Processes;

/// <summary>What a finished command left behind. Texts are bounded to the last 64 KiB and untrusted.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>
/// Runs a program to its end: argument array only, never a shell; killed with its children when cancelled, and when this
/// process ends, however it ends.
/// </summary>
public static class Command
{
    /// <param name="outlives">
    /// True for what must not be torn apart when this process is killed, and for sudo, whose tickets belong to the terminal's
    /// session: an installation.
    /// </param>
    /// <exception cref="LabException"><see cref="LabFault.MissingTool"/> where the program is not installed.</exception>
    public static async Task<CommandResult> RunAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellation,
        string? workingDirectory = null, IReadOnlyDictionary<string, string>? environment = null,
        Action<string>? onLine = null, bool outlives = false)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var bound = outlives || Executables.Find(program) is not { } path ? null : Leash.Family(path, arguments);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var process = bound is { } family
            ? await KeepAsync(() => Start(family.Program, family.Arguments, workingDirectory, environment), ended)
            : Start(program, arguments, workingDirectory, environment);
        process.StandardInput.Close();
        var output = ReadBoundedAsync(process.StandardOutput, onLine);
        var error = ReadBoundedAsync(process.StandardError, onLine);
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            KillTree(process);
            // What comes after the cancellation may remove what the program was writing.
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
        finally
        {
            if (bound is not null)
                await ended.Task;
        }
        return new(process.ExitCode, await output, await error);
    }

    /// <summary>As <see cref="RunAsync"/>, and anything but exit code 0 is a <see cref="LabException"/> with the program's own words.</summary>
    public static async Task<CommandResult> RequireAsync(
        LabFault fault, string toDoNext, string program, IReadOnlyList<string> arguments, CancellationToken cancellation,
        string? workingDirectory = null, IReadOnlyDictionary<string, string>? environment = null, Action<string>? onLine = null)
    {
        var result = await RunAsync(program, arguments, cancellation, workingDirectory, environment, onLine);
        if (result.ExitCode != 0)
            throw new LabException(fault,
                $"'{program} {string.Join(' ', arguments)}' ended with exit code {result.ExitCode}. {toDoNext}",
                result.Error.Length > 0 ? result.Error : result.Output);
        return result;
    }

    /// <summary>The death signal comes when the thread ends that started the child, so that thread stays as long as the child.</summary>
    private static Task<Process> KeepAsync(Func<Process> start, TaskCompletionSource ended)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                var process = start();
                started.SetResult(process);
                process.WaitForExit(Timeout.Infinite);
            }
            catch (LabException trouble)
            {
                started.SetException(trouble);
            }
            ended.SetResult();
        }, maxStackSize: 256 * 1024) { IsBackground = true, Name = "keeper of a command" }.Start();
        return started.Task;
    }

    internal static Process Start(
        string program, IReadOnlyList<string> arguments, string? workingDirectory, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new LabException(LabFault.MissingTool,
                $"The program '{program}' could not be started ({missing.Message}). './hvlab doctor' says which package brings it.",
                inner: missing);
        }
    }

    internal static void KillTree(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended by itself meanwhile, which is what was wanted.
        }
    }

    private const int MaxText = 64 * 1024;

    private static async Task<string> ReadBoundedAsync(StreamReader reader, Action<string>? onLine)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync() is { } line)
        {
            onLine?.Invoke(line);
            text.AppendLine(line);
            if (text.Length > 2 * MaxText)
                text.Remove(0, text.Length - MaxText);
        }
        return text.ToString().TrimEnd();
    }
}
