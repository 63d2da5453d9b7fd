using System.Net;
using System.Net.Sockets;
using HvLab.Harness.Drivers.Qemu;
using HvLab.Harness.Drivers.Ssh;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Tests.Boxes;

/// <summary>The real ssh client against peers that are no SSH server. Real servers are in tests/Lab.Tests.</summary>
internal sealed class SshSessionTests
{
    private static readonly Bounds Short = new() { SshConnect = TimeSpan.FromSeconds(2), SshAttempts = 2 };

    [Test]
    public async Task A_port_where_nobody_listens_is_refused()
    {
        var refused = await FailAsync(LoopbackPort.Free());
        Assert.That(refused.Message, Does.Contain("was refused"));
    }

    [Test]
    public async Task A_peer_that_never_speaks_is_slow()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var slow = await FailAsync(((IPEndPoint)silent.LocalEndpoint).Port);
        Assert.That(slow.Message, Does.Contain("did not answer in time"));
    }

    [Test]
    public async Task A_peer_that_hangs_up_at_once_is_told_as_that()
    {
        using var rude = new TcpListener(IPAddress.Loopback, 0);
        rude.Start();
        var hangingUp = HangUpAsync(rude);
        var closed = await FailAsync(((IPEndPoint)rude.LocalEndpoint).Port);
        rude.Stop();
        await hangingUp;
        Assert.That(closed.Message, Does.Contain("before a command could start"));
    }

    private static async Task<LabException> FailAsync(int port)
    {
        var session = new SshSession(new("127.0.0.1", port, "/nowhere/key", "/nowhere/known_hosts"), Short, TimeProvider.System);
        var failed = await Assert.ThrowsAsync<LabException>(() => session.RunAsync(["true"], CancellationToken.None));
        Assert.That(failed?.Reason, Is.EqualTo(LabFault.Ssh));
        return failed!;
    }

    private static async Task HangUpAsync(TcpListener listener)
    {
        try
        {
            while (true)
                (await listener.AcceptSocketAsync()).Dispose();
        }
        catch (SocketException)
        {
            // Stopped: the test is over.
        }
        catch (ObjectDisposedException)
        {
            // As above.
        }
    }
}
