using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Host;

/// <summary>
/// Wakes every CPU of the host from another one, some times a second. QEMU's TCG before 10.2 clears a bit of
/// cs-&gt;interrupt_request in do_vmexit (target/i386/tcg/system/svm_helper.c) without its lock, and so loses an interrupt that
/// another thread sets at that moment (qemu-devel, "treewide: clear bits of cs-&gt;interrupt_request with cpu_reset_interrupt()",
/// 2025). Where it was an idle CPU's timer, that CPU sleeps until somebody else wakes it: for seconds, where nobody has a
/// reason to. The next interrupt brings the lost one with it.
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
