using HvLab.GuestAgents.Payloads.Xen;
using HvLab.Probes.Native.Linux;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingAnswer;

namespace HvLab.Probes.Xen.Sharing;

// What guests and dom0 read and write.
public sealed partial class SharingProbe
{
    public SharingSeen Write(SharingDomain domain, VcpuId vcpu, Gfn page, SharingWord word, uint value)
    {
        if (!TryRest(domain, vcpu, page, out var cpu))
            return See(new Refused());
        cpu.Post(XenCommand.Write32, page.Start.Value + (ulong)PageWords.OffsetOf(word), value);
        At(domain).Unfinished[vcpu.Value] = true;
        At(domain).UnfinishedPages[vcpu.Value] = page;
        return See(Watch(domain, cpu));
    }

    public SharingSeen Read(SharingDomain domain, VcpuId vcpu, Gfn page, SharingWord word)
    {
        if (!TryRest(domain, vcpu, page, out var cpu))
            return See(new Refused());
        cpu.Post(XenCommand.Read32, page.Start.Value + (ulong)PageWords.OffsetOf(word));
        return See(SharingMachine.AwaitPatiently(cpu, _bounds) switch
        {
            GuestAnswer.Finished done => new Value((uint)done.Result),
            GuestAnswer.Faulted fault => new Faulted(fault.Vector),
            GuestAnswer.Crashed => new Crashed(),
            GuestAnswer.Asleep => new Waiting(),
            GuestAnswer.Spinning => new Spinning(),
            _ => new Unclear(),
        });
    }

    public SharingSeen Await(SharingDomain domain, VcpuId vcpu)
    {
        var machine = At(domain);
        return !IsAlive(machine) || machine.IsPaused || vcpu.Value >= _vcpus || !machine.Unfinished[vcpu.Value]
            ? See(new Refused())
            : See(Watch(domain, machine.Domain.Vcpus[vcpu.Value]));
    }

    public SharingSeen Map(SharingMap map, SharingDomain domain, Gfn page, bool writable)
    {
        var machine = At(domain);
        if (machine.IsGone || _maps[map.Index] is not null || machine.PagedOut.ContainsKey(page))
            return See(new Refused());
        var errors = new Errno[1];
        var mapping = _host.ForeignMemory.TryMapEach(machine.Number, [page.Value], writable, errors);
        if (errors[0] != Errno.None)
        {
            mapping?.Dispose();
            return Called(errors[0]);
        }
        (_maps[map.Index], _kinds[map.Index]) = (mapping, (writable, domain.Index));
        return See(new Done());
    }

    public SharingSeen WriteMap(SharingMap map, SharingWord word, uint value)
    {
        if (_maps[map.Index] is not { } mapping || !_kinds[map.Index].Writable)
            return See(new Refused());
        mapping.At<uint>(PageWords.OffsetOf(word)) = value;
        return See(new Done());
    }

    public SharingSeen Unmap(SharingMap map)
    {
        if (_maps[map.Index] is not { } mapping)
            return See(new Refused());
        mapping.Dispose();
        _maps[map.Index] = null;
        return See(new Done());
    }

    public SharingSeen Remove(SharingDomain domain, Gfn page)
    {
        var machine = At(domain);
        if (machine.IsGone || !SharingMachine.IsWatched(page) || Array.Exists(_maps, map => map is not null)
            || machine.PagedOut.ContainsKey(page) || machine.IsBusyWith(page))
            return See(new Refused());
        var errno = _control.DecreaseReservationExact(machine.Number, [page.Value]);
        if (errno == Errno.None)
            machine.Holes.Add(page);
        return Called(errno);
    }

    public SharingSeen Populate(SharingDomain domain, Gfn page)
    {
        var machine = At(domain);
        if (machine.IsGone || machine.LogDirty || !machine.Holes.Contains(page))
            return See(new Refused());
        var errno = _control.PopulateExact(machine.Number, [page.Value]);
        if (errno == Errno.None)
        {
            machine.Holes.Remove(page);
            using var mapping = _host.ForeignMemory.Map(machine.Number, [page.Value]);
            PageWords.Fill(mapping.Bytes(0, Gfn.PageSize), SharingGuest.Fill(page));
        }
        return Called(errno);
    }

    private bool TryRest(SharingDomain domain, VcpuId vcpu, Gfn page, out GuestVcpu cpu)
    {
        var machine = At(domain);
        cpu = machine.Domain.Vcpus[0];
        if (!IsAlive(machine) || machine.IsPaused || vcpu.Value >= _vcpus || machine.Unfinished[vcpu.Value] || !machine.HasContent(page))
            return false;
        cpu = machine.Domain.Vcpus[vcpu.Value];
        return true;
    }

    /// <summary>How the unfinished access of a vCPU stands.</summary>
    private SharingAnswer Watch(SharingDomain domain, GuestVcpu cpu)
    {
        var answer = SharingMachine.AwaitPatiently(cpu, _bounds);
        if (answer is GuestAnswer.Finished or GuestAnswer.Faulted)
        {
            At(domain).Unfinished[cpu.Index] = false;
            At(domain).UnfinishedPages.Remove(cpu.Index);
        }
        return answer switch
        {
            GuestAnswer.Finished => new Done(),
            GuestAnswer.Faulted fault => new Faulted(fault.Vector),
            GuestAnswer.Crashed => new Crashed(),
            GuestAnswer.Asleep => new Waiting(),
            GuestAnswer.Spinning => new Spinning(),
            _ => new Unclear(),
        };
    }
}
