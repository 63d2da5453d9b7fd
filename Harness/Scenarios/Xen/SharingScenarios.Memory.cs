using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingOp;

namespace HvLab.Harness.Scenarios.Xen;

// Copies for which there is no memory, and the helper who finds some.
public static partial class SharingScenarios
{
    /// <summary>A and B share their first page; B has a helper and may own not one page more.</summary>
    private static SharingOp[] Full => [.. Pair, new EnableRing(B), new SetSpare(B, 0)];

    private static IReadOnlyList<SharingScenario> Enomem =>
    [
        new() { Name = "no-memory-and-no-helper", Claim = "A write for which there is no memory and no helper crashes its domain, and only that.", Trace = [.. Pair, new SetSpare(B, 0), Put(B, 0, 0xb1), Get(A, 0), Count(A, 0), Put(A, 1, 0xa1), new Destroy(B), Count(A, 0)] },
        new() { Name = "no-memory-and-then-some-by-event", Claim = "A write for which there is no memory waits for the helper; with memory and a kick by event channel it completes.", Trace = [.. Full, Put(B, 0, 0xb1), new TakeRequest(B), new Await(B, Cpu0), new SetSpare(B, 4), new Await(B, Cpu0), new Respond(B, SharingKick.Event), Get(B, 0), Count(A, 0)] },
        new() { Name = "no-memory-and-then-some-by-resume", Claim = "A write for which there is no memory waits for the helper; with memory and xc_memshr_domain_resume it completes.", Trace = [.. Full, Put(B, 0, 0xb1), new TakeRequest(B), new SetSpare(B, 4), new Respond(B, SharingKick.Resume), Get(B, 0), Count(A, 0)] },
        new() { Name = "answered-without-memory", Claim = "A helper that answers without finding memory is asked again.", Trace = [.. Full, Put(B, 0, 0xb1), new TakeRequest(B), new Respond(B, SharingKick.Event), new TakeRequest(B), new TakeRequest(B), new Respond(B, SharingKick.Resume), new TakeRequest(B), new SetSpare(B, 1), new Respond(B, SharingKick.Event), new TakeRequest(B)] },
        new() { Name = "resumed-without-an-answer", Claim = "Resuming without an answer on the ring wakes nobody.", Trace = [.. Full, Put(B, 0, 0xb1), new TakeRequest(B), new SetSpare(B, 1), new Resume(B), new Await(B, Cpu0), new Respond(B, SharingKick.Resume)] },
        new() { Name = "memory-from-another-page", Claim = "Memory that another page gives up serves a waiting write.", Trace = [.. Full, Put(B, 0, 0xb1), new TakeRequest(B), new Remove(B, P(3)), new Respond(B, SharingKick.Event), Count(A, 0)] },
        new() { Name = "memory-from-a-nomination", Claim = "A page that is nominated is no longer the domain's, and its memory serves a waiting write.", Trace = [.. Full, Put(B, 0, 0xb1), new TakeRequest(B), Nom(B, 3, H3), new Respond(B, SharingKick.Event), Count(B, 3)] },
        new() { Name = "last-sharer-needs-no-memory", Claim = "The last sharer's write needs no memory: nobody is asked.", Trace = [.. Full, Put(A, 0, 0xa1), Put(B, 0, 0xb1), new TakeRequest(B)] },
        new() { Name = "sharer-leaves-while-another-waits", Claim = "A write that waits for memory completes without any once the other sharer has left.", Trace = [.. Full, Put(B, 0, 0xb1), new TakeRequest(B), Put(A, 0, 0xa1), new Respond(B, SharingKick.Event), Get(B, 0)] },
        new() { Name = "two-vcpus-wait-for-memory", Claim = "Two vCPUs wait on two pages; each is woken by its own answer.", Vcpus = 2, Trace = [.. On(A, B), .. Merge(A, 0, B, 0), .. Merge(A, 1, B, 1), new EnableRing(B), new SetSpare(B, 0), Put(B, 0, 0xb0, vcpu: Cpu0), Put(B, 1, 0xb1, vcpu: Cpu1), new TakeRequest(B), new TakeRequest(B), new SetSpare(B, 2), new Respond(B, SharingKick.Event), new Await(B, Cpu1), new Respond(B, SharingKick.Event)] },
        new() { Name = "memory-for-one-of-two", Claim = "With memory for one of two waiting vCPUs the other asks again.", Vcpus = 2, Trace = [.. On(A, B), .. Merge(A, 0, B, 0), .. Merge(A, 1, B, 1), new EnableRing(B), new SetSpare(B, 0), Put(B, 0, 0xb0, vcpu: Cpu0), Put(B, 1, 0xb1, vcpu: Cpu1), new TakeRequest(B), new TakeRequest(B), new SetSpare(B, 1), new Respond(B, SharingKick.Event), new Respond(B, SharingKick.Event), new TakeRequest(B), new SetSpare(B, 1), new Respond(B, SharingKick.Event)] },
        new() { Name = "two-vcpus-wait-for-one-page", Claim = "Two vCPUs wait on one page: one copy serves both.", Vcpus = 2, Trace = [.. Full, Put(B, 0, 0xb0, vcpu: Cpu0), Put(B, 0, 0xb1, SharingWord.Last, Cpu1), new TakeRequest(B), new TakeRequest(B), new SetSpare(B, 1), new Respond(B, SharingKick.Event), new Respond(B, SharingKick.Event), Count(A, 0)] },
        new() { Name = "read-only-map-without-memory", Claim = "A read-only map needs no memory, and asks nobody.", Trace = [.. Full, new Map(Map0, B, P(0), false), new TakeRequest(B), Count(A, 0), new Unmap(Map0)] },
        new() { Name = "taken-out-without-memory", Claim = "Taking out a shared page for which there is no copy fails and leaves it shared.", Trace = [.. Pair, new SetSpare(B, 0), new Remove(B, P(0)), Count(A, 0), new SetSpare(B, 1), new Remove(B, P(0)), Count(A, 0)] },
        new() { Name = "memory-does-not-come-while-paused", Claim = "A domain paused while its write waits goes on where it was.", Trace = [.. Full, Put(B, 0, 0xb1), new TakeRequest(B), new Pause(B), new SetSpare(B, 1), new Unpause(B), new Await(B, Cpu0), new Respond(B, SharingKick.Event)] },
    ];

    private static IReadOnlyList<SharingScenario> Helpers =>
    [
        new() { Name = "helper-dies-and-another-attaches", Claim = "A helper goes with a vCPU waiting; the next one can answer for it.", Trace = [.. Full, Put(B, 0, 0xb1), new TakeRequest(B), new DisableRing(B), new Await(B, Cpu0), new SetSpare(B, 1), new Await(B, Cpu0), new EnableRing(B), new TakeRequest(B), new Respond(B, SharingKick.Event), Get(B, 0)] },
        new() { Name = "second-helper", Claim = "A second helper is refused with EINVAL.", Trace = [new EnableRing(A), new EnableRing(A)] },
        new() { Name = "helper-detaches-twice", Claim = "A helper that is not there cannot detach.", Trace = [new DisableRing(A), new EnableRing(A), new DisableRing(A), new DisableRing(A), new EnableRing(A)] },
        new() { Name = "resume-without-a-helper", Claim = "Without a ring there is nothing to resume.", Trace = [.. On(A), new Resume(A), new EnableRing(A), new Resume(A), new TakeRequest(A), new DisableRing(A), new Resume(A)] },
        new() { Name = "crash-after-the-helper-left", Claim = "Once the helper left, a write without memory crashes its domain again.", Trace = [.. Full, new DisableRing(B), Put(B, 0, 0xb1), Count(A, 0), Get(A, 0)] },
        new() { Name = "request-that-pauses-nobody", Claim = "Taking out a shared page for which there is no memory tells the helper too; its answer wakes nobody.", Trace = [.. Full, new Remove(B, P(0)), new TakeRequest(B), new TakeRequest(B), new SetSpare(B, 1), new Respond(B, SharingKick.Event), new Remove(B, P(0)), Count(A, 0)] },
        new() { Name = "ring-full-of-dom0's-requests", Claim = "Dom0's failing calls fill the ring; then they still fail, and nothing is overwritten.", Trace = [.. Full, .. Enumerable.Repeat<SharingOp>(new Remove(B, P(0)), 10), .. Enumerable.Repeat<SharingOp>(new TakeRequest(B), 9), .. Enumerable.Repeat<SharingOp>(new Respond(B, SharingKick.Event), 8), new Remove(B, P(0)), new TakeRequest(B)] },
        new() { Name = "guest-spins-on-a-full-ring", Claim = "A vCPU whose request finds no slot tries again until there is one, and is then served like any other.", Trace = [.. Full, .. Enumerable.Repeat<SharingOp>(new Remove(B, P(0)), 8), Put(B, 0, 0xb1), new TakeRequest(B), new Respond(B, SharingKick.Event), new Await(B, Cpu0)] },
        new() { Name = "helper-of-each-domain", Claim = "Each domain's helper is asked for its own domain only.", Trace = [.. On(A, B), .. Merge(A, 0, B, 0), .. Merge(A, 1, B, 1), new EnableRing(A), new EnableRing(B), new SetSpare(A, 0), new SetSpare(B, 0), Put(A, 0, 0xa0), Put(B, 1, 0xb1), new TakeRequest(A), new TakeRequest(A), new TakeRequest(B), new TakeRequest(B), new SetSpare(A, 1), new Respond(A, SharingKick.Event), new SetSpare(B, 1), new Respond(B, SharingKick.Event)] },
    ];
}
