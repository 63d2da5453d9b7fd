using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.IoreqOp;

namespace HvLab.Harness.Scenarios.Xen;

// Log-dirty alone, and before, between and after what servers do.
public static partial class IoreqScenarios
{
    private static IReadOnlyList<IoreqScenario> LogDirty =>
    [
        new()
        {
            Name = "log-dirty-names-what-was-written",
            Claim = "With log-dirty on, the pages that the guest wrote are dirty, and those that it read are not.",
            Trace = [new EnableLogDirty(), new PeekDirty(), Write(At(X, 0), 1), Read(At(Y, 0)), Write(At(Z, 0), 2), Write(At(Z, 4), 3), new PeekDirty(), new PeekDirty()],
        },
        new()
        {
            Name = "clean-starts-anew",
            Claim = "After a clean no page is dirty, and the next write to each is seen again.",
            Trace =
            [
                new EnableLogDirty(), Write(At(X, 0), 1), Write(At(Y, 0), 2), new CleanDirty(), new PeekDirty(), Write(At(Y, 0), 3), new CleanDirty(), new CleanDirty(),
                Write(At(X, 0), 4), Write(At(X, 0), 5), new PeekDirty(),
            ],
        },
        new()
        {
            Name = "log-dirty-on-and-off",
            Claim = "Log-dirty is enabled once, disabled as often as one likes, and forgets what it knew.",
            Trace =
            [
                new DisableLogDirty(), new EnableLogDirty(), new EnableLogDirty(), Write(At(X, 0), 1), new DisableLogDirty(), new DisableLogDirty(), Write(At(Y, 0), 1),
                new EnableLogDirty(), new PeekDirty(), Write(At(Z, 0), 1), new PeekDirty(),
            ],
        },
        new()
        {
            Name = "log-dirty-counts-read-modify-write-and-strings",
            Claim = "Locked additions, string stores, copies and writes across pages dirty what they write.",
            Trace =
            [
                new EnableLogDirty(), Does(new GuestAccess.Add(At(X, 0), 1)), Does(new GuestAccess.Store(At(Y, 0xffe), 1, 4)), new PeekDirty(),
                Does(new GuestAccess.Copy(At(X, 0), At(Page(4), 0), 1)), Write(At(Page(5), 0xffe), 1), new PeekDirty(),
            ],
        },
        new()
        {
            Name = "page-set-back-while-logging-stays-logged",
            Claim = "A page that is set to plain RAM while log-dirty is on is still logged.",
            Trace = [new EnableLogDirty(), Unmark(X), Write(At(X, 0), 1), new PeekDirty()],
        },
        new()
        {
            Name = "clean-while-log-dirty-is-off",
            Claim = "A clean while log-dirty is off changes nothing: pages stay plain RAM, and can be marked.",
            Trace = [.. Mapped(A), new PeekDirty(), new CleanDirty(), new GetMemType(X), Mark(X)],
        },
    ];

    private static IReadOnlyList<IoreqScenario> LogDirtyWithServers =>
    [
        new()
        {
            Name = "log-dirty-waits-for-marked-pages",
            Claim = "Log-dirty is refused while pages are marked, and accepted once they are set back.",
            Trace = [.. Mapped(A), Mark(X, 2), new EnableLogDirty(), Unmark(X), new EnableLogDirty(), Unmark(Y), new EnableLogDirty(), Write(At(X, 0), 1), new PeekDirty()],
        },
        new()
        {
            Name = "log-dirty-beside-a-server-without-pages",
            Claim = "Log-dirty is accepted while a server has the type and no page is marked.",
            Trace = [.. Mapped(A), new EnableLogDirty(), Write(At(X, 0), 1), new PeekDirty(), Unmap(A), Write(At(Y, 0), 1), new PeekDirty()],
        },
        new()
        {
            Name = "type-can-be-mapped-under-log-dirty",
            Claim = "With log-dirty on a server can map the type; a page can be marked once it was written.",
            Trace =
            [
                new EnableLogDirty(), .. Mapped(A), new GetMemType(X), Mark(X), Write(At(X, 0), 1), new GetMemType(X), Mark(X), new GetMemType(X), Write(At(X, 0), 2), Answer(A),
                Read(At(X, 0)), new PeekDirty(),
            ],
        },
        new()
        {
            Name = "forwarded-write-is-not-dirty",
            Claim = "A forwarded write does not make its page dirty: memory has not changed.",
            Trace = [new EnableLogDirty(), .. Mapped(A), Write(At(X, 0), 1), Mark(X), new CleanDirty(), Write(At(X, 0), 2), Answer(A), Write(At(Y, 0), 3), new PeekDirty()],
        },
        new()
        {
            Name = "clean-keeps-pages-forwarded",
            Claim = "A clean leaves marked pages forwarded (the thread's simpler scenario, by way of a clean).",
            Trace =
            [
                new EnableLogDirty(), .. Mapped(A), Write(At(X, 0), 1), Mark(X), new CleanDirty(), Write(At(X, 0), 2), Answer(A), new CleanDirty(), new GetMemType(X),
                Write(At(X, 4), 3), Answer(A), Read(At(X, 0)), new PeekDirty(),
            ],
        },
        new()
        {
            Name = "disabling-log-dirty-keeps-pages-forwarded",
            Claim = "Marked pages stay forwarded when log-dirty is disabled.",
            Trace =
            [
                new EnableLogDirty(), .. Mapped(A), Write(At(X, 0), 1), Mark(X), new DisableLogDirty(), Write(At(X, 0), 2), Answer(A), Write(At(Y, 0), 3), Survey(X, 8),
                Unmap(A), Survey(X, 8),
            ],
        },
        new()
        {
            Name = "unmap-without-pages-keeps-logging",
            Claim = "A server that unmaps the type with no page marked does not disturb the log.",
            Trace = [new EnableLogDirty(), .. Mapped(A), Unmap(A), Write(At(X, 0), 1), new PeekDirty(), new CleanDirty(), Write(At(Y, 0), 1), new PeekDirty()],
        },
        new()
        {
            Name = "unmap-with-pages-keeps-logging",
            Claim = "A server that unmaps the type with pages marked does not disturb the log: later writes are seen.",
            Trace = [new EnableLogDirty(), .. Mapped(A), Write(At(X, 0), 1), Mark(X), Unmap(A), Write(At(Y, 0), 2), new PeekDirty()],
        },
        new()
        {
            Name = "unmap-between-two-cleans",
            Claim = "What the guest writes between an unmap and the next clean is in that clean.",
            Trace =
            [
                new EnableLogDirty(), .. Mapped(A), Write(At(X, 0), 1), Mark(X), new CleanDirty(), Unmap(A), Write(At(X, 0), 2), Write(At(Y, 0), 3), new CleanDirty(),
            ],
        },
        new()
        {
            Name = "marked-page-set-back-between-two-cleans",
            Claim = "A marked page that is set back after a clean and then written is in the next clean.",
            Trace = [new EnableLogDirty(), .. Mapped(A), Write(At(X, 0), 1), Mark(X), new CleanDirty(), Unmark(X), Write(At(X, 0), 2), new CleanDirty()],
        },
        new()
        {
            Name = "log-dirty-after-the-servers",
            Claim = "After servers have come and gone, log-dirty sees every page, as if they had never been.",
            Trace = [.. Mapped(A), .. Enabled(B), Mark(X, 3), Unmap(A), Map(B), Mark(Y, 3), Unmap(B), new EnableLogDirty(), Survey(X, 8), new PeekDirty(), new CleanDirty(), new PeekDirty()],
        },
        new()
        {
            Name = "log-dirty-between-two-servers",
            Claim = "Log-dirty between the unmap of A and the map of B sees what B did not mark (the thread's second sequence, as far as Xen lets it).",
            Trace =
            [
                .. Mapped(A), .. Enabled(B), Mark(X), Unmap(A), Map(B), Mark(Y), new EnableLogDirty(), Write(At(X, 0), 1), Write(At(Y, 0), 2), Answer(B),
                Unmark(Y), new EnableLogDirty(), Write(At(X, 0), 3), Write(At(Y, 0), 4), new PeekDirty(),
            ],
        },
        new()
        {
            Name = "migration-that-was-cancelled",
            Claim = "A server unmaps, the domain is logged for a while, logging ends, and the server marks its pages again.",
            Trace =
            [
                .. Mapped(A), Mark(X, 2), Unmap(A), new EnableLogDirty(), Survey(X, 4), new CleanDirty(), Write(At(X, 0), 1), new PeekDirty(), new DisableLogDirty(),
                Map(A), Mark(X, 2), Survey(X, 8),
            ],
        },
        new()
        {
            Name = "log-dirty-twice-around-a-server",
            Claim = "Logging may begin and end around each server's time.",
            Trace =
            [
                .. Enabled(A), new EnableLogDirty(), Write(At(X, 0), 1), new CleanDirty(), new DisableLogDirty(), Map(A), Mark(X), Write(At(X, 0), 2), Answer(A), Unmap(A),
                new EnableLogDirty(), Write(At(X, 0), 3), new PeekDirty(), new DisableLogDirty(), Survey(X, 8),
            ],
        },
    ];
}
