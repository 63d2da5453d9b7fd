using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Tests.Reports;

/// <summary>Invented runs for the report tests: async page faults as a run of the lab would record them.</summary>
internal static class SampleRuns
{
    public static readonly DateTimeOffset Began = new(2026, 3, 1, 9, 30, 5, TimeSpan.Zero);

    public static HostFacts Host { get; } = new()
    {
        Box = "qemu-tcg",
        Release = "kvm-6.1",
        Kernel = "6.1.0-40-amd64",
        KernelVersion = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1",
        CpuVendor = "AuthenticAMD",
        CpuModel = "QEMU TCG CPU version 2.5+",
        Cpus = 2,
        Platform = "tcg",
        NestedPaging = "NPT",
        KvmModule = "kvm_amd",
        Capabilities = ["KVM_CAP_ASYNC_PF", "KVM_CAP_ASYNC_PF_INT", "KVM_CAP_SPLIT_IRQCHIP", "userfaultfd"],
        Artifacts = new Dictionary<string, string> { ["vmlinux"] = new('a', 64), ["root.squashfs"] = new('b', 64) },
    };

    public static RunResult Run(params IReadOnlyList<ScenarioResult> scenarios) => new()
    {
        Id = "20260301-093005-kvm-async-pf-0a1b",
        Started = Began,
        Finished = Began.AddSeconds(3.4),
        Command = ["./hvlab", "run", "kvm-async-pf", "--seed", "7"],
        Seed = 7,
        Suites = ["kvm-async-pf"],
        Host = Host,
        Planned = scenarios.Count,
        Scenarios = scenarios,
        Phases =
        [
            new("configuration", 0, 41), new("restore snapshot", 41, 812), new("ssh", 853, 402), new("deploy probe", 1255, 96),
            new("run kvm-async-pf", 1351, 1720), new("check against the model", 3071, 18), new("write reports", 3089, 210),
        ],
    };

    /// <summary>One of everything.</summary>
    public static RunResult Mixed() => Run(
        Succeeded("kvm-async-pf/broadcast-on-enable", "Enabling the MSR delivers one broadcast READY with token 0xffffffff.", AllSteps(1)),
        Succeeded("kvm-async-pf/ready-follows-not-present", "Every NotPresent is followed by a READY with the same token.", AllSteps(3)),
        HeldBack(),
        Succeeded("kvm-async-pf/64-outstanding", "64 faults complete, token for token; the per-vCPU bound is kept.", AllSteps(64)),
        SwappedTokenOnTwoVcpus(),
        LongOne(),
        Crashed(),
        Succeeded("kvm-async-pf/hlt-woken-by-ready", "A vCPU in HLT is woken by READY.", AllSteps(2)) with
        {
            KnownDeviation = "READY is late after HLT (Debian bug 1234567)", DeviationGone = true,
        },
        new()
        {
            Id = "kvm-async-pf/ept-violation", Subsystem = "kvm-async-pf", Verdict = Verdict.Skip, DurationMs = 0,
            Claim = "A fault under EPT is reported once.", Detail = "needs nested paging EPT, the host has NPT",
        },
        new()
        {
            Id = "kvm-dirty-log/write-protect", Subsystem = "kvm-dirty-log", Verdict = Verdict.Error, DurationMs = 30_012,
            Claim = "A write to a logged page sets its bit exactly once.", Detail = "The probe was silent for 30 s and was killed.\nIts last frame was number 41.",
        },
        Succeeded("kvm-dirty-log/clear", "Clearing the log protects the pages again.", AllSteps(4)) with { Subsystem = "kvm-dirty-log" });

    public static RunResult OfSize(int count) => Run(
        [.. Enumerable.Range(0, count).Select(i => i % 97 == 13
            ? HeldBack() with { Id = $"kvm-async-pf/random-{i}" }
            : Succeeded($"kvm-async-pf/random-{i}", $"Random plan {i} is explained by the model.", AllSteps(1 + i % 9)))]);

    /// <summary>Every field that a guest, a host or a user can influence holds <paramref name="text"/>.</summary>
    public static RunResult Hostile(string text)
    {
        TraceStep[] trace = [Step(0, Lane.Guest, 0, text, Lane.Hypervisor, text), Step(9, Lane.Pager, null, text, Lane.Guest, text)];
        var divergence = new Divergence { Step = 1, Operation = text, Seen = text, Allowed = [text], Rules = [text] };
        var scenario = new ScenarioResult
        {
            Id = text, Subsystem = text, Claim = text, Verdict = Verdict.Failure, DurationMs = 1, Detail = text, Trace = trace, Divergence = divergence,
        };
        var host = Host with
        {
            Box = text, Release = text, Kernel = text, KernelVersion = text, CpuVendor = text, CpuModel = text, Platform = text,
            NestedPaging = text, KvmModule = text, Capabilities = [text], Artifacts = new Dictionary<string, string> { [text] = text },
        };
        return Run(scenario, scenario with { KnownDeviation = text }, scenario with { Verdict = Verdict.Success, Divergence = null }) with
        {
            Id = text, Command = [text], Suites = [text], Host = host, Trouble = text, TroubleEvidence = text, Phases = [new(text, 0, 1)],
        };
    }

    public static ScenarioResult Succeeded(string id, string claim, IReadOnlyList<TraceStep> trace) => new()
    {
        Id = id, Subsystem = "kvm-async-pf", Claim = claim, Verdict = Verdict.Success,
        DurationMs = trace.Count * 1.3, Trace = trace,
    };

    /// <summary>A second READY that KVM delivers before the first was acknowledged.</summary>
    public static ScenarioResult HeldBack() => new()
    {
        Id = "kvm-async-pf/second-ready-held-back",
        Subsystem = "kvm-async-pf",
        Claim = "A second READY is held back until the acknowledge MSR is written, and released by it.",
        Verdict = Verdict.Failure,
        DurationMs = 14.2,
        Trace =
        [
            Step(0, Lane.Guest, 0, "vcpu0 enables async PF at 0x7000 (send-always)", Lane.Hypervisor, "Ok"),
            Step(410, Lane.Guest, 0, "vcpu0 waits", Lane.Hypervisor, "Ready token 0xffffffff (broadcast)"),
            Step(733, Lane.Guest, 0, "vcpu0 acknowledges", Lane.Hypervisor, "Ok"),
            Step(980, Lane.Guest, 0, "vcpu0 reads gfn 0x600", Lane.Hypervisor, "NotPresent token 0x1000"),
            Step(1405, Lane.Guest, 0, "vcpu0 reads gfn 0x601", Lane.Hypervisor, "NotPresent token 0x2000"),
            Step(1871, Lane.Pager, null, "pager supplies gfn 0x600", Lane.Pager, "Copied 4096 bytes"),
            Step(2204, Lane.Pager, null, "pager supplies gfn 0x601", Lane.Pager, "Copied 4096 bytes"),
            Step(2790, Lane.Guest, 0, "vcpu0 waits", Lane.Hypervisor, "Ready token 0x1000"),
            Step(3122, Lane.Guest, 0, "vcpu0 waits", Lane.Hypervisor, "Ready token 0x2000"),
        ],
        Divergence = new()
        {
            Step = 8, Operation = "vcpu0 waits", Seen = "Ready token 0x2000",
            Allowed = ["Nothing: READY 0x2000 stays queued until vcpu0 acknowledges token 0x1000"],
            Rules =
            [
                "\"when the guest finishes handling a 'page ready' event it must write '1' to MSR_KVM_ASYNC_PF_ACK to re-enable delivery\" (Documentation/virt/kvm/x86/msr.rst)",
            ],
        },
    };

    private static ScenarioResult SwappedTokenOnTwoVcpus() => new()
    {
        Id = "kvm-async-pf/two-vcpus-one-page",
        Subsystem = "kvm-async-pf",
        Claim = "Two vCPUs that fault on one page get a token each, and each gets its own READY.",
        Verdict = Verdict.Failure,
        KnownDeviation = "the token of the first vCPU is delivered to the second (lkml 2026-01-12, fixed in 6.19)",
        DurationMs = 22.9,
        Trace =
        [
            Step(0, Lane.Guest, 0, "vcpu0 enables async PF at 0x7000 (send-always)", Lane.Hypervisor, "Ok"),
            Step(240, Lane.Guest, 1, "vcpu1 enables async PF at 0x8000 (send-always)", Lane.Hypervisor, "Ok"),
            Step(980, Lane.Guest, 0, "vcpu0 reads gfn 0x600", Lane.Hypervisor, "NotPresent token 0x1000"),
            Step(1405, Lane.Guest, 1, "vcpu1 reads gfn 0x600", Lane.Hypervisor, "NotPresent token 0x1001"),
            Step(1871, Lane.Pager, null, "pager supplies gfn 0x600", Lane.Hypervisor, "Woken 2"),
            Step(2790, Lane.Hypervisor, 1, "hypervisor raises the READY vector", Lane.Guest, "Ready token 0x1000"),
        ],
        Divergence = new()
        {
            Step = 5, Operation = "hypervisor raises the READY vector", Seen = "Ready token 0x1000",
            Allowed = ["Ready token 0x1001 on vcpu1", "Ready token 0x1000 on vcpu0", "nothing yet (at most 250 ms after the page is there)"],
            Rules = ["\"the token is unique per vCPU\" (arch/x86/kvm/x86.c, kvm_arch_setup_async_pf)"],
        },
    };

    private static ScenarioResult LongOne()
    {
        var trace = AllSteps(150);
        return HeldBack() with
        {
            Id = "kvm-async-pf/150-pages", Claim = "150 pages on one vCPU complete, none of them lost.", DurationMs = 4211,
            Trace = trace,
            Divergence = new()
            {
                Step = trace.Count - 1, Operation = trace[^1].Operation, Seen = trace[^1].Seen,
                Allowed = ["Ready token 0x97000"],
            },
        };
    }

    private static ScenarioResult Crashed() => new()
    {
        Id = "kvm-async-pf/destroy-with-outstanding", Subsystem = "kvm-async-pf", Verdict = Verdict.Failure, DurationMs = 1804,
        Claim = "A VM is destroyed with faults outstanding and leaks nothing.",
        Detail = "The host's kernel oopsed.\n[   12.402113] BUG: kernel NULL pointer dereference, address: 0000000000000028\n[   12.402120] RIP: 0010:async_pf_execute+0x5c/0x1d0 [kvm]",
        Trace = [.. AllSteps(2).Take(4), Step(6000, Lane.Hypervisor, null, "destroy the VM", Lane.Hypervisor, "")],
    };

    /// <summary>Enable, then per page: touch, supply, wait, acknowledge.</summary>
    private static List<TraceStep> AllSteps(int pages)
    {
        List<TraceStep> steps = [Step(0, Lane.Guest, 0, "vcpu0 enables async PF at 0x7000 (send-always)", Lane.Hypervisor, "Ok")];
        for (var page = 0; page < pages; page++)
        {
            var (at, token) = (400L + page * 900, (page + 1) * 0x1000);
            steps.Add(Step(at, Lane.Guest, 0, $"vcpu0 reads gfn 0x{0x600 + page:x}", Lane.Hypervisor, $"NotPresent token 0x{token:x}"));
            steps.Add(Step(at + 200, Lane.Pager, null, $"pager supplies gfn 0x{0x600 + page:x}", Lane.Pager, "Copied 4096 bytes"));
            steps.Add(Step(at + 410, Lane.Guest, 0, "vcpu0 waits", Lane.Hypervisor, $"Ready token 0x{token:x}"));
            steps.Add(Step(at + 650, Lane.Guest, 0, "vcpu0 acknowledges", Lane.Hypervisor, "Ok"));
        }
        return steps;
    }

    private static TraceStep Step(long at, Lane actor, int? vcpu, string operation, Lane witness, string seen) => new()
    {
        AtMicros = at, TookMicros = 37, Actor = actor, Vcpu = vcpu, Operation = operation, Witness = witness, Seen = seen,
    };
}
