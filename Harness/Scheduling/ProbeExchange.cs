using System.Text.Json;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Scenarios;
using HvLab.Probes.Wire;

namespace HvLab.Harness.Scheduling;

/// <summary>What came back of one scenario. <paramref name="Trouble"/> is the probe's own word, untrusted.</summary>
/// <param name="BegunAgain">Why what came at first was void; null where the first attempt counts. Untrusted.</param>
internal sealed record ScenarioTrace(
    IScenario Scenario, JsonElement Plan, IReadOnlyList<RawEvent> Events, TimeSpan Took, string? Trouble, string? BegunAgain = null);

/// <summary>
/// One SSH exchange: a plan of many scenarios in, their traces out, in the order of the plan. Whatever comes instead, however
/// much of it or none at all, ends the exchange with a <see cref="LabException"/> within the bounds.
/// </summary>
internal sealed class ProbeExchange(ProbeLink probe, Bounds bounds, TimeProvider clock)
{
    /// <summary>All frames of one scenario: a thousand times of what the longest needs.</summary>
    public const long MaxTraceBytes = 64L << 20;
    /// <summary>No time of a trace is longer; longer ones would overflow what computes with them.</summary>
    private static readonly long MaxMicros = (long)TimeSpan.FromDays(1).TotalMicroseconds;

    private readonly FrameStream _input = new(probe.Input), _output = new(probe.Output);
    private readonly List<RawEvent> _events = [];

    /// <summary>The scenario that the probe is at, and what is known of it: what remains after trouble.</summary>
    public IScenario? Current { get; private set; }
    public IReadOnlyList<RawEvent> CurrentEvents => _events;

    /// <exception cref="LabException"><see cref="LabFault.Probe"/>, <see cref="LabFault.Ssh"/>.</exception>
    public async Task<IReadOnlyList<string>> GreetAsync(CancellationToken cancellation) =>
        await NextAsync(bounds.ProbeSilence, TooSilent, cancellation) switch
        {
            TraceFrame.Hello { Protocol: not Protocol.Version } hello =>
                throw Foreign($"it speaks version {hello.Protocol} of the frames, this harness {Protocol.Version}"),
            TraceFrame.Hello { Capabilities: { } capabilities } when capabilities.All(capability => capability is not null) => capabilities,
            TraceFrame.Hello => throw Foreign("its Hello names no capabilities"),
            var other => throw Foreign($"it began with {other.GetType().Name} instead of Hello"),
        };

    /// <param name="finished">False to end the exchange there.</param>
    /// <exception cref="LabException"><see cref="LabFault.Probe"/>, <see cref="LabFault.Ssh"/>.</exception>
    public async Task RunAsync(
        IReadOnlyList<IScenario> scenarios, Action<IScenario> started, Func<ScenarioTrace, Task<bool>> finished, CancellationToken cancellation)
    {
        Current = scenarios[0]; // whoever dies before its first word dies in the first scenario
        var plan = scenarios.Select(scenario => new ScenarioPlan(scenario.Id, scenario.Subsystem, scenario.Plan())).ToList();
        await SendAsync(plan, cancellation);
        foreach (var (scenario, planned) in scenarios.Zip(plan))
        {
            Current = scenario;
            _events.Clear();
            Expect<TraceFrame.Started>(await NextAsync(bounds.ProbeSilence, TooSilent, cancellation), frame => frame.Id == scenario.Id);
            started(scenario);
            if (!await finished(await TraceAsync(scenario, planned.Body, cancellation)))
                return;
        }
        Current = null;
        Expect<TraceFrame.Bye>(await NextAsync(bounds.ProbeSilence, TooSilent, cancellation), _ => true);
    }

    private async Task<ScenarioTrace> TraceAsync(IScenario scenario, JsonElement plan, CancellationToken cancellation)
    {
        var (begun, bytes) = (clock.GetTimestamp(), _output.BytesRead);
        string? begunAgain = null;
        while (true)
        {
            var left = bounds.Scenario - clock.GetElapsedTime(begun);
            var frame = left <= TimeSpan.Zero ? throw TooLong(scenario)
                : left < bounds.ProbeSilence ? await NextAsync(left, () => TooLong(scenario), cancellation)
                : await NextAsync(bounds.ProbeSilence, TooSilent, cancellation);
            if (_output.BytesRead - bytes > MaxTraceBytes)
                throw Foreign($"the trace of {scenario.Id} is longer than {MaxTraceBytes >> 20} MiB");
            if (frame is TraceFrame.Again again)
            {
                Expect<TraceFrame.Again>(again, next => next.Id == scenario.Id && begunAgain is null);
                begunAgain = Short(again.Why ?? "");
                _events.Clear();
                continue;
            }
            if (frame is not TraceFrame.Event)
            {
                var end = Expect<TraceFrame.Finished>(frame, last => last.Id == scenario.Id && IsTime(last.TookMicros));
                return new(scenario, plan, _events.ToArray(), TimeSpan.FromMicroseconds(end.TookMicros), end.Trouble, begunAgain);
            }
            var seen = Expect<TraceFrame.Event>(frame, next => next.Id == scenario.Id && next.Step == _events.Count
                && IsTime(next.AtMicros) && IsTime(next.TookMicros) && next.Seen.ValueKind != JsonValueKind.Undefined);
            if (_events.Count == scenario.Steps)
                throw Foreign($"{scenario.Id} has {scenario.Steps} steps, and more events came");
            _events.Add(new(seen.Step, seen.AtMicros, seen.TookMicros, seen.Seen));
        }
    }

    private async Task SendAsync(IEnumerable<ScenarioPlan> plan, CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(bounds.ProbeSilence, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, silence.Token);
        try
        {
            // A full pipe to a stopped client cannot be cancelled: the wait is, and the client is killed with the exchange.
            await _input.WriteAsync(plan.Append(null).Select(next => new PlanFrame(next)), WireJson.Default.PlanFrame, either.Token).WaitAsync(either.Token);
        }
        catch (IOException)
        {
            throw await DescribeEndAsync();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw TooSilent();
        }
    }

    private async Task<TraceFrame> NextAsync(TimeSpan bound, Func<LabException> tooLate, CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(bound, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, silence.Token);
        try
        {
            return await _output.ReadAsync(WireJson.Default.TraceFrame, either.Token).WaitAsync(either.Token) ?? throw await DescribeEndAsync();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw tooLate();
        }
        catch (Exception cut) when (cut is MalformedFrameException { IsCutOff: true } or IOException)
        {
            throw await DescribeEndAsync();
        }
        catch (MalformedFrameException malformed)
        {
            throw new LabException(LabFault.Probe,
                $"The probe sent something that is no frame: {Short(malformed.Message)} Something else writes to its output, or it is of another build; its standard error follows.",
                probe.Words(), malformed);
        }
    }

    /// <summary>The stream ended where it must not: the probe's exit, or the connection's.</summary>
    private async Task<LabException> DescribeEndAsync()
    {
        try
        {
            var code = await probe.Exited.WaitAsync(bounds.SshCommand, clock);
            return new(LabFault.Probe, $"{HowItEnded(code)} before it had answered. "
                + "The console log shows whether its host is to blame; its standard error follows.", probe.Words());
        }
        catch (LabException connection)
        {
            return connection;
        }
        catch (TimeoutException)
        {
            return new(LabFault.Probe, "The probe closed its output and did not end. Its standard error follows.", probe.Words());
        }
    }

    /// <summary>ssh(1): "exits with the exit status of the remote command or with 255 if an error occurred"; a remote signal has no status.</summary>
    private static string HowItEnded(int code) => code switch
    {
        255 => "The probe was ended by a signal on its host",
        > 128 => $"The probe, or the ssh client on this machine, was ended by signal {code - 128}",
        _ => $"The probe ended with exit code {code}",
    };

    private static bool IsTime(long micros) => micros >= 0 && micros <= MaxMicros;

    private LabException TooSilent() => new(LabFault.Probe,
        $"The probe said nothing for {bounds.ProbeSilence.TotalSeconds:0.#} s (bounds:probeSilence): it hangs, or its host does. The console log of the run may say why.",
        probe.Words());

    private LabException TooLong(IScenario scenario) => new(LabFault.Probe,
        $"The scenario {scenario.Id} did not end within {bounds.Scenario.TotalSeconds:0.#} s (bounds:scenario). The console log of the run may say why.",
        probe.Words());

    private static T Expect<T>(TraceFrame frame, Func<T, bool> fits) where T : TraceFrame =>
        frame is T expected && fits(expected) ? expected : throw Foreign($"{Describe(frame)} came where {typeof(T).Name} was due");

    private static string Describe(TraceFrame frame) => frame switch
    {
        TraceFrame.Event seen => $"Event {seen.Step} of {seen.Id} (at {seen.AtMicros} us)",
        _ => frame.ToString(),
    };

    private static LabException Foreign(string what) =>
        new(LabFault.Probe, $"The probe does not speak as expected: {Short(what)}. Was it built from another state of the sources?");

    private static string Short(string what) => what.Length > 300 ? what[..300] + "…" : what;
}
