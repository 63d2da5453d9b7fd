using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using Polly;
using Polly.Timeout;

namespace HvLab.Harness.Provisioning.Setup;

/// <summary>Runs the programs that provisioning needs, each bounded by <see cref="Bounds.Setup"/>.</summary>
public sealed class Tools(Bounds bounds, TimeProvider time)
{
    private readonly ResiliencePipeline _bounded = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddTimeout(bounds.Setup).Build();

    /// <summary>Runs a program to its end, whatever its exit code.</summary>
    /// <exception cref="LabException">The program is missing, or it ran longer than the bound.</exception>
    public async Task<CommandResult> RunAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellation,
        string? workingDirectory = null, IReadOnlyDictionary<string, string>? environment = null, Action<string>? onLine = null, bool outlives = false)
    {
        try
        {
            return await _bounded.ExecuteAsync(
                async token => await Command.RunAsync(program, arguments, token, workingDirectory, environment, onLine, outlives), cancellation);
        }
        catch (TimeoutRejectedException)
        {
            throw new LabException(LabFault.MissingTool,
                $"'{program} {string.Join(' ', arguments)}' was stopped after {bounds.Setup}. "
                + "If the network is slow, raise bounds.setup in lab-config; if it waits for something, run it by hand and look.");
        }
    }

    /// <summary>As <see cref="RunAsync"/>, and anything but exit code 0 is a <see cref="LabException"/>.</summary>
    public async Task<CommandResult> RequireAsync(
        LabFault fault, string toDoNext, string program, IReadOnlyList<string> arguments, CancellationToken cancellation,
        string? workingDirectory = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var result = await RunAsync(program, arguments, cancellation, workingDirectory, environment);
        if (result.ExitCode != 0)
            throw new LabException(fault,
                $"'{program} {string.Join(' ', arguments)}' ended with exit code {result.ExitCode}. {toDoNext}",
                result.Error.Length > 0 ? result.Error : result.Output);
        return result;
    }
}
