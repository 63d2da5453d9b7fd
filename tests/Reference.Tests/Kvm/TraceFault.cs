using HvLab.Reference.Kvm;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Kvm;
using static HvLab.Reference.Kvm.AsyncPfSeen;

namespace HvLab.Reference.Tests.Kvm;

/// <summary>A bug of a machine, put into the trace of one that has none.</summary>
/// <param name="Wrong">What the machine says instead at a step, as often as the bug fits there.</param>
public sealed record TraceFault(string Name, Func<TraceFault.Site, IEnumerable<AsyncPfSeen>> Wrong)
{
    /// <summary>One step of a good trace; <paramref name="Vcpu"/> is whose step it is, as the machine had it before.</summary>
    public sealed record Site(IReadOnlyList<Event<AsyncPfOp, AsyncPfSeen>> Events, int Step, AsyncPfModel Before, AsyncPfVcpu? Vcpu)
    {
        public AsyncPfSeen Seen => Events[Step].Seen;
        public AsyncPfOp Operation => Events[Step].Operation;

        /// <summary>Tokens that this vCPU was told of READY for, and that nothing has made current again since.</summary>
        public IEnumerable<Token> Spent()
        {
            var spent = new HashSet<Token>();
            for (var step = 0; step < Step; step++)
                if (Events[step].Seen is NotPresent told)
                    spent.Remove(told.Token);
                else if (Events[step].Operation is AsyncPfOp.WriteMsr { Msr: AsyncPfMsr.Enable } or AsyncPfOp.MoveToNewVm)
                    spent.Clear();
                else if (Events[step].Seen is Ready ready && AsyncPfOp.VcpuOf(Events[step].Operation) == AsyncPfOp.VcpuOf(Operation))
                    spent.Add(ready.Token);
            return spent;
        }
    }

    private static readonly Token Unknown = new(0xdead_0000);

    public static IReadOnlyList<TraceFault> All { get; } =
    [
        new("a READY is lost", at => at.Operation is AsyncPfOp.Idle or AsyncPfOp.Await && at.Seen is Ready && Owes(at) ? [new Nothing()] : []),
        new("the broadcast is missing", at =>
            at.Operation is AsyncPfOp.Idle && at.Seen is Ready { Token.Value: uint.MaxValue } && at.Vcpu!.WakeAll == WakeAll.MustCome ? [new Nothing()] : []),
        new("a READY comes twice", at => at.Operation is AsyncPfOp.Poll && at.Seen is NoInterrupt
            ? at.Spent().Select(token => new Ready(token, new(at.Vcpu!.Vector))) : []),
        new("a READY names a token that nobody has", at => at.Seen is Ready ready ? [ready with { Token = Unknown }] : []),
        new("a READY names a fault whose page is missing", at => at.Seen is Ready ready
            ? at.Vcpu!.Faults.Where(fault => fault.Told && !fault.Arriving).Select(fault => ready with { Token = fault.Token }) : []),
        new("a READY uses another vector", at => at.Seen is Ready ready ? [ready with { Vector = new((byte)(ready.Vector.Value ^ 1)) }] : []),
        new("a fault never completes", at => at.Seen is Completed ? [new Nothing()] : []),
        new("a token is zero", at => at.Seen is NotPresent ? [new NotPresent(Token.None)] : []),
        new("a token is the broadcast's", at => at.Seen is NotPresent ? [new NotPresent(Token.Broadcast)] : []),
        new("a token is given out again", at => at.Seen is NotPresent
            ? at.Before.Vcpus.SelectMany(vcpu => vcpu.Faults).Where(fault => fault.Told).Select(fault => new NotPresent(fault.Token)) : []),
        new("a vCPU spins instead of sleeping", at => at.Seen is Asleep ? [new Spinning(100_000)] : []),
        new("a bad write is taken", at => at.Seen is GeneralProtection ? [new Done()] : []),
        new("a fault is told that must not be", at => at.Operation is AsyncPfOp.Touch && at.Seen is Asleep or AtPager ? [new NotPresent(new(0x7f000))] : []),
        new("a page holds wrong data", at => at.Seen is Completed ? [new WrongData(0xbad)] : []),
        new("a thread is left over", at => at.Seen is Destroyed ? [new Destroyed(1, 0, 0)] : []),
        new("outstanding work is not waited for", at => at.Operation is AsyncPfOp.DestroyVm && at.Seen is Stalled && IsAsked(at.Before) ? [new Destroyed(0, 0, 0)] : []),
        new("an MSR forgets what was written", at => at.Seen is MsrValue value ? [new MsrValue(value.Value ^ 8)] : []),
    ];

    public override string ToString() => Name;

    /// <summary>Every way in which this bug shows in the run: the step, and the trace up to it with the wrong answer at its end.</summary>
    internal IEnumerable<(int Step, Event<AsyncPfOp, AsyncPfSeen>[] Trace)> In(SimulatedRun run)
    {
        for (var step = 0; step < run.Events.Length; step++)
        {
            var vcpu = AsyncPfOp.VcpuOf(run.Events[step].Operation) is { } id && id.Value < run.Before[step].Vcpus.Count ? run.Before[step].Vcpus[id.Value] : null;
            foreach (var wrong in Wrong(new(run.Events, step, run.Before[step], vcpu)))
            {
                var trace = (Event<AsyncPfOp, AsyncPfSeen>[])run.Events.Clone();
                trace[step] = trace[step] with { Seen = wrong };
                yield return (step, trace);
            }
        }
    }

    private static bool Owes(Site at) => AsyncPfProperties.OwesReady(at.Vcpu!);
    private static bool IsAsked(AsyncPfModel model) => model.Vcpus.Any(vcpu => vcpu.Faults.Any(fault => fault.Stage == FaultStage.Asked));
}
