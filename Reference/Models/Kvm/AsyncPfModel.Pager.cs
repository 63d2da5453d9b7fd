using HvLab.Reference.Kvm;
using static HvLab.Reference.Kvm.AsyncPfSeen;

namespace HvLab.Reference.Models.Kvm;

using Allowed = Allowed<AsyncPfModel, AsyncPfSeen>;

// What the pager and the VMM do from outside the guest.
public sealed partial record AsyncPfModel
{
    public Allowed AwaitRequest(Gfn page)
    {
        if (Life == VmLife.Gone || !Setup.IsPaged(page) || IsPresent(page))
            return Refuse;
        return IsRequested(page)
            ? Allowed.Only(new Requested(), Restage(page, FaultStage.Asked), AsyncPfRules.Synchronous)
            : Allowed.Only(new NotAsked(), this);
    }

    public Allowed Supply(Gfn page)
    {
        if (Life == VmLife.Gone || !Setup.IsPaged(page) || IsPresent(page))
            return Refuse;
        return IsRequested(page)
            ? Allowed.Only(new Supplied(), Restage(page, FaultStage.Arriving) with
                {
                    Present = Present.With(Setup.IndexOf(page)),
                    Orphans = Orphans.Without(Setup.IndexOf(page)),
                })
            : Allowed.Only(new NotAsked(), this);
    }

    public Allowed Evict(Gfn page)
    {
        if (Life != VmLife.Alive || !Setup.IsPaged(page) || !IsPresent(page))
            return Refuse;
        // A vCPU that is on its way may or may not have used the page already: take pages only from vCPUs at rest.
        foreach (var cpu in Vcpus.AsSpan())
            if (!cpu.AtRest)
                return Refuse;
        return Allowed.Only(new Done(), this with { Present = Present.Without(Setup.IndexOf(page)) });
    }

    public Allowed RemoveMemslot()
    {
        if (Life != VmLife.Alive || MemslotRemoved)
            return Refuse;
        foreach (var cpu in Vcpus.AsSpan())
            if (!cpu.AtRest || Setup.IsPaged(cpu.SharedPage))
                return Refuse;
        return Allowed.Only(new Done(), this with { MemslotRemoved = true });
    }

    public Allowed MoveToNewVm()
    {
        if (Life != VmLife.Alive || Vcpus.Count != 1 || MemslotRemoved || !TryRest(new(0), out var cpu) || !HasSharedPage(cpu))
            return Refuse;
        var orphans = Orphans;
        foreach (ref readonly var fault in cpu.Faults.AsSpan())
            if (fault.Stage == FaultStage.Started)
                return Refuse;
            else if (fault.Stage == FaultStage.Asked)
                orphans = orphans.With(Setup.IndexOf(fault.Page));
        var moved = cpu with
        {
            Faults = [],
            Latched = Latch(cpu),
            WakeAll = cpu.Enabled && !Has(AsyncPfDefect.BroadcastLost) ? WakeAll.MustCome : WakeAll.None,
        };
        return Allowed.Only(new Done(), this with { Vcpus = [moved], Orphans = orphans }, AsyncPfRules.Broadcast);
    }

    public Allowed DestroyVm()
    {
        if (Life != VmLife.Alive)
            return Refuse;
        var worker = FurthestWorker();
        return Allowed.None
            .OrIf(worker != FaultStage.Asked || Has(AsyncPfDefect.DestroyedWithWorker), new Destroyed(0, 0, 0), Gone, AsyncPfRules.CancelOutstanding)
            .OrIf(worker != FaultStage.Arriving, new Stalled(), this with { Life = VmLife.Ending }, AsyncPfRules.WaitsForWorker);
    }

    public Allowed AwaitDestroyed()
    {
        if (Life != VmLife.Ending)
            return Refuse;
        var worker = FurthestWorker();
        return Allowed.None
            .OrIf(worker != FaultStage.Asked, new Destroyed(0, 0, 0), Gone, AsyncPfRules.WaitsForWorker)
            .OrIf(worker != FaultStage.Arriving, new Nothing(), this, AsyncPfRules.WaitsForWorker);
    }

    // Nothing of a VM outlives it.
    private AsyncPfModel Gone => new() { Setup = Setup, Vcpus = [], Life = VmLife.Gone };

    /// <summary>Asked: somebody certainly sleeps at the pager. Started: perhaps. Arriving: nobody.</summary>
    private FaultStage FurthestWorker()
    {
        var furthest = !Orphans.IsEmpty ? FaultStage.Asked : FaultStage.Arriving;
        foreach (var cpu in Vcpus.AsSpan())
            if (WorkerOf(cpu) == FaultStage.Asked || (cpu.AtPager is { } page && !IsPresent(page)))
                return FaultStage.Asked;
            else if (WorkerOf(cpu) == FaultStage.Started && furthest == FaultStage.Arriving)
                furthest = FaultStage.Started;
        return furthest;
    }

    private bool IsRequested(Gfn page)
    {
        if (Orphans.Contains(Setup.IndexOf(page)))
            return true;
        foreach (var cpu in Vcpus.AsSpan())
            if (cpu.AtPager == page || cpu.WaitsFor(page))
                return true;
        return false;
    }

    private AsyncPfModel Restage(Gfn page, FaultStage stage)
    {
        var vcpus = Vcpus;
        for (var id = 0; id < vcpus.Count; id++)
        {
            var cpu = vcpus[id];
            for (var index = 0; index < cpu.Faults.Count; index++)
                if (cpu.Faults[index] is { Arriving: false } fault && fault.Page == page)
                {
                    cpu = cpu with { Faults = cpu.Faults.Set(index, fault with { Stage = stage }) };
                    vcpus = vcpus.Set(id, cpu);
                }
        }
        return this with { Vcpus = vcpus };
    }
}
