using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.IoreqOp;

namespace HvLab.Harness.Scenarios.Xen;

// Something changes while a server has a request.
public static partial class IoreqScenarios
{
    private static IReadOnlyList<IoreqScenario> InFlight =>
    [
        new()
        {
            Name = "unmap-with-a-request-in-flight",
            Claim = "A write that waits for its server when the type is unmapped completes when it is answered; the next one goes to memory.",
            Trace = [.. Mapped(A), Mark(X), Write(At(X, 0), 1), Unmap(A), Looks(), Answer(A), Read(At(X, 0)), Write(At(X, 0), 2), Read(At(X, 0))],
        },
        new()
        {
            Name = "set-back-with-a-request-in-flight",
            Claim = "A write that waits for its server when its page is set back completes when it is answered, and the next one goes to memory.",
            Trace = [.. Mapped(A), Mark(X), Write(At(X, 0), 1), Unmark(X), Looks(), Answer(A), Read(At(X, 0)), Write(At(X, 0), 2), Read(At(X, 0))],
        },
        new()
        {
            Name = "disable-with-a-request-in-flight",
            Claim = "A server that is disabled can still answer what it was asked.",
            Trace = [.. Enabled(A), new MapIoRange(A, Ports), In(0x500), new SetState(A, false), Looks(), Answer(A, 0x55), In(0x500), new SetState(A, true), In(0x500), Answer(A, 0x66)],
        },
        new()
        {
            Name = "range-given-back-with-a-request-in-flight",
            Claim = "A request outlives the range that it came by.",
            Trace = [.. Enabled(A), new MapIoRange(A, Registers), Read(InHole(0)), new UnmapIoRange(A, Registers), Looks(), Answer(A, 0x77), Read(InHole(0))],
        },
        new()
        {
            Name = "other-server-takes-over-with-a-request-in-flight",
            Claim = "A request of A stays A's when B takes the type; the next write is B's.",
            Trace =
            [
                .. Mapped(A), .. Enabled(B), Mark(X), Write(At(X, 0), 1), Unmap(A), Map(B), Mark(X), Looks(), Answer(A), Write(At(X, 0), 2), Answer(B), Read(At(X, 0)),
            ],
        },
        new()
        {
            Name = "server-destroyed-with-a-write-in-flight",
            Claim = "A write that waits for a server when that is destroyed does not wait for ever.",
            Trace = [.. Mapped(A), Mark(X), Write(At(X, 0), 1), Unmap(A), new DestroyServer(A), Looks()],
        },
        new()
        {
            Name = "server-destroyed-with-a-port-read-in-flight",
            Claim = "A port read that waits for a server when that is destroyed does not wait for ever.",
            Trace = [.. Enabled(A), new MapIoRange(A, Ports), In(0x500), new DestroyServer(A), Looks()],
        },
        new()
        {
            Name = "one-server-destroyed-two-in-flight",
            Claim = "When one of two servers is destroyed, a request of the other is answered as if nothing had happened.",
            Vcpus = 2,
            Trace =
            [
                .. Enabled(A), .. Enabled(B), new MapIoRange(A, Ports), new MapIoRange(B, Registers), Read(InHole(0), Cpu1), new DestroyServer(A), Looks(Cpu1),
                Answer(B, 0x99, Cpu1), Read(InHole(4)), Answer(B, 0x98),
            ],
        },
        new()
        {
            Name = "domain-destroyed-with-requests-in-flight",
            Claim = "A domain whose vCPUs wait for servers can be destroyed, and goes.",
            Vcpus = 2,
            Trace = [.. Mapped(A), .. Enabled(B), new MapIoRange(B, Ports), Mark(X), Write(At(X, 0), 1), In(0x500, Cpu1), new DestroyDomain()],
        },
        new()
        {
            Name = "domain-destroyed-with-pages-marked",
            Claim = "A domain with marked pages and servers can be destroyed, and goes.",
            Trace = [.. Mapped(A), .. Enabled(B), Mark(X, 8), new DestroyDomain()],
        },
        new()
        {
            Name = "domain-destroyed-under-log-dirty",
            Claim = "A domain that is being logged, with marked pages, can be destroyed, and goes.",
            Trace = [new EnableLogDirty(), .. Mapped(A), Write(At(X, 0), 1), Mark(X), Write(At(Y, 0), 1), new CleanDirty(), new DestroyDomain()],
        },
        new()
        {
            Name = "log-dirty-with-a-request-in-flight",
            Claim = "Log-dirty may begin, be cleaned and end while a vCPU waits for a server.",
            Trace =
            [
                .. Enabled(A), new MapIoRange(A, Registers), Read(InHole(0)), new EnableLogDirty(), new CleanDirty(), Looks(), Answer(A, 1), Write(At(X, 0), 1), new PeekDirty(),
                Read(InHole(0)), new DisableLogDirty(), Answer(A, 2), Write(At(X, 0), 2), Read(At(X, 0)),
            ],
        },
        new()
        {
            Name = "clean-with-a-forwarded-write-in-flight",
            Claim = "A clean while a forwarded write waits changes nothing for it.",
            Trace =
            [
                new EnableLogDirty(), .. Mapped(A), Write(At(X, 0), 1), Mark(X), Write(At(X, 0), 2), new CleanDirty(), Looks(), Answer(A), new PeekDirty(), Write(At(X, 0), 3),
                Answer(A), Read(At(X, 0)),
            ],
        },
        new()
        {
            Name = "next-request-after-a-straddle-in-flight",
            Claim = "After a write across two pages that waited while the type was unmapped, the vCPU's next request is asked and answered as always.",
            Trace =
            [
                .. Mapped(A), new MapIoRange(A, Registers), Mark(X, 2), Write(At(X, 0xffe), 0x1122_3344), Unmap(A), Answer(A), Read(InHole(0)), Answer(A, 0x12),
                Write(At(X, 0), 1), Read(At(X, 0)),
            ],
        },
        new()
        {
            Name = "next-request-after-a-string-in-flight",
            Claim = "After a string store that waited while its page was set back, the vCPU's next request is asked and answered as always.",
            Trace =
            [
                .. Mapped(A), new MapIoRange(A, Ports), Mark(X), Does(new GuestAccess.Store(At(X, 0), 0x5a, 4)), Unmark(X), Answer(A), In(0x500), Answer(A, 0x12),
                Mark(X), Write(At(X, 0), 1), Answer(A),
            ],
        },
        new()
        {
            Name = "straddle-in-flight-when-the-type-is-unmapped",
            Claim = "Of a write across two marked pages whose first part waits when the type is unmapped, the rest goes to memory.",
            Trace = [.. Mapped(A), Mark(X, 2), Write(At(X, 0xffe), 0x1122_3344), Unmap(A), Answer(A), Read(At(X, 0xffc)), Read(At(Y, 0))],
        },
        new()
        {
            Name = "string-in-flight-when-its-page-is-set-back",
            Claim = "A string store whose first element waits when its page is set back writes the rest to memory.",
            Trace = [.. Mapped(A), Mark(X), Does(new GuestAccess.Store(At(X, 0), 0x5a, 4)), Unmark(X), Answer(A), Read(At(X, 0))],
        },
    ];
}
