using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.IoreqOp;

namespace HvLab.Harness.Scenarios.Xen;

// Who may have the type, which pages may have it, and what is left of it afterwards.
public static partial class IoreqScenarios
{
    private static IReadOnlyList<IoreqScenario> Types =>
    [
        new()
        {
            Name = "type-needs-an-owner",
            Claim = "A page can be marked only while a server has the type.",
            Trace = [Mark(X), .. Enabled(A), Mark(X), Map(A), Mark(X), Unmap(A), Mark(X), new GetMemType(X)],
        },
        new()
        {
            Name = "only-this-type-can-be-mapped",
            Claim = "Other types, unknown flags and forwarding of reads are refused.",
            Trace =
            [
                .. Enabled(A), new MapMemType(A, Ram, MemTypeFlags.ForwardWrites), new MapMemType(A, Hole, MemTypeFlags.ForwardWrites),
                new MapMemType(A, Marked, MemTypeFlags.ForwardReads), new MapMemType(A, Marked, MemTypeFlags.ForwardReads | MemTypeFlags.ForwardWrites),
                new MapMemType(A, Marked, 4), new MapMemType(A, Ram, MemTypeFlags.Unmap), Unmap(A), Map(A),
            ],
        },
        new()
        {
            Name = "type-has-one-owner",
            Claim = "While a server has the type, neither it nor another can map it again.",
            Trace = [.. Mapped(A), .. Enabled(B), Map(A), Map(B), Unmap(A), Map(B), Map(A), Map(B)],
        },
        new()
        {
            Name = "only-the-owner-unmaps",
            Claim = "A server that does not have the type cannot unmap it, and what is marked stays so.",
            Trace = [.. Mapped(A), .. Enabled(B), Mark(X), Unmap(B), Write(At(X, 0), 1), Answer(A), Unmap(A), Unmap(A), Unmap(B)],
        },
        new()
        {
            Name = "marked-page-becomes-only-plain-ram",
            Claim = "A marked page can be set to plain RAM and to nothing else.",
            Trace =
            [
                .. Mapped(A), Mark(X), Mark(X), new SetMemType(ReadOnly, X, 1), new SetMemType(Hole, X, 1), new SetMemType(MemType.Unused, X, 1), new GetMemType(X),
                Write(At(X, 0), 1), Answer(A), Unmark(X), Write(At(X, 0), 2), Read(At(X, 0)), Mark(X), new GetMemType(X),
            ],
        },
        new()
        {
            Name = "only-plain-ram-can-be-marked",
            Claim = "Read-only pages and holes cannot be marked.",
            Trace =
            [
                .. Mapped(A), new SetMemType(ReadOnly, X, 1), Mark(X), new SetMemType(Hole, Y, 1), Mark(Y), new GetMemType(X), new GetMemType(Y),
                Unmark(X), Mark(X), Write(At(X, 0), 1), Answer(A),
            ],
        },
        new()
        {
            Name = "read-only-page-discards-writes",
            Claim = "Writes to a read-only page are discarded, whatever server there is.",
            Trace = [.. Mapped(A), Write(At(X, 0), 1), new SetMemType(ReadOnly, X, 1), Write(At(X, 0), 2), Read(At(X, 0)), Unmark(X), Write(At(X, 0), 3), Read(At(X, 0))],
        },
        new()
        {
            Name = "hole-in-ram-goes-to-its-range",
            Claim = "A page that was made a hole is emulated: by the server that claims its address, or by nobody.",
            Trace =
            [
                .. Mapped(A), .. Enabled(B), new SetMemType(Hole, X, 1), Read(At(X, 0)), Write(At(X, 0), 1),
                new MapIoRange(B, new(IoSpace.Memory, X.Start.Value, X.Start.Value + 0xfff)), Read(At(X, 0)), Answer(B, 0x77), Write(At(X, 4), 2), Answer(B),
            ],
        },
        new()
        {
            Name = "marking-stops-at-the-first-refusal",
            Claim = "Marking several pages goes on up to the first that refuses; those before it are marked.",
            Trace =
            [
                .. Mapped(A), new SetMemType(ReadOnly, Page(3), 1), Mark(X, 6), new GetMemType(Page(2)), new GetMemType(Page(3)), new GetMemType(Page(4)), Survey(X, 6),
                Unmark(X, 6), Survey(X, 8),
            ],
        },
        new()
        {
            Name = "unmap-resets-every-page",
            Claim = "When the owner unmaps the type, every marked page is plain RAM before the call returns.",
            Trace =
            [
                .. Mapped(A), Mark(X, 8), Survey(X, 8), Unmap(A), new GetMemType(X), new GetMemType(Page(7)), Survey(X, 8), Write(At(X, 0), 7), Read(At(X, 0)), Map(A), Survey(X, 8),
            ],
        },
        new()
        {
            Name = "mapped-again-nothing-is-marked",
            Claim = "A server that unmaps and maps the type again has to mark its pages anew.",
            Trace = [.. Mapped(A), Mark(X, 4), Unmap(A), Map(A), Survey(X, 8), Mark(Y, 2), Survey(X, 8)],
        },
    ];

    private const int Many = 1024;

    private static IReadOnlyList<IoreqScenario> ManyPages =>
    [
        new()
        {
            Name = "many-pages-are-forwarded-and-reset",
            Claim = "A thousand pages are marked by one call, all forward, and after the unmap none does.",
            Pages = Many,
            Trace = [.. Mapped(A), Mark(X, Many), Survey(X, 64), Survey(Page(Many - 64), 64), Unmap(A), Survey(X, Many), Map(A)],
        },
        new()
        {
            Name = "many-pages-counted-one-by-one",
            Claim = "Of a thousand marked pages exactly those that were not set back still forward.",
            Pages = Many,
            Trace =
            [
                .. Mapped(A), Mark(X, Many), Unmark(Page(100), 200), Unmark(Page(700), 1), Survey(X, 400), Survey(Page(600), 200),
                .. Enabled(B), Unmap(A), Map(B), Survey(X, Many), Mark(Page(512), 16), Survey(Page(500), 40),
            ],
        },
        new()
        {
            Name = "unmap-not-a-multiple-of-the-batch",
            Claim = "The sweep of an unmap reaches the last page of a number that is no multiple of its batch of 256.",
            Pages = 771,
            Trace = [.. Mapped(A), Mark(Page(250), 521), Unmap(A), Survey(Page(240), 531), Map(A), Mark(Page(770)), Survey(Page(760), 11)],
        },
        new()
        {
            Name = "many-pages-under-log-dirty",
            Claim = "With log-dirty on, exactly the pages that were written are dirty, however many.",
            Pages = Many,
            Trace =
            [
                new EnableLogDirty(), Survey(X, 300), new PeekDirty(), Survey(Page(1000), 24), new CleanDirty(), new PeekDirty(), Survey(Page(256), 257), new PeekDirty(),
                new DisableLogDirty(), Survey(X, 300), .. Mapped(A), Mark(X, Many), new EnableLogDirty(), Unmap(A), new EnableLogDirty(), Survey(X, 5), new PeekDirty(),
            ],
        },
    ];
}
