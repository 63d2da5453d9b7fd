using System.Runtime.InteropServices;

namespace HvLab.Harness.Cli;

/// <summary>The first Ctrl-C (or SIGTERM, or a closed terminal) asks the command to clean up; the second ends at once.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly TextWriter _error;
    private int _count;

    public Interrupts(TextWriter error)
    {
        _error = error;
        _registrations = [Register(PosixSignal.SIGINT), Register(PosixSignal.SIGTERM), Register(PosixSignal.SIGHUP)];
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private PosixSignalRegistration Register(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) > 1)
            Environment.Exit(ExitCode.Interrupted);
        _error.WriteLine("Stopping and cleaning up; once more ends at once.");
        _source.Cancel();
    });
}
