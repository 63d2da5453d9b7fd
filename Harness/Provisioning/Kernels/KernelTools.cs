using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using Polly;
using Polly.Timeout;

namespace HvLab.Harness.Provisioning.Kernels;

/// <summary>Runs the tools of a kernel build: in the C locale, bounded in time, a full disk told from other trouble.</summary>
internal sealed class KernelTools(Bounds bounds, TimeProvider time)
{
    private const int NoSpace = 28; // ENOSPC

    public async Task<CommandResult> RunAsync(
        LabFault fault, string toDoNext, string program, IReadOnlyList<string> arguments, CancellationToken cancellation,
        string? workingDirectory = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var variables = new Dictionary<string, string>(environment ?? new Dictionary<string, string>()) { ["LC_ALL"] = "C" };
        try
        {
            return await new ResiliencePipelineBuilder { TimeProvider = time }.AddTimeout(bounds.Setup).Build()
                .ExecuteAsync(async stop => await Command.RequireAsync(
                    fault, toDoNext, program, arguments, stop, workingDirectory, variables), cancellation);
        }
        catch (TimeoutRejectedException)
        {
            throw new LabException(fault,
                $"'{program} {string.Join(' ', arguments)}' was ended after {bounds.Setup}. {toDoNext} The bound is 'setup' in lab-config/bounds.json.");
        }
        catch (LabException full) when (full.Evidence?.Contains("No space left on device", StringComparison.Ordinal) == true)
        {
            throw DiskFull(full);
        }
        catch (IOException full) when (full.HResult == NoSpace)
        {
            throw DiskFull(full);
        }
    }

    private static LabException DiskFull(Exception inner) => new(LabFault.DiskFull,
        "The disk became full while the hypervisor was being rebuilt. About 500 MiB are needed in the cache: free them, or put the cache on "
        + "another disk with HVLAB_CACHE=DIRECTORY, and run the command again; what was half-built is gone.",
        (inner as LabException)?.Evidence, inner);
}
