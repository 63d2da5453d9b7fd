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
    private readonly Answers _answers = new(result => SuiteRun.Record(result, directory, observer));
    private readonly Queue<IScenario> _todo = new();
    private int _total;
    private int _powerCycles;
    private bool _met;
    private bool _mustPowerCycle;
    private bool _ended;

    public async Task RunAsync(IReadOnlyList<IScenario> scenarios, CancellationToken cancellation)
    {
        _total = scenarios.Count;
        try
        {
            for (var round = 1; round <= request.Repeat && !_ended; round++)
            {
                foreach (var scenario in scenarios)
                    _todo.Enqueue(scenario);
                while (_todo.Count > 0)
                {
                    if (_mustPowerCycle)
                        await PowerCycleAsync(cancellation);
                    await ExchangeAsync(last: round == request.Repeat, cancellation);
                }
                if (request.Repeat > 1)
                    observer.Note($"round {round} of {request.Repeat}: {_answers.WithoutSuccess} scenarios without success so far");
            }
        }
        finally
        {
            // What was seen in earlier rounds was seen, however the run ends.
            _answers.TellRest();
        }
    }

    private async Task PowerCycleAsync(CancellationToken cancellation)
    {
        if (++_powerCycles > request.Lab.Bounds.PowerCycles)
            throw new LabException(LabFault.Power,
                $"The box needed more than {request.Lab.Bounds.PowerCycles} power cycles (bounds:powerCycles); {_todo.Count} scenarios were not run. Its console log is in the run directory.");
        phases.Begin("power cycle");
        await host.PowerCycleAsync(cancellation);
        _mustPowerCycle = false;
    }

    private async Task ExchangeAsync(bool last, CancellationToken cancellation)
    {
        phases.Begin("probe start");
        await using var probe = await host.StartProbeAsync([], cancellation);
        var exchange = new ProbeExchange(ProbeLink.Of(probe), request.Lab.Bounds, clock);
        var capabilities = await exchange.GreetAsync(cancellation);
        if (!_met)
            MeetHost(capabilities);
        SkipUnmet(capabilities.ToHashSet(StringComparer.Ordinal), last);
        if (_todo.Count == 0)
            return;
        phases.Begin("scenarios");
        try
        {
            await exchange.RunAsync([.. _todo], scenario => observer.ScenarioStarted(scenario.Id, _total - _todo.Count, _total),
                async trace => await AnswerAsync(trace, last) == NextStep.GoOn, cancellation);
            if (_todo.Count == 0 && !_ended)
                LookBack(await host.DiagnoseAsync(cancellation));
        }
        catch (LabException trouble) when (trouble.Reason is LabFault.Probe or LabFault.Ssh)
        {
            // What the scenario did to its host is on the console; what befell the box itself, QEMU says.
            var cause = await host.ExplainAsync(trouble);
            var console = await host.DiagnoseAsync(cancellation);
            if (exchange.Current is { } victim)
                Answer(victim, Verdicts.OfLost(victim, victim.Plan(), exchange.CurrentEvents, cause, console), console?.Severity, probeLost: true, last);
            else if (console is { Severity: >= ConsoleSeverity.Crash })
                LookBack(console);
            else
                throw cause;
        }
        phases.End();
        // A box that is powered off next takes the probe with it: asking over SSH for its end would only take longer.
        if (last && _todo.Count == 0 && !request.Keep)
            probe.Abandon();
    }

    private void MeetHost(IReadOnlyList<string> capabilities)
    {
        _met = true;
        var met = facts with { Capabilities = capabilities };
        directory.HostIs(met);
        observer.HostReady(met);
    }

    private void SkipUnmet(HashSet<string> capabilities, bool last)
    {
        for (var count = _todo.Count; count > 0; count--)
        {
            var scenario = _todo.Dequeue();
            if (scenario.Needs.Missing(capabilities) is { } missing)
                _answers.Add(Verdicts.Describe(scenario, Verdict.Skip) with { Detail = $"The host lacks {missing}." }, last);
            else
                _todo.Enqueue(scenario);
        }
    }

    private async Task<NextStep> AnswerAsync(ScenarioTrace trace, bool last)
    {
        if (_answers.Count == 0)
            phases.Mark("first verdict");
        var console = await host.DiagnoseAsync();
        return Answer(trace.Scenario, Verdicts.WithConsole(Verdicts.Judge(trace), console), console?.Severity, probeLost: false, last);
    }

    private NextStep Answer(IScenario scenario, ScenarioResult result, ConsoleSeverity? console, bool probeLost, bool last)
    {
        if (_todo.Dequeue() != scenario)
            throw new InvalidOperationException($"{scenario.Id} was answered out of turn.");
        result = Selection.WithDeviation(result, request);
        _answers.Add(result, last);
        var next = NextSteps.After(result, console, probeLost, request.FailFast);
        _mustPowerCycle |= next == NextStep.PowerCycle;
        if (next == NextStep.EndRun)
        {
            _ended = true;
            _todo.Clear();
        }
        return next;
    }

    /// <summary>What the console showed after every scenario had its answer.</summary>
    private void LookBack(ConsoleTrouble? console)
    {
        if (console is null)
            return;
        _answers.Add(Verdicts.Aftermath(console), last: true);
        _mustPowerCycle |= console.Severity >= ConsoleSeverity.Crash;
        _ended |= request.FailFast;
    }
}
