using System.Text.Json;
using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Provisioning.Boxes;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Scenarios;

namespace HvLab.Harness.Scheduling;

/// <summary>
/// Runs scenarios on one host until all are answered. A scenario that takes its host down is answered by that, the box is
/// power-cycled, and the others still run.
/// </summary>
internal sealed class HostRun(
    RunRequest request, Host host, HostFacts facts, RunDirectory directory, Phases phases, IRunObserver observer, TimeProvider clock)
{
    private readonly Queue<IScenario> _todo = new();
    private readonly Dictionary<string, ScenarioResult> _worst = [];
    private int _total;
    private bool _first = true;

    public async Task RunAsync(IReadOnlyList<IScenario> scenarios, CancellationToken cancellation)
    {
        _total = scenarios.Count;
        for (var repeat = 1; repeat <= request.Repeat; repeat++)
        {
            foreach (var scenario in scenarios)
                _todo.Enqueue(scenario);
            for (var cycles = 0; _todo.Count > 0; cycles++)
            {
                if (cycles > request.Lab.Bounds.PowerCycles)
                    throw new LabException(LabFault.Power,
                        $"The box needed more than {request.Lab.Bounds.PowerCycles} power cycles (bounds:powerCycles); {_todo.Count} scenarios were not run. Its console log is in the run directory.");
                if (cycles > 0)
                    await host.PowerCycleAsync(cancellation);
                await ExchangeAsync(last: repeat == request.Repeat, cancellation);
            }
            if (request.Repeat > 1)
                observer.Note($"round {repeat} of {request.Repeat}: {_worst.Values.Count(result => result.Verdict is Verdict.Failure or Verdict.Error)} scenarios without success so far");
        }
    }

    private async Task ExchangeAsync(bool last, CancellationToken cancellation)
    {
        phases.Begin("probe start");
        await using var probe = await host.StartProbeAsync([], cancellation);
        var exchange = new ProbeExchange(ProbeLink.Of(probe), request.Lab.Bounds, clock);
        var capabilities = await exchange.GreetAsync(cancellation);
        if (_first)
            MeetHost(capabilities);
        SkipUnmet(capabilities.ToHashSet(StringComparer.Ordinal));
        if (_todo.Count == 0)
            return;
        phases.Begin("scenarios");
        try
        {
            await exchange.RunAsync([.. _todo], scenario => observer.ScenarioStarted(scenario.Id, _total - _todo.Count, _total),
                async trace => await AnswerAsync(trace, last), cancellation);
        }
        catch (LabException trouble) when (trouble.Reason is LabFault.Probe or LabFault.Ssh && exchange.Current is { } victim && _todo.Count > 0)
        {
            // What the scenario did to its host is on the console; without a word there, the lab is to blame.
            var crash = await host.DiagnoseAsync(cancellation);
            Answer(victim, Judge(victim, exchange.CurrentEvents, TimeSpan.Zero, trouble.Message) with
            {
                Verdict = crash is { Severity: not ConsoleSeverity.Warning } ? Verdict.Failure : Verdict.Error,
                Detail = crash is null ? $"{trouble.Message}\n{trouble.Evidence}" : $"The host's console shows: {crash.Kind}.\n{crash.Excerpt}",
            }, last);
        }
        phases.End();
    }

    private void MeetHost(IReadOnlyList<string> capabilities)
    {
        _first = false;
        var met = facts with { Capabilities = capabilities };
        directory.HostIs(met);
        observer.HostReady(met);
    }

    private void SkipUnmet(HashSet<string> capabilities)
    {
        for (var count = _todo.Count; count > 0; count--)
        {
            var scenario = _todo.Dequeue();
            if (scenario.Needs.Missing(capabilities) is { } missing)
                Finish(Describe(scenario, Verdict.Skip) with { Detail = $"The host lacks {missing}." });
            else
                _todo.Enqueue(scenario);
        }
    }

    /// <returns>False where the box must be power-cycled before the next scenario.</returns>
    private async Task<bool> AnswerAsync(ScenarioTrace trace, bool last)
    {
        if (_worst.Count == 0)
            phases.Mark("first verdict");
        var result = Judge(trace.Scenario, trace.Events, trace.Took, trace.Trouble);
        var crash = await host.DiagnoseAsync();
        if (crash is not null)
            result = result with
            {
                Verdict = Verdict.Failure,
                Detail = $"The host's console shows: {crash.Kind}.\n{crash.Excerpt}",
            };
        Answer(trace.Scenario, result, last);
        if (request.FailFast && result is { Verdict: Verdict.Failure, KnownDeviation: null })
            _todo.Clear();
        return crash is null or { Severity: ConsoleSeverity.Warning } && _todo.Count > 0 || _todo.Count == 0 && crash is null && !request.FailFast;
    }

    private void Answer(IScenario scenario, ScenarioResult result, bool last)
    {
        if (_todo.Peek() != scenario)
            throw new InvalidOperationException($"{scenario.Id} was answered out of turn.");
        _todo.Dequeue();
        result = Selection.WithDeviation(result, request);
        var worse = !_worst.TryGetValue(scenario.Id, out var before) || Rank(result) > Rank(before);
        if (worse)
            _worst[scenario.Id] = result;
        if (last)
            Finish(_worst[scenario.Id]);
    }

    private void Finish(ScenarioResult result) => SuiteRun.Record(result, directory, observer);

    private static int Rank(ScenarioResult result) => result.Verdict switch
    {
        Verdict.Failure => result.KnownDeviation is null ? 4 : 2,
        Verdict.Error => 3,
        Verdict.Success => 1,
        _ => 0,
    };

    private static ScenarioResult Judge(IScenario scenario, IReadOnlyList<RawEvent> events, TimeSpan took, string? trouble)
    {
        try
        {
            var judgement = scenario.Judge(events);
            var verdict = judgement.Divergence is not null ? Verdict.Failure : trouble is not null ? Verdict.Error : Verdict.Success;
            return Describe(scenario, verdict) with
            {
                DurationMs = took.TotalMilliseconds,
                Divergence = judgement.Divergence,
                Trace = judgement.Trace,
                Detail = verdict == Verdict.Error ? trouble : null,
            };
        }
        catch (JsonException malformed)
        {
            return Describe(scenario, Verdict.Error) with { DurationMs = took.TotalMilliseconds, Detail = $"The probe's observation makes no sense: {malformed.Message}" };
        }
    }

    private static ScenarioResult Describe(IScenario scenario, Verdict verdict) => new()
    {
        Id = scenario.Id,
        Subsystem = scenario.Subsystem,
        Claim = scenario.Claim,
        Verdict = verdict,
        DurationMs = 0,
    };
}
