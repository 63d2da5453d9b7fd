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
/// <remarks>
/// A probe runs ahead of what has been read of it. So what shows on the console beside a trace may be a later scenario's
/// doing: from then on each scenario gets an exchange of its own, and is blamed for nothing else.
/// </remarks>
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
    private bool _oneByOne;
    /// <summary>Seen on the console when it was nobody's yet.</summary>
    private ConsoleTrouble? _unclaimed;
    /// <summary>The last probe did not even greet.</summary>
    private bool _unanswered;

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
            if (_unclaimed is not null)
                _answers.Add(Verdicts.Aftermath(_unclaimed), last: true);
            // What was seen in earlier rounds was seen, however the run ends.
            _answers.TellRest();
        }
    }

    private async Task PowerCycleAsync(CancellationToken cancellation)
    {
        if (++_powerCycles > request.Box.Bounds.PowerCycles)
            throw new LabException(LabFault.Power,
                $"The box needed more than {request.Box.Bounds.PowerCycles} power cycles (bounds:powerCycles); {_todo.Count} scenarios were not run. Its console log is in the run directory.");
        phases.Begin("power cycle");
        await host.PowerCycleAsync(cancellation);
        _mustPowerCycle = false;
    }

    private async Task ExchangeAsync(bool last, CancellationToken cancellation)
    {
        phases.Begin("probe start");
        await using var probe = await host.StartProbeAsync([], cancellation);
        var exchange = new ProbeExchange(ProbeLink.Of(probe), request.Box.Bounds, clock);
        if (await GreetAsync(exchange, cancellation) is not { } capabilities)
            return;
        // What the lab found, and what the probe found.
        capabilities = [.. facts.Capabilities.Union(capabilities, StringComparer.Ordinal)];
        if (!_met)
            MeetHost(capabilities);
        SkipUnmet(capabilities.ToHashSet(StringComparer.Ordinal), last);
        if (_todo.Count == 0)
            return;
        phases.Begin("scenarios");
        IReadOnlyList<IScenario> plan = _oneByOne ? [_todo.Peek()] : [.. _todo];
        ScenarioTrace? whole = null;
        try
        {
            await exchange.RunAsync(plan, scenario => observer.ScenarioStarted(scenario.Id, _total - _todo.Count, _total), async trace =>
            {
                if (plan.Count > 1)
                    return await AnswerAsync(trace, last) == NextStep.GoOn;
                whole = trace; // answered when the probe has ended: what it does to its host at the end is its doing too
                return true;
            }, cancellation);
            if (whole is not null)
                Answer(whole, await host.DiagnoseAsync(cancellation), probeLost: false, last);
            else if (_todo.Count == 0 && !_ended)
                LookBack(await host.DiagnoseAsync(cancellation));
        }
        catch (LabException trouble) when (trouble.Reason is LabFault.Probe or LabFault.Ssh)
        {
            // What the scenario did to its host is on the console; what befell the box itself, QEMU says.
            var cause = await host.ExplainAsync(trouble);
            var console = await host.DiagnoseAsync(cancellation) ?? await host.DiagnoseSilenceAsync(cancellation);
            if (whole is not null)
                Answer(whole, console, probeLost: true, last);
            else if (exchange.Current is { } victim)
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

    /// <summary>Null where the host is to be power-cycled: a host that dies while nothing runs on it gets one more chance.</summary>
    private async Task<IReadOnlyList<string>?> GreetAsync(ProbeExchange exchange, CancellationToken cancellation)
    {
        try
        {
            var capabilities = await exchange.GreetAsync(cancellation);
            _unanswered = false;
            return capabilities;
        }
        catch (LabException trouble) when (trouble.Reason is LabFault.Probe or LabFault.Ssh)
        {
            var cause = await host.ExplainAsync(trouble);
            var console = await host.DiagnoseAsync(cancellation);
            if (_unanswered)
                throw cause;
            if (console is { Severity: >= ConsoleSeverity.Crash })
                LookBack(console);
            observer.Note(cause.Message);
            if (host.IsRestored)
                await host.DropSnapshotAsync(cause.Message);
            _unanswered = _mustPowerCycle = true;
            return null;
        }
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

    /// <summary>One of many in an exchange.</summary>
    private async Task<NextStep> AnswerAsync(ScenarioTrace trace, bool last)
    {
        if (await host.DiagnoseAsync() is not { } console)
            return Answer(trace, null, probeLost: false, last);
        observer.Note($"The host's console shows: {console.Kind}. Another scenario may have begun already, so from here on each runs alone.");
        (_unclaimed, _oneByOne) = (console, true);
        _mustPowerCycle |= console.Severity >= ConsoleSeverity.Crash;
        return NextStep.PowerCycle;
    }

    private NextStep Answer(ScenarioTrace trace, ConsoleTrouble? console, bool probeLost, bool last)
    {
        if (_answers.Count == 0)
            phases.Mark("first verdict");
        if (trace.BegunAgain is { } why)
            observer.Note($"{trace.Scenario.Id} was begun again. {why}");
        return Answer(trace.Scenario, Verdicts.WithConsole(Verdicts.Judge(trace), console), console?.Severity, probeLost, last);
    }

    private NextStep Answer(IScenario scenario, ScenarioResult result, ConsoleSeverity? console, bool probeLost, bool last)
    {
        if (_todo.Dequeue() != scenario)
            throw new InvalidOperationException($"{scenario.Id} was answered out of turn.");
        result = Selection.WithDeviation(result, request);
        if (console is not null)
            _unclaimed = null;
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
