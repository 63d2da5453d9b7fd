using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.IoreqOp;

namespace HvLab.Harness.Scenarios.Xen;

// Two servers and one type.
public static partial class IoreqScenarios
{
    private static IReadOnlyList<IoreqScenario> TwoServers =>
    [
        new()
        {
            Name = "second-server-gets-only-its-own-pages",
            Claim = "After A has unmapped, B gets the writes of pages that B marked, and of no others.",
            Trace = [.. Mapped(A), .. Enabled(B), Mark(X), Unmap(A), Map(B), Mark(Y), Write(At(X, 0), 1), Write(At(Y, 0), 2), Answer(B), Read(At(X, 0)), Survey(X, 8)],
        },
        new()
        {
            Name = "page-marked-by-both-in-turn",
            Claim = "A page that A marked and B marks after A has gone belongs to B (the thread's first sequence).",
            Trace = [.. Mapped(A), .. Enabled(B), Mark(X), Unmap(A), Map(B), Mark(X), Write(At(X, 0), 1), Answer(B), Read(At(X, 0)), Unmap(B), Write(At(X, 0), 2), Read(At(X, 0))],
        },
        new()
        {
            Name = "servers-take-turns",
            Claim = "Two servers may have the type in turn, as often as they like.",
            Trace =
            [
                .. Enabled(A), .. Enabled(B),
                .. Enumerable.Range(0, 6).SelectMany(round => (round % 2 == 0 ? A : B) is var now
                    ? (IoreqOp[])[Map(now), Mark(Page(round), 2), Survey(X, 8), Unmap(now), Survey(X, 8)] : []),
            ],
        },
        new()
        {
            Name = "destroyed-owner-frees-the-type",
            Claim = "A server that is destroyed without any page marked leaves the type free.",
            Trace = [.. Mapped(A), .. Enabled(B), new DestroyServer(A), Map(B), Mark(X), Write(At(X, 0), 1), Answer(B)],
        },
        new()
        {
            Name = "destroyed-server-leaves-no-pages",
            Claim = "When the owner of the type is destroyed, its pages are plain RAM.",
            Trace = [.. Mapped(A), Mark(X, 4), new DestroyServer(A), Survey(X, 8)],
        },
        new()
        {
            Name = "destroyed-server-does-not-block-the-next",
            Claim = "When the owner of the type is destroyed, whatever it had marked, another server can map the type.",
            Trace = [.. Mapped(A), .. Enabled(B), Mark(X, 4), new DestroyServer(A), Map(B)],
        },
        new()
        {
            Name = "destroyed-server-leaves-the-next-no-pages",
            Claim = "Writes to pages that a destroyed owner of the type had marked never go to the next owner.",
            Trace = [.. Mapped(A), .. Enabled(B), Mark(X, 4), new DestroyServer(A), Map(B), Survey(X, 8)],
        },
        new()
        {
            Name = "destroyed-server-does-not-block-log-dirty",
            Claim = "When the owner of the type is destroyed, whatever it had marked, log-dirty can be enabled.",
            Trace = [.. Mapped(A), Mark(X, 4), new DestroyServer(A), new EnableLogDirty()],
        },
        new()
        {
            Name = "pages-of-a-destroyed-server-set-back",
            Claim = "Once the pages of a destroyed server are set back to plain RAM, nothing of it is left.",
            Trace =
            [
                .. Mapped(A), .. Enabled(B), Mark(X, 4), new DestroyServer(A), Unmark(X, 4), Survey(X, 8), Map(B), Mark(Y), Survey(X, 8), Unmap(B), new EnableLogDirty(),
                Survey(X, 3), new PeekDirty(),
            ],
        },
        new()
        {
            Name = "other-server-destroyed",
            Claim = "Destroying a server that does not have the type takes nothing from the one that has.",
            Trace = [.. Mapped(A), .. Enabled(B), Mark(X), new DestroyServer(B), Write(At(X, 0), 1), Answer(A), Map(A), Survey(X, 8)],
        },
        new()
        {
            Name = "other-server-takes-ranges",
            Claim = "One server may have the type while another has ranges; each gets its own.",
            Trace =
            [
                .. Mapped(A), .. Enabled(B), new MapIoRange(B, Ports), new MapIoRange(B, Registers), Mark(X), Write(At(X, 0), 1), Answer(A), In(0x500), Answer(B, 5),
                Read(InHole(8)), Answer(B, 6), Unmap(A), Map(B), Mark(Y), Write(At(Y, 0), 2), Answer(B), In(0x500), Answer(B, 7),
            ],
        },
    ];

    /// <summary>Every order of A's and B's map, mark, unmap and destroy, each server in its own order: 70, ten a scenario.</summary>
    private static IReadOnlyList<IoreqScenario> Orders =>
    [
        .. Interleavings(4, 4).Chunk(10).Select((orders, index) => new IoreqScenario
        {
            Name = $"order-of-two-servers-{index + 1}",
            Claim = $"Map, mark, unmap and destroy of two servers, ten of the seventy orders: {string.Join(' ', orders)}.",
            Trace = [.. orders.SelectMany(InOrder)],
        }),
    ];

    private static IEnumerable<string> Interleavings(int a, int b) =>
        a == 0 ? [new('B', b)] : b == 0 ? [new('A', a)]
        : [.. Interleavings(a - 1, b).Select(rest => $"A{rest}"), .. Interleavings(a, b - 1).Select(rest => $"B{rest}")];

    // A marks the first two pages, B the second two: the page between tells whose it is.
    private static IEnumerable<IoreqOp> InOrder(string order)
    {
        var steps = new Dictionary<IoreqServer, int> { [A] = 0, [B] = 0 };
        foreach (var op in (IoreqOp[])[.. Enabled(A), .. Enabled(B)])
            yield return op;
        foreach (var server in order.Select(letter => letter == 'A' ? A : B))
        {
            yield return steps[server]++ switch
            {
                0 => Map(server),
                1 => Mark(server == A ? X : Y, 2),
                2 => Unmap(server),
                _ => new DestroyServer(server),
            };
            yield return Survey(X, 3);
        }
        // Where a server marked for the other, the pages are set back, so that the next order starts afresh.
        yield return Unmark(X, 3);
    }
}
