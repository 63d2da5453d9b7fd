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
        Heartbeat.Start();
        foreach (var scenario in plan.Scenarios)
            Run(scenario);
        _trace.Write(() => new TraceFrame.Bye());
        _trace.Dispose();
        return 0;
    }

    // One after the other: side by side, QEMU's TCG now and then (3 in 192 rounds) leaves the host's own registers in a guest's
    // VMCB. KVM then enters the guest at an address of kvm_amd (its trace event kvm_entry shows it), which no guest page table
    // maps, injects a page fault, and so on: a vCPU that spins, and not by KVM's fault.
    private void Run(ScenarioPlan plan)
    {
        var start = Stopwatch.GetTimestamp();
        _trace.Write(() => new TraceFrame.Started(plan.Id));
        var scenario = new Upcoming(plan, probes);
        scenario.Run((step, at, duration, seen) => _trace.Write(() => new TraceFrame.Event(plan.Id, step, at, duration, seen())));
        var took = (long)Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        _trace.Write(() => new TraceFrame.Finished(plan.Id, took, scenario.Trouble));
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
