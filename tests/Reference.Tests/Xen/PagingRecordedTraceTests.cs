using System.Text.Json;
using HvLab.Harness.Scenarios.Xen;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Xen;
using HvLab.Reference.Xen;

namespace HvLab.Reference.Tests.Xen;

/// <summary>Traces of real Xen 4.17 on the default box (QEMU TCG with SVM and NPT), as the probe sent them: a change of the model that rejects them is wrong.</summary>
public sealed class PagingRecordedTraceTests
{
    private static readonly string[] s_good =
    [
        "two-vcpus-one-page", "sleepers-wake-in-their-order", "two-sleepers-one-page", "pager-dies-with-a-request-in-hand", "write-between-nomination-and-eviction",
        "dom0-maps-a-page-that-is-out", "no-memory-while-a-vcpu-waits", "hypercall-buffer-is-out", "destroyed-under-a-map",
    ];

    /// <summary>What a bug makes of one answer of the machine; null where it does not apply.</summary>
    private static readonly Dictionary<string, Func<PagingSeen, PagingSeen?>> s_bugs = new()
    {
        ["a page comes back with other content"] = seen => seen is PagingSeen.Word word ? new PagingSeen.Word(word.Value ^ 1) : null,
        ["a request names another page"] = seen => seen is PagingSeen.Request request ? request with { Page = new(request.Page.Value + 1) } : null,
        ["a request names another vCPU"] = seen => seen is PagingSeen.Request { Foreign: false } request ? request with { Vcpu = new(request.Vcpu.Value + 1) } : null,
        ["a vCPU asks and is not stopped"] = seen => seen is PagingSeen.Request { VcpuPaused: true } request ? request with { VcpuPaused = false } : null,
        ["a failed eviction is not told"] = seen => seen is PagingSeen.Request { EvictFailed: true } request ? request with { EvictFailed = false } : null,
        ["a request is lost"] = seen => seen is PagingSeen.Request ? new PagingSeen.NoRequest() : null,
        ["a vCPU spins instead of sleeping"] = seen => seen is PagingSeen.Asleep ? new PagingSeen.Spinning() : null,
        ["a vCPU sleeps instead of going on"] = seen => seen is PagingSeen.Completed or PagingSeen.Returned ? new PagingSeen.Asleep() : null,
        ["a refused call succeeds"] = seen => seen is PagingSeen.Failed ? new PagingSeen.Done() : null,
        ["a count is off by one"] = seen => seen is PagingSeen.Counts counts ? counts with { Paged = counts.Paged - 1 } : null,
        ["a domain stays"] = seen => seen is PagingSeen.Gone ? new PagingSeen.Dying() : null,
    };

    private static IEnumerable<string> Bugs => s_bugs.Keys;

    [TestCaseSource(nameof(s_good))]
    public void What_real_Xen_did_is_allowed(string name) => Assert.That(Judge(name), Is.Null);

    [TestCase("dom0-takes-a-page-that-is-out", 3, "EINVAL")]
    [TestCase("guest-releases-a-page-that-is-out", 3, "the hypercall returns 0")]
    [TestCase("dom0-takes-a-page-that-never-left", 5, "-1 paged out, +1 present")]
    [TestCase("memory-type-of-a-nominated-page", 6, "faulting again and again")]
    [TestCase("hypercall-buffer-of-an-unpaged-guest-is-out", 4, "the hypercall returns 0")]
    public void A_bug_of_real_Xen_diverges_where_it_shows(string name, int step, string seen)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judge(name)?.Step, Is.EqualTo(step));
            Assert.That(Read(name).Events[step].Seen.ToString(), Is.EqualTo(seen));
        }
    }

    [TestCaseSource(nameof(Bugs))]
    public void A_bug_put_into_what_real_Xen_did_diverges_at_its_own_step(string bug)
    {
        var sites = 0;
        foreach (var name in s_good)
        {
            var (vcpus, events) = Read(name);
            for (var step = 0; step < events.Length; step++)
            {
                if (s_bugs[bug](events[step].Seen) is not { } changed)
                    continue;
                sites++;
                Event<PagingOp, PagingSeen>[] trace = [.. events];
                trace[step] = trace[step] with { Seen = changed };
                Assert.That(Judge(vcpus, trace)?.Step, Is.EqualTo(step), $"{name}: '{trace[step].Operation}' was answered '{changed}'");
            }
        }
        Assert.That(sites, Is.Positive, "the bug fits into no recorded trace");
    }

    private static FirstDivergence<PagingSeen>? Judge(string name)
    {
        var (vcpus, events) = Read(name);
        return Judge(vcpus, events);
    }

    private static FirstDivergence<PagingSeen>? Judge(int vcpus, Event<PagingOp, PagingSeen>[] events) => PagingScenario.NewConformance().Check(
        PagingModel.AtStart(new(PagingGuest.FirstPage, PagingGuest.PageCount), vcpus), events);

    private static (int Vcpus, Event<PagingOp, PagingSeen>[] Events) Read(string name)
    {
        using var file = typeof(PagingRecordedTraceTests).Assembly.GetManifestResourceStream($"recorded/xen-paging/{name}.json");
        using var recorded = JsonDocument.Parse(file!);
        var plan = recorded.RootElement.GetProperty("plan").Deserialize(PagingJson.Default.PagingPlan)!;
        return (plan.Vcpus,
        [
            .. recorded.RootElement.GetProperty("events").EnumerateArray().Select((now, step) => new Event<PagingOp, PagingSeen>(
                plan.Operations[step], now.GetProperty("seen").Deserialize(PagingJson.Default.PagingSeen)!, TimeSpan.FromMicroseconds(now.GetProperty("tookMicros").GetInt64()))),
        ]);
    }
}
