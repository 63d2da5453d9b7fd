using System.Collections.Concurrent;
using System.Diagnostics;
using HvLab.Probes.Wire;

namespace HvLab.Probes.Host;

/// <summary>One plan in, one trace out. The end of standard input ends the process: it dies with its SSH session.</summary>
internal sealed class ProbeSession(Dictionary<string, ISubsystemProbe> probes, Stream input, Stream output)
{
    private readonly TraceWriter _trace = new(output);
    private readonly BlockingCollection<Upcoming> _plan = [];

    public int Run()
    {
        _trace.Write(() => new TraceFrame.Hello(Protocol.Version, [.. probes.Values.SelectMany(probe => probe.Capabilities).Distinct()]));
        _trace.Flush();
        new Thread(Listen) { IsBackground = true, Name = "session" }.Start();
        Heartbeat.Start();
        foreach (var scenario in _plan.GetConsumingEnumerable())
            Run(scenario);
        _trace.Write(() => new TraceFrame.Bye());
        _trace.Dispose();
        return 0;
    }

    // One after the other: side by side they are not faster, since what they wait for is the emulated CPUs, and QEMU's TCG loses
    // a guest's state more often (6 of 8,250 scenarios instead of 2 of 6,600).
    private void Run(Upcoming scenario)
    {
        var start = Stopwatch.GetTimestamp();
        var id = scenario.Plan.Id;
        _trace.Write(() => new TraceFrame.Started(id));
        scenario.Run(
            (step, at, duration, seen) => _trace.Write(() => new TraceFrame.Event(id, step, at, duration, seen())),
            why => _trace.Write(() => new TraceFrame.Again(id, why)));
        var took = (long)Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        _trace.Write(() => new TraceFrame.Finished(id, took, scenario.Trouble));
    }

    /// <summary>Reads the plan ahead of what runs, and after it waits for the end of the session.</summary>
    private void Listen()
    {
        try
        {
            var frames = new FrameStream(input);
            var begun = false;
            for (; frames.ReadAsync(WireJson.Default.PlanFrame, CancellationToken.None).GetAwaiter().GetResult() is { } frame; begun = true)
                if (frame.Next is { } next)
                    _plan.Add(new(next, probes));
                else
                    _plan.CompleteAdding();
            if (!begun)
            {
                _plan.CompleteAdding(); // nobody wants anything
                return;
            }
        }
        catch (Exception unreadable) when (unreadable is MalformedFrameException or IOException or InvalidOperationException)
        {
            Environment.FailFast($"The plan cannot be read: {unreadable.Message}");
        }
        Process.GetCurrentProcess().Kill(); // at once, whatever the vCPU threads are doing
    }
}
