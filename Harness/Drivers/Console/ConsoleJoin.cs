using System.Net.Sockets;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Console;

/// <summary>Joins a box's serial line through QEMU's socket. The recorder (the log file) goes on beside it.</summary>
public static class ConsoleJoin
{
    /// <summary>Ctrl-], as telnet and virsh use it.</summary>
    public const byte LeaveKey = 0x1d;

    /// <summary>
    /// Copies both ways until the user types Ctrl-], the input ends, the box goes, or the call is cancelled. The caller puts
    /// the terminal into raw mode. What the guest sends is passed on as it is: a person asked for it.
    /// </summary>
    /// <exception cref="LabException"><see cref="LabFault.Power"/> where the socket is gone or somebody else is joined.</exception>
    public static async Task RunAsync(string serialSocket, Stream input, Stream output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(serialSocket), cancellation);
        }
        catch (SocketException gone)
        {
            throw new LabException(LabFault.Power,
                $"The console socket {serialSocket} does not answer ({gone.Message}). './hvlab box status' says whether the box is up.", inner: gone);
        }
        await using var serial = new NetworkStream(socket);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var fromGuest = serial.CopyToAsync(output, stop.Token);
        var toGuest = TypeAsync(input, serial, stop.Token);
        await Task.WhenAny(fromGuest, toGuest);
        await stop.CancelAsync();
        await fromGuest.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
    }

    private static async Task TypeAsync(Stream input, Stream serial, CancellationToken cancellation)
    {
        var typed = new byte[256];
        while (await input.ReadAsync(typed, cancellation) is > 0 and var count)
        {
            var leave = Array.IndexOf(typed, LeaveKey, 0, count);
            await serial.WriteAsync(typed.AsMemory(0, leave < 0 ? count : leave), cancellation);
            if (leave >= 0)
                return;
        }
    }
}
