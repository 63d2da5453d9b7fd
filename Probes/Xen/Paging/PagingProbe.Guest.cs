using HvLab.GuestAgents.Payloads.Xen;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingSeen;

namespace HvLab.Probes.Xen.Paging;

// What the guest does.
public sealed partial class PagingProbe
{
    private const ulong MemoryOp = 12, DecreaseReservation = 1; // __HYPERVISOR_memory_op, XENMEM_decrease_reservation

    public PagingSeen Read(VcpuId vcpu, Gfn page) => Start(vcpu, Gives.Word, XenCommand.Read32, WordOf(page));
    public PagingSeen Write(VcpuId vcpu, Gfn page, uint word) => Start(vcpu, Gives.Nothing, XenCommand.Write32, WordOf(page), word);
    public PagingSeen Add(VcpuId vcpu, Gfn page, uint word) => Start(vcpu, Gives.Nothing, XenCommand.Add32, WordOf(page), word);
    public PagingSeen Fetch(VcpuId vcpu, Gfn page) => Start(vcpu, Gives.Word, XenCommand.Fetch, page.Start.Value);

    public PagingSeen Copy(VcpuId vcpu, Gfn from, Gfn to) =>
        Start(vcpu, Gives.Nothing, XenCommand.CopyBytes, from.Start.Value, to.Start.Value, Gfn.PageSize);

    public PagingSeen ReadThrough(VcpuId vcpu, Gfn table, Gfn page) =>
        !UseTable(vcpu, table) ? new Refused()
        : Start(vcpu, Gives.Word, XenCommand.Read32, PagingPage.LinearAddress(vcpu.Value, PagingGuest.IndexOf(page)) + PagingPage.Word);

    public PagingSeen Release(VcpuId vcpu, Gfn buffer, Gfn victim) => Release(vcpu, buffer.Start.Value + PagingPage.Arguments, victim);

    public PagingSeen ReleaseThrough(VcpuId vcpu, Gfn table, Gfn buffer, Gfn victim) =>
        !UseTable(vcpu, table) ? new Refused()
        : Release(vcpu, PagingPage.LinearAddress(vcpu.Value, PagingGuest.IndexOf(buffer)) + PagingPage.Arguments, victim);

    public PagingSeen ReleaseUnpaged(VcpuId vcpu, Gfn buffer, Gfn victim) =>
        Release(vcpu, buffer.Start.Value + PagingPage.FlatArguments, victim, XenCommand.FlatHypercall);

    public PagingSeen Await(VcpuId vcpu) =>
        !_destroyed && vcpu.Value < _work.Length && _work[vcpu.Value] is { IsBusy: true } work ? Look(work) : new Refused();

    private static ulong WordOf(Gfn page) => page.Start.Value + PagingPage.Word;

    private PagingSeen Release(VcpuId vcpu, ulong arguments, Gfn victim, XenCommand call = XenCommand.Hypercall)
    {
        if (!IsAtRest(vcpu) || _maps.ContainsKey(victim))
            return new Refused();
        _domain.Low.At<ulong>((int)PagingPage.Extents) = victim.Value;
        return Start(vcpu, Gives.Number, call, MemoryOp, DecreaseReservation, arguments);
    }

    /// <summary>Has the vCPU's part of the window translated by a page table in this page.</summary>
    private bool UseTable(VcpuId vcpu, Gfn table)
    {
        if (!IsAtRest(vcpu))
            return false;
        _domain.Low.At<ulong>(PagingPage.WindowEntry(vcpu.Value)) = PagingPage.TableAt(table.Value);
        return _work[vcpu.Value].Vcpu.Run(XenCommand.FlushTlb) is GuestAnswer.Finished;
    }

    private bool IsAtRest(VcpuId vcpu) => !_destroyed && vcpu.Value < _work.Length && !_work[vcpu.Value].IsBusy;

    private PagingSeen Start(VcpuId vcpu, Gives gives, XenCommand command, ulong address, ulong value = 0, ulong third = 0)
    {
        if (!IsAtRest(vcpu))
            return new Refused();
        var work = _work[vcpu.Value];
        (work.IsBusy, work.Gives) = (true, gives);
        work.Vcpu.Post(command, address, value, third);
        return Look(work);
    }

    private PagingSeen Look(VcpuWork work)
    {
        var answer = work.Vcpu.Await(_bounds);
        work.IsBusy = answer is not (GuestAnswer.Finished or GuestAnswer.Faulted);
        return answer switch
        {
            GuestAnswer.Finished finished => work.Gives switch
            {
                Gives.Word => new Word((uint)finished.Result),
                Gives.Number => new Returned((long)finished.Result),
                _ => new Completed(),
            },
            GuestAnswer.Faulted fault => new Faulted(fault.Vector),
            GuestAnswer.Asleep => new Asleep(),
            GuestAnswer.Spinning => new Spinning(),
            GuestAnswer.Crashed => new Crashed(),
            _ => new Nothing(),
        };
    }

    private enum Gives { Nothing, Word, Number }

    /// <summary>What a vCPU is at.</summary>
    private sealed class VcpuWork(GuestVcpu vcpu)
    {
        public GuestVcpu Vcpu => vcpu;
        public bool IsBusy { get; set; }
        public Gives Gives { get; set; }
    }
}
