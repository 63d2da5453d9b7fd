using System.Text.Json;
using HvLab.Harness.Drivers.Ssh;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Scenarios;
using HvLab.Probes.Wire;

namespace HvLab.Harness.Scheduling;

/// <summary>What came back of one scenario. <paramref name="Trouble"/> is the probe's own word, untrusted.</summary>
internal sealed record ScenarioTrace(IScenario Scenario, JsonElement Plan, IReadOnlyList<RawEvent> Events, TimeSpan Took, string? Trouble);

/// <summary>One SSH exchange: a plan of many scenarios in, their traces out, in the order of the plan.</summary>
internal sealed class ProbeExchange(RemoteProcess probe, Bounds bounds, TimeProvider clock)
{
    private readonly FrameStream _input = new(probe.StandardInput), _output = new(probe.StandardOutput);
    private readonly List<RawEvent> _events = [];

    /// <summary>The scenario that the probe is at, and what is known of it: what remains after trouble.</summary>
    public IScenario? Current { get; private set; }
    public IReadOnlyList<RawEvent> CurrentEvents => _events;

    /// <exception cref="LabException"><see cref="LabFault.Probe"/>, <see cref="LabFault.Ssh"/>.</exception>
    public async Task<IReadOnlyList<string>> GreetAsync(CancellationToken cancellation) =>
        await NextAsync(cancellation) switch
        {
            TraceFrame.Hello { Protocol: Protocol.Version } hello => hello.Capabilities,
            TraceFrame.Hello hello => throw Foreign($"it speaks version {hello.Protocol} of the frames, this harness {Protocol.Version}"),
            var other => throw Foreign($"it began with {other.GetType().Name} instead of Hello"),
        };

    public async Task RunAsync(
        IReadOnlyList<IScenario> scenarios, Action<IScenario> started, Func<ScenarioTrace, Task<bool>> finished, CancellationToken cancellation)
    {
        Current = scenarios[0]; // whoever dies before its first word dies in the first scenario
        var plan = new PlanFrame([.. scenarios.Select(scenario => new ScenarioPlan(scenario.Id, scenario.Subsystem, scenario.Plan()))]);
        try
        {
            await _input.WriteAsync(plan, WireJson.Default.PlanFrame, cancellation);
        }
        catch (IOException)
        {
            throw await DescribeEndAsync();
        }
        foreach (var (scenario, planned) in scenarios.Zip(plan.Scenarios))
        {
            Current = scenario;
            _events.Clear();
            var begun = clock.GetTimestamp();
            Expect<TraceFrame.Started>(await NextAsync(cancellation), frame => frame.Id == scenario.Id);
            started(scenario);
            while (true)
            {
                var frame = await NextAsync(cancellation);
                if (frame is TraceFrame.Event seen && seen.Id == scenario.Id && seen.Step == _events.Count)
                {
                    _events.Add(new(seen.Step, seen.AtMicros, seen.TookMicros, seen.Seen));
                    if (clock.GetElapsedTime(begun) > bounds.Scenario)
                        throw new LabException(LabFault.Probe, $"The scenario {scenario.Id} did not end within {bounds.Scenario.TotalSeconds:0} s (bounds:scenario).");
                    continue;
                }
                var end = Expect<TraceFrame.Finished>(frame, last => last.Id == scenario.Id);
                if (!await finished(new(scenario, planned.Body, _events.ToArray(), TimeSpan.FromMicroseconds(end.TookMicros), end.Trouble)))
                    return;
                break;
            }
        }
        Current = null;
        Expect<TraceFrame.Bye>(await NextAsync(cancellation), _ => true);
    }

    private async Task<TraceFrame> NextAsync(CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(bounds.ProbeSilence, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, silence.Token);
        try
        {
            return await _output.ReadAsync(WireJson.Default.TraceFrame, either.Token) ?? throw await DescribeEndAsync();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new LabException(LabFault.Probe,
                $"The probe said nothing for {bounds.ProbeSilence.TotalSeconds:0} s (bounds:probeSilence): it hangs, or its host does. The console log of the run may say why.",
                probe.StandardError);
        }
        catch (MalformedFrameException malformed)
        {
            throw new LabException(LabFault.Probe,
                $"The probe sent something that is no frame: {malformed.Message} Something else writes to its output, or it is of another build; its standard error follows.",
                probe.StandardError, malformed);
        }
    }

    /// <summary>The stream ended where it must not: the probe's exit, or the connection's.</summary>
    private async Task<LabException> DescribeEndAsync()
    {
        try
        {
            var code = await probe.Exited.WaitAsync(bounds.SshCommand, clock);
            return new(LabFault.Probe, $"The probe ended with exit code {code} before it had answered. Its standard error follows.", probe.StandardError);
        }
        catch (LabException connection)
        {
            return connection;
        }
        catch (TimeoutException)
        {
            return new(LabFault.Probe, "The probe closed its output and did not end.", probe.StandardError);
        }
    }

    private static T Expect<T>(TraceFrame frame, Func<T, bool> fits) where T : TraceFrame =>
        frame is T expected && fits(expected) ? expected : throw Foreign($"{frame} came where {typeof(T).Name} was due");

    private static LabException Foreign(string what) =>
        new(LabFault.Probe, $"The probe does not speak as expected: {(what.Length > 300 ? what[..300] + "…" : what)}. Was it built from another state of the sources?");
}
