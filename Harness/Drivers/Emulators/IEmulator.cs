using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Emulators;

/// <summary>A running emulator: the power driver of a virtual box. Dispose kills it.</summary>
public interface IEmulator : IAsyncDisposable
{
    /// <summary>As it was placed: with the ports and paths of this power-on.</summary>
    EmulatedMachine Machine { get; }
    int Pid { get; }
    /// <summary>The exit code; 128 + signal where it was killed.</summary>
    Task<int> Exited { get; }
    /// <summary>Exited because the guest powered itself off, not because the emulator was killed or gave up.</summary>
    Task<bool> GuestPoweredOffAsync();
    /// <summary>The box ended by itself: who said what.</summary>
    Task<LabException> DescribeExitAsync();
    /// <summary>False where it stands still: then a host that does not answer is no host that hangs.</summary>
    Task<bool> IsRunningAsync(CancellationToken cancellation);
    /// <summary>Power off. RAM is the whole state of a box, so there is nothing to shut down in order.</summary>
    Task PowerOffAsync(TimeSpan bound, TimeProvider clock);
    /// <summary>Leaves a detached emulator running.</summary>
    ValueTask AbandonAsync();
}
