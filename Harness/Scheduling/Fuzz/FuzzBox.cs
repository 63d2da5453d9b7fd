using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Boxes;
using HvLab.Harness.Scenarios;
using HvLab.Harness.Scenarios.Fuzz;
using HvLab.Reference.Models.Fuzz;

namespace HvLab.Harness.Scheduling.Fuzz;

/// <summary>Runs plans on one host, many in an exchange. After trouble the next plans run one by one on a fresh host, until it is clear whose it was.</summary>
internal sealed class FuzzBox(RunRequest request, Host host, HostNeed needs, Action<HostFacts> met, IRunObserver observer, TimeProvider clock) : IFuzzBox
{
    /// <summary>A probe runs this many plans ahead of what the console shows, at most.</summary>
    private const int Suspects = 6;
    /// <summary>Random plans may bring a host down again and again: a campaign that spends its time on that says so and ends.</summary>
    private const int PowerCyclesFactor = 20;

    private readonly HashSet<string> _settled = new(StringComparer.Ordinal);
    private int _powerCycles;
    private int _suspects;
    private bool _met;

    /// <summary>From the first plan's start to the last one's end, exchanges without trouble alone.</summary>
    public TimeSpan InsideBox { get; private set; }
    /// <summary>Plans that this time was for.</summary>
    public int RanInside { get; private set; }

    public void Settle(PlanStop stop)
    {
        ArgumentNullException.ThrowIfNull(stop);
        _settled.Add(stop.Kind);
    }

    public async Task<IReadOnlyList<FuzzAnswer>> RunAsync(IReadOnlyList<IScenario> plans, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plans);
        var answers = new FuzzAnswer?[plans.Count];
        // What counts what a host has left makes it put everything away first: once is enough.
        var todo = new Queue<int>(Enumerable.Range(0, plans.Count).OrderBy(index => plans[index].RunsAlone));
        while (todo.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var together = _suspects > 0 ? 1 : todo.Count;
            _suspects = Math.Max(0, _suspects - 1);
            if (!await ExchangeAsync(plans, answers, todo, together, cancellation))
                await PowerCycleAsync(cancellation);
        }
        return answers!;
    }

    /// <returns>False where the host is no longer to be trusted.</returns>
    private async Task<bool> ExchangeAsync(IReadOnlyList<IScenario> plans, FuzzAnswer?[] answers, Queue<int> todo, int together, CancellationToken cancellation)
    {
        await using var probe = await host.StartProbeAsync([], cancellation);
        var exchange = new ProbeExchange(ProbeLink.Of(probe), request.Lab.Bounds, clock);
        var begun = 0L;
        ConsoleTrouble? console = null;
        try
        {
            Meet(await exchange.GreetAsync(cancellation));
            FuzzAnswer? only = null;
            var left = todo.Count;
            await exchange.RunAsync([.. todo.Take(together).Select(index => plans[index])], _ => begun = begun == 0 ? clock.GetTimestamp() : begun, async trace =>
            {
                var answer = new FuzzAnswer(trace.Events, trace.Trouble is { } trouble ? new(IsHost: false, KindOf(trouble), trouble) : null);
                if (together == 1)
                    only = answer; // its console is looked at when the probe has ended
                else if ((console = await NewTroubleAsync(cancellation)) is not null)
                    return false;
                else
                    answers[todo.Dequeue()] = answer;
                return true;
            }, cancellation);
            if (console is null)
            {
                InsideBox += clock.GetElapsedTime(begun);
                RanInside += together;
            }
            console ??= await NewTroubleAsync(cancellation);
            if (only is not null)
                answers[todo.Dequeue()] = console is null ? only : only with { Stop = StopOf(console) };
            else if (console is not null)
                observer.Note($"The host's console shows: {KindOf(console)}. The next plans run one by one.");
        }
        catch (LabException lost) when (lost.Reason is LabFault.Probe or LabFault.Ssh)
        {
            console = await host.DiagnoseAsync(cancellation) ?? await host.DiagnoseSilenceAsync(cancellation);
            if (together == 1)
                answers[todo.Dequeue()] = new([.. exchange.CurrentEvents], console is not null ? StopOf(console)
                    : new(IsHost: false, "the probe was lost", $"{(await host.ExplainAsync(lost)).Message}\n{lost.Evidence}"));
            else
                observer.Note($"{lost.Message} The next plans run one by one.");
            _suspects = together == 1 ? _suspects : Suspects;
            return false;
        }
        if (console is not null && together > 1)
            _suspects = Suspects;
        else if (console is not null)
            _suspects = 0; // it was this one
        return console is null;
    }

    private void Meet(IReadOnlyList<string> capabilities)
    {
        if (_met)
            return;
        var facts = host.Facts with { LabPatched = request.Release.LabPatched, Capabilities = [.. host.Facts.Capabilities.Union(capabilities, StringComparer.Ordinal)] };
        if (needs.Missing(facts.Capabilities.ToHashSet(StringComparer.Ordinal)) is { } missing)
            throw new LabException(LabFault.MissingTool, $"The host lacks {missing}, which every plan needs: nothing can be fuzzed on release {request.Release.Name}. './hvlab list' shows releases that have it.");
        _met = true;
        met(facts);
    }

    private async Task<ConsoleTrouble?> NewTroubleAsync(CancellationToken cancellation) =>
        await host.DiagnoseAsync(cancellation) is { } trouble && !(trouble.Severity == ConsoleSeverity.Warning && _settled.Contains(KindOf(trouble))) ? trouble : null;

    private async Task PowerCycleAsync(CancellationToken cancellation)
    {
        var most = request.Lab.Bounds.PowerCycles * PowerCyclesFactor;
        if (++_powerCycles > most)
            throw new LabException(LabFault.Power, $"The campaign needed more than {most} power cycles ({PowerCyclesFactor} times bounds:powerCycles). What it found until then is in the run directory.");
        await host.PowerCycleAsync(cancellation);
    }

    private static PlanStop StopOf(ConsoleTrouble console) => new(IsHost: true, KindOf(console), console.Excerpt);

    /// <summary>"WARN() at arch/x86/kvm/x86.c:123": the same each time.</summary>
    private static string KindOf(ConsoleTrouble console)
    {
        var line = console.Excerpt.Split('\n')[0];
        var at = line.LastIndexOf(" at ", StringComparison.Ordinal);
        return at < 0 ? console.Kind : $"{console.Kind}{Short(line[at..].TrimEnd())}";
    }

    private static string KindOf(string trouble) => $"trouble of the probe: {Short(trouble.Split('\n')[0])}";

    private static string Short(string text) => text.Length > 120 ? text[..120] : text;
}
