namespace HvLab.Harness.Drivers.Emulators;

/// <summary>An emulator whose whole state goes to a file and back, in less time than a boot takes.</summary>
public interface ISnapshots
{
    /// <summary>Stops the guest, writes the file, and lets the guest go on, whatever came of it.</summary>
    Task SaveAsync(string file, TimeProvider clock, CancellationToken cancellation);
    /// <summary>Fills an emulator that was started to be filled, and lets the guest go on.</summary>
    Task LoadAsync(string file, CancellationToken cancellation);
}
