using HvLab.Reference.Kvm;
using HvLab.Reference.Models.Fuzz;
using HvLab.Reference.Models.Kvm;

namespace HvLab.Reference.Tests.Fuzz;

/// <summary>What a campaign makes of what a machine shows.</summary>
public sealed class CampaignTests
{
    private static readonly AsyncPfFuzz Subject = new();

    private static Func<AsyncPfOp, AsyncPfSeen> Machine(Random random, AsyncPfDefect defect = AsyncPfDefect.None, params string[] quirks)
    {
        var start = new AsyncPfFuzz(new(AsyncPfGuest.FirstPaged, AsyncPfGuest.PagedCount, Defect: defect)).StartOf(quirks);
        var machine = new AsyncPfMachine(start, random);
        return operation => operation.On(machine);
    }

    private static Task<CampaignResult<AsyncPfModel, AsyncPfOp, AsyncPfSeen>> RunAsync(
        IPlanMachine<AsyncPfOp, AsyncPfSeen> machine, CampaignOptions options, Action<Finding<AsyncPfOp, AsyncPfSeen>>? found = null, CancellationToken cancellation = default) =>
        new Campaign<AsyncPfModel, AsyncPfOp, AsyncPfSeen>(Subject, machine, options, found: found).RunAsync(cancellation);

    [Test]
    public async Task A_known_deviation_is_counted_and_not_found()
    {
        string[] quirks = [nameof(AsyncPfQuirks.KeepsRefusedArea), nameof(AsyncPfQuirks.StuckCompletionKeepsAwake)];
        var machine = new SimulatedMachine<AsyncPfOp, AsyncPfSeen>(random => Machine(random, AsyncPfDefect.None, quirks), 1);
        var result = await RunAsync(machine, new() { MaxPlans = 1000, KnownQuirks = quirks });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Findings, Is.Empty);
            Assert.That(result.Known.Keys, Is.SupersetOf(quirks));
            Assert.That(result.Known.Values, Is.All.GreaterThan(0));
        }
    }

    [Test]
    public async Task The_same_deviation_is_found_where_nobody_knows_it()
    {
        var machine = new SimulatedMachine<AsyncPfOp, AsyncPfSeen>(random => Machine(random, AsyncPfDefect.None, nameof(AsyncPfQuirks.StuckCompletionKeepsAwake)), 1);
        var result = await RunAsync(machine, new() { MaxPlans = 2000, MaxFindings = 1 });
        Assert.That(result.Findings.Single().Signature.Seen, Is.EqualTo("spinning"));
    }

    [Test]
    public async Task One_fault_is_found_once_for_each_state_that_it_shows_in()
    {
        var machine = new SimulatedMachine<AsyncPfOp, AsyncPfSeen>(random => Machine(random, AsyncPfDefect.ReservedBitsAccepted), 1);
        var result = await RunAsync(machine, new() { MaxPlans = 300 });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Findings.Select(finding => finding.Signature), Is.Unique);
            Assert.That(result.Findings.Sum(finding => finding.Plans), Is.GreaterThan(result.Findings.Count));
            Assert.That(result.Findings.Select(finding => finding.Rate.Regularity), Is.All.EqualTo(Regularity.Always));
        }
    }

    [Test]
    public async Task What_comes_once_and_never_again_is_said_to()
    {
        var once = true;
        var machine = new SimulatedMachine<AsyncPfOp, AsyncPfSeen>(random =>
        {
            var device = Machine(random);
            return operation => operation is AsyncPfOp.Poll && device(operation) is var seen && once && !(once = false) ? new AsyncPfSeen.WrongData(1) : device(operation);
        }, 1);
        var result = await RunAsync(machine, new() { MaxPlans = 60, MaxFindings = 1 });
        Assert.That(result.Findings.Single().Rate.Regularity, Is.EqualTo(Regularity.NeverAgain));
    }

    [Test]
    public async Task A_host_that_goes_down_is_a_finding_made_small()
    {
        var result = await RunAsync(new Fragile(), new() { MaxPlans = 400, MaxFindings = 1 });
        var finding = result.Findings.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(finding.IsOfTheMachine);
            Assert.That(finding.Signature.Seen, Is.EqualTo("host: kernel panic"));
            Assert.That(finding.Plan, Is.All.InstanceOf<AsyncPfOp.SetLapic>());
            Assert.That(finding.Plan, Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task An_end_at_any_moment_keeps_what_was_found()
    {
        using var end = new CancellationTokenSource();
        var machine = new SimulatedMachine<AsyncPfOp, AsyncPfSeen>(random => Machine(random, AsyncPfDefect.ZeroToken), 1);
        var told = new List<Finding<AsyncPfOp, AsyncPfSeen>>();
        var result = await RunAsync(machine, new() { MaxPlans = 100_000 }, finding =>
        {
            told.Add(finding);
            end.Cancel();
        }, end.Token);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Interrupted);
            Assert.That(result.Findings, Is.EqualTo(told).And.Count.EqualTo(1));
        }
    }

    /// <summary>Goes down as soon as a guest switches its LAPIC off in hardware.</summary>
    private sealed class Fragile : IPlanMachine<AsyncPfOp, AsyncPfSeen>
    {
        private readonly SimulatedMachine<AsyncPfOp, AsyncPfSeen> _inner = new(random => Machine(random), 1);

        public async Task<IReadOnlyList<PlanRun<AsyncPfOp, AsyncPfSeen>>> RunAsync(IReadOnlyList<IReadOnlyList<AsyncPfOp>> plans, CancellationToken cancellation)
        {
            var runs = await _inner.RunAsync(plans, cancellation);
            return [.. plans.Zip(runs, (plan, run) => plan.ToList().FindIndex(operation => operation is AsyncPfOp.SetLapic { State: Lapic.HardwareOff }) is var at and >= 0
                ? new([.. run.Events.Take(at)], new PlanStop(IsHost: true, "kernel panic", "details")) : run)];
        }
    }
}
