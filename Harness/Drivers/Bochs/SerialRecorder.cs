using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Bochs;

/// <summary>
/// Appends what comes out of a named pipe to a log. Bochs would begin its own file anew at each power-on; and a process of its
/// own records on where the harness has let go of the box. It ends with the emulator that writes.
/// </summary>
internal static class SerialRecorder
{
    public static async Task<BoundChild> StartAsync(string pipe, string log, ChildLife life, CancellationToken cancellation)
    {
        await Command.RequireAsync(LabFault.Power, "The serial line of the box needs a named pipe there.", "mkfifo", ["-m", "600", pipe], cancellation);
        // Each read is written at once, whatever its length: the console is followed while it grows.
        return await BoundChild.StartAsync(life, "dd", [$"if={pipe}", $"of={log}", "bs=4096", "oflag=append", "conv=notrunc", "status=none"]);
    }
}
