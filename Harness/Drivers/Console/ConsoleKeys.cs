using System.Net.Sockets;

namespace HvLab.Harness.Drivers.Console;

/// <summary>Types on a box's serial line.</summary>
public static class ConsoleKeys
{
    /// <summary>
    /// Xen's own keys: three times Ctrl-A turns its serial input from dom0 to itself (xen/drivers/char/console.c, switch_serial_input);
    /// '0' shows dom0's registers, 'd' those of every CPU with the stack.
    /// </summary>
    public static ReadOnlyMemory<byte> XenRegisters { get; } = new byte[] { 1, 1, 1, (byte)'0', (byte)'d' };

    /// <summary>False where nobody takes them: the box is gone, or a person is joined to its console.</summary>
    public static async Task<bool> TypeAsync(string serialSocket, ReadOnlyMemory<byte> keys, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(serialSocket), cancellation);
            await socket.SendAsync(keys, cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
