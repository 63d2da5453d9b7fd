using System.Text.Json;
using HvLab.Harness.Scenarios.Kvm;
using HvLab.Reference.Kvm;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Kvm;

namespace HvLab.Reference.Tests.Kvm;

/// <summary>Traces of real KVM 6.1 on the default box (QEMU TCG with SVM and NPT), as the probe sent them: a change of the model that rejects them is wrong.</summary>
public sealed class RecordedTraceTests
{
    private static readonly string[] s_good =
    [
        "same-page-twice", "second-ready-waits-for-acknowledge", "destroyed-with-faults-outstanding", "disabled-half-way",
        "area-page-missing-at-ready", "two-vcpus-one-page",
    ];

    private static readonly string[] s_faults =
    [
        "a READY is lost", "a READY comes twice", "a READY names a token that nobody has", "a READY uses another vector", "a fault never completes",
        "a token is zero", "a token is given out again", "outstanding work is not waited for",
    ];

    [TestCaseSource(nameof(s_good))]
    public void What_real_KVM_did_is_allowed(string name) => Assert.That(Judge(name), Is.Null);

    [TestCase("area-outside-ram", 5, "value 0x4000000b", "value 0x700b", TestName = "A_write_that_raises_GP_and_is_kept_diverges_where_it_is_read_back")]
    [TestCase("held-ready-and-artificial-halt", 11, "spinning", "asleep in KVM", TestName = "A_vCPU_that_spins_while_a_READY_is_held_diverges_where_it_spins")]
    public void A_bug_of_real_KVM_diverges(string name, int step, string seen, string allowed)
    {
        var divergence = Judge(name);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(divergence?.Step, Is.EqualTo(step));
            Assert.That(divergence?.Allowed.Select(answer => answer.ToString()), Is.EqualTo((string[])[allowed]));
            Assert.That(Read(name).Events[step].Seen.ToString(), Does.StartWith(seen));
        }
    }

    [TestCaseSource(nameof(s_faults))]
    public void A_bug_put_into_what_real_KVM_did_diverges_at_its_own_step(string name)
    {
        var fault = TraceFault.All.Single(fault => fault.Name == name);
        var sites = 0;
        foreach (var recorded in s_good)
        {
            var (vcpus, events) = Read(recorded);
            foreach (var (step, trace) in fault.In(Explain(Start(vcpus), events)))
            {
                sites++;
                Assert.That(Judge(vcpus, trace)?.Step, Is.EqualTo(step), $"{recorded}: '{trace[step].Operation}' was answered '{trace[step].Seen}'");
            }
        }
        Assert.That(sites, Is.Positive, "the bug fits into no recorded trace");
    }

    [TestCaseSource(nameof(s_good))]
    public void An_answer_of_real_KVM_that_came_too_late_diverges_at_its_own_step(string name)
    {
        var (vcpus, events) = Read(name);
        var step = Array.FindLastIndex(events, now => now.Seen is AsyncPfSeen.Ready);
        events[step] = events[step] with { Took = AsyncPfScenario.Liveness + TimeSpan.FromMilliseconds(1) };
        Assert.That((Judge(vcpus, events)?.Step, Judge(vcpus, events)?.Late), Is.EqualTo((step, true)));
    }

    private static FirstDivergence<AsyncPfSeen>? Judge(string name)
    {
        var (vcpus, events) = Read(name);
        return Judge(vcpus, events);
    }

    private static FirstDivergence<AsyncPfSeen>? Judge(int vcpus, Event<AsyncPfOp, AsyncPfSeen>[] events) =>
        AsyncPfScenario.NewConformance().Check(Start(vcpus), events);

    private static AsyncPfModel Start(int vcpus) => AsyncPfModel.AtReset(new(AsyncPfGuest.FirstPaged, AsyncPfGuest.PagedCount), vcpus);

    /// <summary>One run of the model that explains the trace: the state before each event.</summary>
    private static SimulatedRun Explain(AsyncPfModel state, Event<AsyncPfOp, AsyncPfSeen>[] events)
    {
        var before = new List<AsyncPfModel>();
        foreach (var now in events)
        {
            before.Add(state);
            AsyncPfModel? next = null;
            foreach (ref readonly var alternative in now.Operation.On(state).Alternatives)
                next ??= alternative.Explain(now.Seen);
            state = next!;
        }
        return new(events, [.. before]);
    }

    private static (int Vcpus, Event<AsyncPfOp, AsyncPfSeen>[] Events) Read(string name)
    {
        using var file = typeof(RecordedTraceTests).Assembly.GetManifestResourceStream($"recorded/{name}.json");
        using var recorded = JsonDocument.Parse(file!);
        var plan = recorded.RootElement.GetProperty("plan").Deserialize(AsyncPfJson.Default.AsyncPfPlan)!;
        return (plan.Vcpus,
        [
            .. recorded.RootElement.GetProperty("events").EnumerateArray().Select((now, step) => new Event<AsyncPfOp, AsyncPfSeen>(
                plan.Operations[step], now.GetProperty("seen").Deserialize(AsyncPfJson.Default.AsyncPfSeen)!, TimeSpan.FromMicroseconds(now.GetProperty("tookMicros").GetInt64()))),
        ]);
    }
}
