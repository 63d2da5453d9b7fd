using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.IoreqOp;

namespace HvLab.Harness.Scenarios.Xen;

// Which accesses to a page of the type are forwarded, and how.
public static partial class IoreqScenarios
{
    private static IReadOnlyList<IoreqScenario> Forwarding =>
    [
        new()
        {
            Name = "write-is-forwarded-and-memory-untouched",
            Claim = "A write to a marked page reaches the server; memory changes only if the server changes it.",
            Trace =
            [
                .. Mapped(A), Write(At(X, 0), 0x1111), Mark(X), Write(At(X, 4), 0x2222), new ReadMemory(At(X, 4)), Answer(A), new ReadMemory(At(X, 4)), Read(At(X, 4)),
                Write(At(X, 0), 0x3333), new WriteMemory(At(X, 0), 0x3333), Answer(A), Read(At(X, 0)),
            ],
        },
        new()
        {
            Name = "read-is-direct",
            Claim = "A read of a marked page goes to memory, and no server hears of it.",
            Trace = [.. Mapped(A), Write(At(X, 8), 0xcafe), Mark(X), Read(At(X, 8)), Read(At(X, 0xffc)), new WriteMemory(At(X, 8), 0xbeef), Read(At(X, 8))],
        },
        new()
        {
            Name = "fetch-is-direct",
            Claim = "Instructions can be fetched from a marked page: only writes are forwarded.",
            Trace = [.. Mapped(A), new WriteMemory(At(X, 0x40), 0xc3), Does(new GuestAccess.Execute(At(X, 0x40))), Mark(X), Does(new GuestAccess.Execute(At(X, 0x40)))],
        },
        new()
        {
            Name = "read-modify-write-arrives-as-a-write",
            Claim = "A locked addition reads memory and arrives as a write of the sum; memory is untouched.",
            Trace = [.. Mapped(A), new WriteMemory(At(X, 0), 0x40), Mark(X), Does(new GuestAccess.Add(At(X, 0), 2)), Answer(A), Read(At(X, 0))],
        },
        new()
        {
            Name = "read-modify-write-sees-what-the-server-wrote",
            Claim = "A second addition adds to what the server put there for the first.",
            Trace =
            [
                .. Mapped(A), Mark(X), Does(new GuestAccess.Add(At(X, 0), 5)), new WriteMemory(At(X, 0), 5), Answer(A),
                Does(new GuestAccess.Add(At(X, 0), 7)), new WriteMemory(At(X, 0), 12), Answer(A), Read(At(X, 0)),
            ],
        },
        new()
        {
            Name = "straddle-over-two-marked-pages",
            Claim = "A write across two marked pages arrives as two requests, the lower first.",
            Trace = [.. Mapped(A), Mark(X, 2), Write(At(X, 0xffe), 0x1122_3344), Answer(A), Answer(A), Read(At(X, 0xffc)), Read(At(Y, 0))],
        },
        new()
        {
            Name = "straddle-into-a-marked-page",
            Claim = "A write from RAM into a marked page writes its own part and forwards the rest.",
            Trace = [.. Mapped(A), Mark(Y), Write(At(X, 0xffe), 0x1122_3344), Answer(A), Read(At(X, 0xffc)), Read(At(Y, 0))],
        },
        new()
        {
            Name = "straddle-out-of-a-marked-page",
            Claim = "A write from a marked page into RAM forwards its first part and writes the rest.",
            Trace = [.. Mapped(A), Mark(X), Write(At(X, 0xffe), 0x1122_3344), Answer(A), Read(At(X, 0xffc)), Read(At(Y, 0))],
        },
        new()
        {
            Name = "straddle-of-three-bytes-and-one",
            Claim = "Three bytes in one page arrive as a request of two and one of one.",
            Trace = [.. Mapped(A), Mark(X, 2), Write(At(X, 0xffd), 0x1122_3344), Answer(A), Answer(A), Answer(A), Read(At(Y, 0))],
        },
        new()
        {
            Name = "straddle-of-one-byte-and-three",
            Claim = "One byte in the first page and three in the second arrive as three requests.",
            Trace = [.. Mapped(A), Mark(X, 2), Write(At(X, 0xfff), 0x1122_3344), Answer(A), Answer(A), Answer(A)],
        },
        new()
        {
            Name = "straddle-to-two-servers",
            Claim = "A write from a marked page cannot reach another server's range beside it: each part goes where it belongs.",
            Pages = 2,
            Trace =
            [
                .. Mapped(A), .. Enabled(B), Mark(X), new SetMemType(Hole, Y, 1), new MapIoRange(B, new(IoSpace.Memory, Y.Start.Value, Y.Start.Value + 0xfff)),
                Write(At(X, 0xffe), 0x1122_3344), Answer(A), Answer(B),
            ],
        },
        new()
        {
            Name = "two-vcpus-on-one-marked-page",
            Claim = "Two vCPUs that write to one marked page each have a request of their own.",
            Vcpus = 2,
            Trace =
            [
                .. Mapped(A), Mark(X), Write(At(X, 0), 1), Write(At(X, 4), 2, Cpu1), Answer(A, 0, Cpu1), Read(At(X, 4), Cpu1), Answer(A), Read(At(X, 0)),
                Does(new GuestAccess.Add(At(X, 0), 1)), Does(new GuestAccess.Add(At(X, 0), 1), Cpu1), Answer(A), Answer(A, 0, Cpu1),
            ],
        },
        new()
        {
            Name = "unmarked-neighbours-are-not-forwarded",
            Claim = "Pages beside a marked one are written directly.",
            Trace = [.. Mapped(A), Mark(Y), Write(At(X, 0xffc), 1), Write(At(Z, 0), 2), Write(At(Y, 0), 3), Answer(A), Read(At(X, 0xffc)), Read(At(Z, 0)), Survey(X, 8)],
        },
        new()
        {
            Name = "pages-before-ranges",
            Claim = "A write to a marked page goes to the owner of the type, even where another server claims the address.",
            Trace =
            [
                .. Mapped(A), .. Enabled(B), new MapIoRange(B, new(IoSpace.Memory, X.Start.Value, X.Start.Value + 0xfff)), Write(At(X, 0), 1), Mark(X),
                Write(At(X, 0), 2), Answer(A), Read(At(X, 0)),
            ],
        },
        new()
        {
            Name = "disabled-server-gets-no-write",
            Claim = "A disabled server is not passed the writes of its page type.",
            Trace = [.. Mapped(A), Mark(X), Write(At(X, 0), 1), Answer(A), new SetState(A, false), Write(At(X, 0), 2)],
        },
        new()
        {
            Name = "write-before-the-server-is-enabled",
            Claim = "A server that has the type but was never enabled is not passed a write, and the guest takes no exception.",
            Trace = [new CreateServer(A), Map(A), Mark(X), Write(At(X, 0), 1)],
        },
    ];

    private static IReadOnlyList<IoreqScenario> Strings =>
    [
        new()
        {
            Name = "string-store-to-a-marked-page",
            Claim = "A string store to a marked page arrives element by element.",
            Trace = [.. Mapped(A), Mark(X), Does(new GuestAccess.Store(At(X, 0x10), 0x5a, 3)), .. Answers(A, 3), Read(At(X, 0x10))],
        },
        new()
        {
            Name = "string-store-into-a-marked-page",
            Claim = "A string store that runs from RAM into a marked page writes the one and forwards the other.",
            Trace = [.. Mapped(A), Mark(Y), Does(new GuestAccess.Store(At(X, 0xffc), 0x5a, 6)), .. Answers(A, 2), Read(At(X, 0xffc)), Read(At(Y, 0))],
        },
        new()
        {
            Name = "string-store-out-of-a-marked-page",
            Claim = "A string store that leaves a marked page goes on in RAM by itself.",
            Trace = [.. Mapped(A), Mark(X), Does(new GuestAccess.Store(At(X, 0xffe), 0x5a, 6)), .. Answers(A, 2), Read(At(Y, 0)), Read(At(X, 0xffc))],
        },
        new()
        {
            Name = "string-copy-to-a-marked-page",
            Claim = "A string copy from RAM to a marked page arrives element by element.",
            Trace =
            [
                .. Mapped(A), new WriteMemory(At(Y, 0), 0x1111_1111), new WriteMemory(At(Y, 4), 0x2222_2222), new WriteMemory(At(Y, 8), 0x3333_3333), Mark(X),
                Does(new GuestAccess.Copy(At(Y, 0), At(X, 0x20), 2)), .. Answers(A, 2), Read(At(X, 0x20)),
            ],
        },
        new()
        {
            Name = "string-copy-from-a-marked-page",
            Claim = "A string copy from a marked page to RAM is no server's business.",
            Trace =
            [
                .. Mapped(A), new WriteMemory(At(X, 0), 0x1111_1111), new WriteMemory(At(X, 12), 0x4444_4444), Mark(X), Does(new GuestAccess.Copy(At(X, 0), At(Y, 0x20), 2)),
                Read(At(Y, 0x20)), Read(At(Y, 0x2c)),
            ],
        },
        new()
        {
            Name = "string-copy-between-marked-pages",
            Claim = "A string copy between marked pages reads memory and forwards each element.",
            Trace =
            [
                .. Mapped(A), new WriteMemory(At(X, 0), 0x1111_1111), Mark(X, 2), Does(new GuestAccess.Copy(At(X, 0), At(Y, 0), 2)), .. Answers(A, 2), Read(At(Y, 0)),
            ],
        },
        new()
        {
            Name = "string-copy-across-marked-pages",
            Claim = "An element of a string copy that crosses into the next marked page arrives in two parts.",
            Trace =
            [
                .. Mapped(A), new WriteMemory(At(Z, 0), 0x1111_1111), new WriteMemory(At(Z, 4), 0x2222_2222), Mark(X, 2),
                Does(new GuestAccess.Copy(At(Z, 0), At(X, 0xffc), 2)), .. Answers(A, 3), Read(At(Y, 0)),
            ],
        },
        new()
        {
            Name = "string-copy-within-a-marked-page",
            Claim = "A string copy whose target overlaps its source is forwarded element by element, each read when its turn comes.",
            Trace =
            [
                .. Mapped(A), new WriteMemory(At(X, 0), 0x1111_1111), new WriteMemory(At(X, 8), 0x2222_2222), Mark(X),
                Does(new GuestAccess.Copy(At(X, 0), At(X, 8), 2)), new WriteMemory(At(X, 8), 0x1111_1111), Answer(A), Answer(A),
            ],
        },
    ];
}
