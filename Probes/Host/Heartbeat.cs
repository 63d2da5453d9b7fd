using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Host;

/// <summary>
/// Wakes every CPU of the host from another one, some times a second: a precaution whose use is not proven. QEMU's TCG before
/// 10.2 clears a bit of cs-&gt;interrupt_request in do_vmexit (target/i386/tcg/system/svm_helper.c), as it seems without its
/// lock (a question raised in the review of "treewide: clear bits of cs-&gt;interrupt_request with cpu_reset_interrupt()",
/// qemu-devel, 2025), and could so lose an interrupt that another thread sets at that moment. An idle CPU that lost its timer
/// would sleep until somebody else wakes it. Scenarios that stood still were seen before this was here, and one after.
/// </summary>
internal static class Heartbeat
{
    private const int BeatMs = 50;

    public static void Start()
    {
        if (Environment.ProcessorCount < 2)
            return;
        var bells = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Doorbell()).ToArray();
        for (var cpu = 0; cpu < bells.Length; cpu++)
        {
            var (own, next, here) = (bells[cpu], bells[(cpu + 1) % bells.Length], cpu);
            new Thread(() => Beat(here, own, next)) { IsBackground = true, Name = "heartbeat" }.Start();
        }
    }

    private static void Beat(int cpu, Doorbell own, Doorbell next)
    {
        NativeThread.PinTo(cpu);
        while (true)
        {
            var rings = own.Rings;
            own.Wait(rings, BeatMs);
            if (own.Rings == rings)
                next.Ring();
        }
    }
}
