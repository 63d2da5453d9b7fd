using System.Diagnostics;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Processes;

/// <summary>Runs a program on the user's own terminal: its input, output and keyboard signals are the program's.</summary>
public static class Foreground
{
    /// <summary>Its exit code. Cancelled, the program is killed with its children.</summary>
    /// <param name="command">Program and arguments; never a shell string.</param>
    /// <exception cref="LabException"><see cref="LabFault.MissingTool"/> where the program is not installed.</exception>
    public static async Task<int> RunAsync(IReadOnlyList<string> command, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(command);
        using var process = Start(command);
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            Command.KillTree(process);
            throw;
        }
        return process.ExitCode;
    }

    private static Process Start(IReadOnlyList<string> command)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(command[0], command.Skip(1)))!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new LabException(LabFault.MissingTool,
                $"The program '{command[0]}' could not be started ({missing.Message}). './hvlab doctor' says which package brings it.",
                inner: missing);
        }
    }
}
