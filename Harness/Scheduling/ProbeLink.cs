using HvLab.Harness.Drivers.Ssh;

namespace HvLab.Harness.Scheduling;

/// <summary>A running probe as an exchange sees it: three streams and an end. What comes out of it is untrusted.</summary>
/// <param name="Exited">Its exit code, or a LabException where the connection broke instead.</param>
/// <param name="Words">What it said on standard error so far, bounded.</param>
internal sealed record ProbeLink(Stream Input, Stream Output, Task<int> Exited, Func<string> Words)
{
    public static ProbeLink Of(RemoteProcess process) =>
        new(process.StandardInput, process.StandardOutput, process.Exited, () => process.StandardError);
}
