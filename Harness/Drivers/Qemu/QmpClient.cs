using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Qemu;

/// <summary>
/// A conversation with QEMU's monitor on a unix socket. The first line that breaks the protocol ends it: all commands
/// under way and all later ones fail with the same <see cref="LabException"/>.
/// </summary>
public sealed class QmpClient : IAsyncDisposable
{
    /// <summary>QEMU's longest answers (device lists, schemas) stay far below.</summary>
    public const int MaxLineBytes = 1024 * 1024;

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly List<(Func<QmpEvent, bool> Wanted, TaskCompletionSource<QmpEvent> Seen)> _waiters = [];
    private readonly TaskCompletionSource _greeting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _write = new(1, 1);
    private readonly Task _reading;
    private LabException? _fault;
    private long _lastId;

    private QmpClient(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reading = ReadAsync();
    }

    /// <summary>Connects, waits for the greeting and leaves negotiation mode.</summary>
    /// <exception cref="SocketException">Nobody listens (yet).</exception>
    /// <exception cref="LabException"><see cref="LabFault.Power"/> where the peer does not speak QMP.</exception>
    public static async Task<QmpClient> ConnectAsync(string socketPath, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        var client = new QmpClient(socket);
        try
        {
            await client._greeting.Task.WaitAsync(cancellation);
            await client.ExecuteAsync("qmp_capabilities", null, cancellation);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs one command to its answer.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Power"/>: QEMU refused it (its words as evidence), or is gone.</exception>
    public async Task<JsonElement> ExecuteAsync(string command, JsonObject? arguments, CancellationToken cancellation)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        try
        {
            if (Volatile.Read(ref _fault) is { } fault)
                throw fault;
            var request = new JsonObject { ["execute"] = command, ["id"] = id };
            if (arguments is not null)
                request["arguments"] = arguments;
            await WriteAsync([.. JsonSerializer.SerializeToUtf8Bytes<JsonNode>(request), (byte)'\n'], cancellation);
            return await answer.Task.WaitAsync(cancellation);
        }
        catch (QmpRefusal refusal)
        {
            throw new LabException(LabFault.Power,
                $"QEMU refused the command '{command}' ({Console.ConsoleText.Escape(refusal.Message)}). "
                + "If its version is older than 9.0, './hvlab doctor' says how to get a newer one.", refusal.Message);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <summary>The first event from now on that is wanted. Ask before the command that causes it.</summary>
    public Task<QmpEvent> NextEventAsync(Func<QmpEvent, bool> wanted)
    {
        var seen = new TaskCompletionSource<QmpEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiters)
        {
            if (_fault is { } fault)
                seen.SetException(fault);
            else
                _waiters.Add((wanted, seen));
        }
        // A waiter nobody comes back for must not become an unobserved exception.
        _ = seen.Task.ContinueWith(static task => task.Exception, CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return seen.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _reading;
        await _stream.DisposeAsync();
        _write.Dispose();
    }

    private async Task WriteAsync(byte[] line, CancellationToken cancellation)
    {
        await _write.WaitAsync(cancellation);
        try
        {
            await _stream.WriteAsync(line, cancellation);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            throw Fail(Gone(gone));
        }
        finally
        {
            _write.Release();
        }
    }

    private async Task ReadAsync()
    {
        var reader = PipeReader.Create(_stream, new(leaveOpen: true));
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync();
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    if (buffer.Slice(0, end) is { Length: > 0 } line)
                        Handle(QmpMessage.Parse(line.IsSingleSegment ? line.FirstSpan : line.ToArray()));
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }
                if (buffer.Length > MaxLineBytes)
                    throw QmpMessage.Foreign($"a line of more than {MaxLineBytes} bytes", buffer.Slice(0, 512).ToArray());
                reader.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                    throw Gone(null);
            }
        }
        catch (LabException trouble)
        {
            Fail(trouble);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or SocketException or OperationCanceledException)
        {
            Fail(Gone(gone));
        }
        await reader.CompleteAsync();
    }

    private void Handle(QmpMessage message)
    {
        switch (message)
        {
            case QmpMessage.Greeting:
                _greeting.TrySetResult();
                break;
            case QmpMessage.Return answer when _pending.TryGetValue(answer.Id, out var pending):
                pending.TrySetResult(answer.Value);
                break;
            case QmpMessage.Error refusal when _pending.TryGetValue(refusal.Id, out var pending):
                pending.TrySetException(new QmpRefusal($"{refusal.Class}: {refusal.Description}"));
                break;
            case QmpMessage.Event happened:
                lock (_waiters)
                    foreach (var waiter in _waiters.Where(waiter => waiter.Wanted(happened.Value)).ToList())
                    {
                        _waiters.Remove(waiter);
                        waiter.Seen.TrySetResult(happened.Value);
                    }
                break;
            default:
                // The answer of a command whose caller gave up.
                break;
        }
    }

    private LabException Fail(LabException trouble)
    {
        lock (_waiters)
        {
            trouble = _fault ??= trouble;
            foreach (var (_, seen) in _waiters)
                seen.TrySetException(trouble);
            _waiters.Clear();
        }
        _greeting.TrySetException(trouble);
        foreach (var pending in _pending.Values)
            pending.TrySetException(trouble);
        return trouble;
    }

    private static LabException Gone(Exception? why) => new(LabFault.Power,
        "QEMU closed its control socket: the box was powered off or its process ended. The console log says what the guest did last.",
        inner: why);

    private sealed class QmpRefusal(string message) : Exception(message);
}
