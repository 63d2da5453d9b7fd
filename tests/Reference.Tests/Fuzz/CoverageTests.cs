using System.Diagnostics;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Fuzz;
using HvLab.Reference.Models.Kvm;
using HvLab.Reference.Models.Xen;
using HvLab.Reference.Models.Xen.Ioreq;
using HvLab.Reference.Models.Xen.Preemption;
using HvLab.Reference.Models.Xen.PvMmuQueue;

namespace HvLab.Reference.Tests.Fuzz;

/// <summary>What coverage is compared with comes to an end, and plans visit what is often.</summary>
public sealed class CoverageTests
{
    private const int MaxStates = 150_000;

    [Test]
    public Task Async_page_faults() => VisitAsync(new AsyncPfFuzz(), 200);

    [Test]
    public Task Ioreq_servers() => VisitAsync(new IoreqFuzz(), 200);

    [Test]
    public Task Memory_paging() => VisitAsync(new PagingFuzz(), 200);

    [Test]
    public Task Page_sharing() => VisitAsync(new SharingFuzz(), 100);

    [Test]
    public Task Preemption() => VisitAsync(PreemptionFuzz.Of("both"), 200);

    [Test]
    public Task Page_table_queues() => VisitAsync(PvMmuQueueFuzz.Of("scoreboard"), 200);

    private static async Task VisitAsync<TState, TOp, TSeen>(FuzzSubject<TState, TOp, TSeen> subject, int plans)
        where TState : class, IEquatable<TState> where TOp : class where TSeen : class
    {
        var machine = new SimulatedMachine<TOp, TSeen>(random =>
        {
            var at = new Follower<TState, TSeen>(subject.Start, random);
            return operation => at.Choose(state => subject.Apply(operation, state));
        }, seed: 3);
        var clock = Stopwatch.StartNew();
        var result = await new Campaign<TState, TOp, TSeen>(subject, machine, new() { MaxPlans = plans, MaxBatch = 50 }).RunAsync(CancellationToken.None);
        var ran = clock.Elapsed;
        var report = result.Coverage.Report(MaxStates, CancellationToken.None);
        TestContext.Progress.WriteLine($"{subject.Name}: {report.Visited} of {report.Explored} abstract steps ({report.Bounds}: {report.States} states, {(report.Complete ? "all" : "cut short")}), {report.Beyond} beyond; {plans} plans in {ran.TotalSeconds:0.0} s, exploration {(clock.Elapsed - ran).TotalSeconds:0.0} s");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Findings, Is.Empty);
            Assert.That(report.Visited, Is.InRange(10, report.Explored));
            Assert.That(report.Visited + report.Missing.Count, Is.EqualTo(report.Explored));
        }
    }
}
