using System.Diagnostics;
using HvLab.Probes.Wire;

namespace HvLab.Probes.Host;

/// <summary>One plan in, one trace out. The end of standard input ends the process: it dies with its SSH session.</summary>
internal sealed class ProbeSession(Dictionary<string, ISubsystemProbe> probes, Stream input, Stream output)
{
    private readonly TraceWriter _trace = new(output);

    public async Task<int> RunAsync()
    {
        _trace.Write(() => new TraceFrame.Hello(Protocol.Version, [.. probes.Values.SelectMany(probe => probe.Capabilities).Distinct()]));
        _trace.Flush();
        var plan = await new FrameStream(input).ReadAsync(WireJson.Default.PlanFrame, CancellationToken.None);
        if (plan is null)
            return 0;
        new Thread(ExitWithSession) { IsBackground = true, Name = "session" }.Start();
        Run([.. plan.Scenarios.Select(scenario => new Upcoming(scenario, probes))]);
        _trace.Write(() => new TraceFrame.Bye());
        _trace.Dispose();
        return 0;
    }

    /// <summary>Starts the next machine while a scenario runs: starting one mostly waits for RCU.</summary>
    private void Run(Upcoming[] scenarios)
    {
        for (var index = 0; index < scenarios.Length; index++)
        {
            var now = scenarios[index];
            var start = Stopwatch.GetTimestamp();
            _trace.Write(() => new TraceFrame.Started(now.Id));
            now.MakeReady();
            if (!now.Alone && index + 1 < scenarios.Length && !scenarios[index + 1].Alone)
                scenarios[index + 1].BeginMakingReady();
            now.Run((step, at, duration, seen) => _trace.Write(() => new TraceFrame.Event(now.Id, step, at, duration, seen())));
            var took = (long)Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            _trace.Write(() => new TraceFrame.Finished(now.Id, took, now.Trouble));
            scenarios[index] = null!; // its machine may go
        }
    }

    private void ExitWithSession()
    {
        Span<byte> rest = stackalloc byte[16];
        while (input.Read(rest) > 0)
        {
            // Nothing more is expected; whatever comes is not for us.
        }
        Process.GetCurrentProcess().Kill(); // at once, whatever the vCPU threads are doing
    }
}
