using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.IoreqOp;

namespace HvLab.Harness.Scenarios.Xen;

// Which server gets an access to a port or to an address without RAM.
public static partial class IoreqScenarios
{
    private static IReadOnlyList<IoreqScenario> Ranges =>
    [
        new()
        {
            Name = "port-write-is-forwarded",
            Claim = "A write to a claimed port reaches the server, and the guest goes on when it is answered.",
            Trace = [.. Enabled(A), new MapIoRange(A, Ports), Out(0x500, 0x1234), Answer(A), Out(0x504, 0xffff_ffff), Answer(A)],
        },
        new()
        {
            Name = "port-read-gets-the-answer",
            Claim = "A read of a claimed port returns what the server answers.",
            Trace = [.. Enabled(A), new MapIoRange(A, Ports), In(0x504), Answer(A, 0xabcd_1234), In(0x500), Answer(A, 0)],
        },
        new()
        {
            Name = "memory-write-is-forwarded",
            Claim = "A write to a claimed address without RAM reaches the server.",
            Trace = [.. Enabled(A), new MapIoRange(A, Registers), Write(InHole(0x10), 0x77), Answer(A), Write(InHole(0xffc), 0x88), Answer(A)],
        },
        new()
        {
            Name = "memory-read-gets-the-answer",
            Claim = "A read of a claimed address without RAM returns what the server answers.",
            Trace = [.. Enabled(A), new MapIoRange(A, Registers), Read(InHole(0x20)), Answer(A, 0x4242), Read(InHole(0)), Answer(A, 0xffff_0001)],
        },
        new()
        {
            Name = "unclaimed-accesses-are-ignored",
            Claim = "Accesses that no server claims read all ones and write nothing.",
            Trace = [In(0x600), Out(0x600, 1), Read(InHole(0x10)), Write(InHole(0x10), 1), .. Enabled(A), In(0x600), Read(InHole(0x10))],
        },
        new()
        {
            Name = "overlapping-range-is-refused",
            Claim = "A server cannot claim what it has claimed already, in whole or in part; another server can.",
            Trace =
            [
                .. Enabled(A), .. Enabled(B), new MapIoRange(A, Ports), new MapIoRange(A, Ports), new MapIoRange(A, Ports with { First = 0x504, Last = 0x50f }),
                new MapIoRange(A, Ports with { First = 0x508, Last = 0x50f }), new MapIoRange(B, Ports), new MapIoRange(A, Registers), new MapIoRange(A, Registers),
            ],
        },
        new()
        {
            Name = "newest-server-is-asked",
            Claim = "Of two servers that claim a port the one that was created last gets it; when it gives the port back, the other does.",
            Trace =
            [
                .. Enabled(A), .. Enabled(B), new MapIoRange(A, Ports), new MapIoRange(B, Ports), In(0x500), Answer(B, 0xb), new UnmapIoRange(B, Ports), In(0x500), Answer(A, 0xa),
            ],
        },
        new()
        {
            Name = "request-must-fit-into-the-range",
            Claim = "A request that does not lie wholly within a range is not passed to its server.",
            Trace =
            [
                .. Enabled(A), new MapIoRange(A, Ports), In(0x505), Out(0x506, 1), In(0x4fe), In(0x504), Answer(A, 4),
                new MapIoRange(A, Registers with { Last = Registers.First + 0x1d }), Read(InHole(0x1c)), Read(InHole(0x18)), Answer(A, 5),
            ],
        },
        new()
        {
            Name = "range-is-given-back",
            Claim = "A range that was given back is no longer forwarded; what was not claimed cannot be given back.",
            Trace =
            [
                .. Enabled(A), new UnmapIoRange(A, Ports), new MapIoRange(A, Ports), In(0x500), Answer(A, 1), new UnmapIoRange(A, Ports with { Last = 0x510 }),
                new UnmapIoRange(A, Ports), In(0x500), new UnmapIoRange(A, Ports), new MapIoRange(A, Ports), In(0x500), Answer(A, 2),
            ],
        },
        new()
        {
            Name = "part-of-a-range-is-given-back",
            Claim = "A part of a range can be given back; the rest stays claimed.",
            Trace =
            [
                .. Enabled(A), new MapIoRange(A, Ports with { Last = 0x50f }), new UnmapIoRange(A, Ports with { First = 0x504, Last = 0x507 }),
                In(0x500), Answer(A, 1), In(0x504), In(0x508), Answer(A, 2), In(0x502), In(0x506), In(0x50c), Answer(A, 3),
            ],
        },
        new()
        {
            Name = "range-with-its-ends-swapped",
            Claim = "A range whose end is before its start is refused.",
            Trace = [.. Enabled(A), new MapIoRange(A, new(IoSpace.Port, 0x507, 0x500)), new UnmapIoRange(A, new(IoSpace.Memory, 0x2000, 0x1000)), In(0x500)],
        },
        new()
        {
            Name = "disabled-server-is-not-asked",
            Claim = "A disabled server is not chosen for its ranges; enabled again, it is.",
            Trace =
            [
                .. Enabled(A), new MapIoRange(A, Ports), In(0x500), Answer(A, 1), new SetState(A, false), In(0x500), Out(0x500, 1), new SetState(A, false),
                new SetState(A, true), new SetState(A, true), In(0x500), Answer(A, 2),
            ],
        },
        new()
        {
            Name = "server-is-not-asked-before-it-is-enabled",
            Claim = "A server that claims a range before it is enabled is asked only afterwards.",
            Trace = [new CreateServer(A), new MapIoRange(A, Ports), In(0x500), new SetState(A, true), In(0x500), Answer(A, 1)],
        },
        new()
        {
            Name = "older-server-stands-in-for-a-disabled-one",
            Claim = "While the newer of two servers that claim a port is disabled, the older one gets the accesses.",
            Trace =
            [
                .. Enabled(A), .. Enabled(B), new MapIoRange(A, Ports), new MapIoRange(B, Ports), new SetState(B, false), In(0x500), Answer(A, 1),
                new SetState(B, true), In(0x500), Answer(B, 2),
            ],
        },
        new()
        {
            Name = "two-vcpus-wait-at-once",
            Claim = "Requests of two vCPUs wait independently and may be answered in any order.",
            Vcpus = 2,
            Trace =
            [
                .. Enabled(A), new MapIoRange(A, Ports), In(0x500), In(0x504, Cpu1), Answer(A, 0x11, Cpu1), Looks(), Answer(A, 0x10), In(0x500, Cpu1), Out(0x500, 3),
                Looks(Cpu1), Answer(A), Answer(A, 0x12, Cpu1),
            ],
        },
    ];

    private static IReadOnlyList<IoreqScenario> Lifetimes =>
    [
        new()
        {
            Name = "no-such-server",
            Claim = "Every operation on a server that does not exist is refused with ENOENT.",
            Trace =
            [
                new DestroyServer(A), new SetState(A, true), new SetState(A, false), new MapIoRange(A, Ports), new UnmapIoRange(A, Ports), Map(A), Unmap(A),
                .. Enabled(A), new DestroyServer(A), new DestroyServer(A), Map(A),
            ],
        },
        new()
        {
            Name = "destroyed-server-loses-its-ranges",
            Claim = "The ranges of a destroyed server are nobody's, and another server can claim them.",
            Trace =
            [
                .. Enabled(A), new MapIoRange(A, Ports), new MapIoRange(A, Registers), In(0x500), Answer(A, 1), new DestroyServer(A), In(0x500), Read(InHole(0)),
                .. Enabled(B), new MapIoRange(B, Ports), In(0x500), Answer(B, 2),
            ],
        },
        new()
        {
            Name = "server-is-created-anew",
            Claim = "A server that is created again starts with nothing: no ranges, no pages, disabled.",
            Trace =
            [
                .. Mapped(A), new MapIoRange(A, Ports), Mark(X), Unmap(A), new DestroyServer(A), new CreateServer(A), In(0x500), new SetState(A, true), In(0x500),
                Mark(X), Map(A), Mark(X), Write(At(X, 0), 1), Answer(A),
            ],
        },
        new()
        {
            Name = "created-and-destroyed-many-times",
            Claim = "Servers can be created, used and destroyed over and over.",
            Trace = [.. Enumerable.Range(0, 12).SelectMany(round => (IoreqOp[])[.. Mapped(A), Mark(X), Write(At(X, 0), (uint)round), Answer(A), Unmap(A), new DestroyServer(A)])],
        },
    ];
}
