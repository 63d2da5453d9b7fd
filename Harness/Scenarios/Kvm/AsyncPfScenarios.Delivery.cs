using HvLab.Reference.Kvm;
using static HvLab.Reference.Kvm.AsyncPfOp;

namespace HvLab.Harness.Scenarios.Kvm;

// From "not present" to "ready", token for token, and how many at once.
public static partial class AsyncPfScenarios
{
    private static IReadOnlyList<AsyncPfScenario> Delivery =>
    [
        new()
        {
            Name = "broadcast-on-enabling",
            Claim = "Enabling delivers one READY with the broadcast token.",
            Trace = [.. Enable(Cpu0), new Poll(Cpu0)],
        },
        new()
        {
            Name = "ready-follows-not-present",
            Claim = "A missing page is told as #PF with a token; once it is there, READY names that token, and the access completes.",
            Trace = [.. Enable(Cpu0), .. WholeFault(Cpu0, A), new Poll(Cpu0)],
        },
        .. Enum.GetValues<Access>().SelectMany(access => (AsyncPfScenario[])
        [
            new()
            {
                Name = $"{access.ToString().ToLowerInvariant()}-in-the-kernel",
                Claim = $"A {access.ToString().ToLowerInvariant()} at CPL 0 faults asynchronously with SEND_ALWAYS, and completes with the pager's data.",
                Trace = OneAccess(access, GuestMode.Kernel),
            },
            new()
            {
                Name = $"{access.ToString().ToLowerInvariant()}-in-user-space",
                Claim = $"A {access.ToString().ToLowerInvariant()} at CPL 3 faults asynchronously, and completes with the pager's data.",
                Trace = OneAccess(access, GuestMode.UserSpace),
            },
        ]),
        new()
        {
            Name = "eight-outstanding",
            Claim = "Eight faults outstanding at once end in eight READYs, token for token.",
            Trace = ManyOutstanding(8),
        },
        new()
        {
            Name = "supplied-in-reverse",
            Claim = "READYs follow the order in which pages arrive, whatever order the faults had.",
            Trace =
            [
                .. Enable(Cpu0), .. ForEach(6, page => Read(Cpu0, Page(page))),
                .. ForEach(6, page => (AsyncPfOp[])[new Supply(Page(5 - page)), .. TakeReady(Cpu0), Read(Cpu0, Page(5 - page))]),
            ],
        },
        new()
        {
            Name = "tokens-stay-unique",
            Claim = "Over many faults no token is zero, none is the broadcast's, and none is given out again while it is outstanding.",
            Trace =
            [
                .. Enable(Cpu0), Read(Cpu0, A),
                .. ForEach(12, _ => (AsyncPfOp[])[.. WholeFault(Cpu0, B), new Evict(B)]),
                new Supply(A), .. TakeReady(Cpu0), Read(Cpu0, A),
            ],
        },
        new()
        {
            Name = "evicted-again",
            Claim = "A page that is taken away again faults again, with its own READY.",
            Trace = [.. Enable(Cpu0), .. WholeFault(Cpu0, A), new Evict(A), .. WholeFault(Cpu0, A)],
        },
        new()
        {
            Name = "same-page-twice",
            Claim = "A second access to a page whose fault is outstanding gets no token of its own: the vCPU sleeps until the page is there.",
            Trace = [.. Enable(Cpu0), Read(Cpu0, A), Read(Cpu0, A), new Supply(A), new Await(Cpu0), new Acknowledge(Cpu0), new Await(Cpu0), new Poll(Cpu0)],
        },
        new()
        {
            Name = "ready-wakes-halted-vcpu",
            Claim = "A vCPU in HLT is woken by READY.",
            Trace = [.. Enable(Cpu0), Read(Cpu0, A), new Halt(Cpu0), new Supply(A), new Idle(Cpu0), new Await(Cpu0), new Acknowledge(Cpu0), Read(Cpu0, A)],
        },
        new()
        {
            Name = "ready-uses-the-vector",
            Claim = "READY comes on the vector that the interrupt MSR names.",
            Trace = [new WriteMsr(Cpu0, AsyncPfMsr.Interrupt, 0x41), new WriteMsr(Cpu0, AsyncPfMsr.Enable, EnableBits(Cpu0, AsyncPfEnable.SendAlways)), .. TakeReady(Cpu0), .. WholeFault(Cpu0, A)],
        },
    ];

    private static IReadOnlyList<AsyncPfScenario> Bounds =>
    [
        new()
        {
            Name = "sixty-four-outstanding",
            Claim = "KVM keeps 64 faults of one vCPU outstanding, and every one ends in its READY.",
            Trace = ManyOutstanding(64),
        },
        new()
        {
            Name = "past-the-bound",
            Claim = "The 65th fault is handled synchronously; once one of the 64 is done, the next is asynchronous again.",
            Trace =
            [
                .. Enable(Cpu0), .. ForEach(64, page => Read(Cpu0, Page(page))),
                Read(Cpu0, Page(64)), new Supply(Page(64)), new Await(Cpu0),
                new Supply(A), .. TakeReady(Cpu0), Read(Cpu0, Page(65)),
                Read(Cpu0, Page(66)), new Supply(Page(66)), new Await(Cpu0),
                .. ForEach(63, page => (AsyncPfOp[])[new Supply(Page(page + 1)), .. TakeReady(Cpu0)]),
                new Supply(Page(65)), .. TakeReady(Cpu0), Read(Cpu0, Page(65)),
            ],
        },
    ];

    private static AsyncPfOp[] OneAccess(Access access, GuestMode mode) =>
    [
        .. Enable(Cpu0), new Touch(Cpu0, A, access, mode), new AwaitRequest(A), new Supply(A), .. TakeReady(Cpu0), new Touch(Cpu0, A, access, mode),
    ];

    private static AsyncPfOp[] ManyOutstanding(int count) =>
    [
        .. Enable(Cpu0), .. ForEach(count, page => Read(Cpu0, Page(page))), .. ForEach(count, page => new Supply(Page(page))),
        .. ForEach(count, _ => TakeReady(Cpu0)), .. ForEach(count, page => Read(Cpu0, Page(page))), new Poll(Cpu0),
    ];
}
