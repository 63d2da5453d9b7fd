using System.Text.Json;
using HvLab.Harness.Scenarios.Kvm;
using HvLab.Reference.Kvm;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Kvm;

namespace HvLab.Reference.Tests.Kvm;

/// <summary>Traces of real KVM 6.1 on the default box (QEMU TCG with SVM and NPT), as the probe sent them: a change of the model that rejects them is wrong.</summary>
public sealed class RecordedTraceTests
{
    [TestCase("same-page-twice")]
    [TestCase("second-ready-waits-for-acknowledge")]
    [TestCase("destroyed-with-faults-outstanding")]
    [TestCase("disabled-half-way")]
    [TestCase("area-page-missing-at-ready")]
    [TestCase("two-vcpus-one-page")]
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

    private static FirstDivergence<AsyncPfSeen>? Judge(string name)
    {
        var (vcpus, events) = Read(name);
        return AsyncPfScenario.NewConformance().Check(AsyncPfModel.AtReset(new(AsyncPfGuest.FirstPaged, AsyncPfGuest.PagedCount), vcpus), events);
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
