using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Drivers.Processes;

namespace HvLab.Harness.Cli.Boxes;

/// <summary>The user's terminal as the box's serial line: every key goes to the guest, but Ctrl-].</summary>
internal static class RawConsole
{
    public static async Task JoinAsync(string serialSocket, CancellationToken cancellation)
    {
        var isTerminal = !Console.IsInputRedirected;
        if (isTerminal)
            await Foreground.RunAsync(["stty", "raw", "-echo"], cancellation);
        try
        {
            await ConsoleJoin.RunAsync(serialSocket, Console.OpenStandardInput(), Console.OpenStandardOutput(), cancellation);
        }
        finally
        {
            if (isTerminal)
                await Foreground.RunAsync(["stty", "sane"], CancellationToken.None);
        }
    }
}
