namespace HvLab.Harness.Drivers.Emulators;

/// <summary>An emulator that takes what an operator does to a host that hangs: keys on its serial line, and an NMI.</summary>
public interface IOperatorKeys
{
    /// <summary>A unix socket: what is written to it is typed.</summary>
    string SerialSocket { get; }
    /// <summary>A non-maskable interrupt, as a BMC's 'power diag' sends it.</summary>
    Task SendNmiAsync(CancellationToken cancellation);
}
