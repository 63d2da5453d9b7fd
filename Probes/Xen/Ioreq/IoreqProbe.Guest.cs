using HvLab.GuestAgents.Payloads.Xen;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.IoreqSeen;

namespace HvLab.Probes.Xen.Ioreq;

// What the guest does, and what its servers see of it.
public sealed partial class IoreqProbe
{
    private const int QuickLooks = 10_000;
    /// <summary>Each of them gives the guest the CPU.</summary>
    private const int QuickLooksOnOneCpu = 20;

    public IoreqSeen Access(VcpuId vcpu, GuestAccess access)
    {
        if (_gone || !TryVcpu(vcpu, out var guest) || _accesses[vcpu.Value] is not null)
            return new Refused();
        Post(guest, access);
        _accesses[vcpu.Value] = access;
        return Look(vcpu);
    }

    public IoreqSeen Await(VcpuId vcpu) =>
        _gone || !TryVcpu(vcpu, out _) || _accesses[vcpu.Value] is null ? new Refused() : Look(vcpu);

    public IoreqSeen Respond(IoreqServer server, VcpuId vcpu, uint data)
    {
        if (_gone || !TryVcpu(vcpu, out _) || _servers[(int)server] is not { } model || !model.HasShown(vcpu.Value))
            return new Refused();
        model.Respond(vcpu.Value, data);
        return Look(vcpu);
    }

    public IoreqSeen Survey(VcpuId vcpu, Gfn first, int count)
    {
        if (_gone || count < 1 || !TryVcpu(vcpu, out _) || _accesses[vcpu.Value] is not null
            || !IsInWindow(first) || !IsInWindow(new(first.Value + (ulong)count - 1)))
            return new Refused();
        // One command for all pages: the guest stops only where somebody else has to do something.
        var guest = _domain.Vcpus[vcpu.Value];
        var start = first.Start.Value + IoreqGuest.SurveyOffset;
        guest.Post(XenCommand.StorePages, start, IoreqGuest.SurveyValue, (ulong)count);
        var (toA, toB) = (0, 0);
        while (true)
        {
            var before = guest.Progress;
            _accesses[vcpu.Value] = new GuestAccess.Write(new(start), IoreqGuest.SurveyValue);
            var seen = Look(vcpu);
            if (seen is Forwarded { Server: var server })
            {
                _ = server == IoreqServer.A ? toA++ : toB++;
                _servers[(int)server]!.Respond(vcpu.Value, 0);
            }
            else if (seen is Completed)
            {
                return new Surveyed(count - toA - toB, toA, toB, null);
            }
            else if (seen is not Retrying || guest.Progress == before)
            {
                var done = (int)guest.Progress;
                guest.EndAfterThisStep();
                return seen is Retrying ? new Surveyed(done - toA - toB, toA, toB, new(first.Value + (ulong)done)) : seen;
            }
        }
    }

    private bool TryVcpu(VcpuId vcpu, out GuestVcpu guest)
    {
        var known = vcpu.Value >= 0 && vcpu.Value < _plan.Vcpus;
        guest = known ? _domain.Vcpus[vcpu.Value] : null!;
        return known;
    }

    private static void Post(GuestVcpu guest, GuestAccess access)
    {
        switch (access)
        {
            case GuestAccess.Read read: guest.Post(XenCommand.Read32, read.Address.Value); break;
            case GuestAccess.Write write: guest.Post(XenCommand.Write32, write.Address.Value, write.Value); break;
            case GuestAccess.Add add: guest.Post(XenCommand.Add32, add.Address.Value, add.Value); break;
            case GuestAccess.Store store: guest.Post(XenCommand.FillBytes, store.Address.Value, store.Value, (ulong)store.Count); break;
            case GuestAccess.Copy copy: guest.Post(XenCommand.CopyWords, copy.From.Value, copy.To.Value, (ulong)copy.Count); break;
            case GuestAccess.Execute call: guest.Post(XenCommand.Fetch, call.Address.Value); break;
            case GuestAccess.In input: guest.Post(XenCommand.In32, input.Port); break;
            case GuestAccess.Out output: guest.Post(XenCommand.Out32, output.Port, output.Value); break;
            default: throw new NotSupportedException($"No command of the payload is '{access}'.");
        }
    }

    /// <summary>What the vCPU's access has come to: looks until there is something to say.</summary>
    private IoreqSeen Look(VcpuId vcpu)
    {
        var guest = _domain.Vcpus[vcpu.Value];
        var looks = _domain.Host.HasOneCpu ? QuickLooksOnOneCpu : QuickLooks;
        for (var look = 0; look < looks; look++)
        {
            if (guest.Look() is { } done)
                return End(vcpu, done);
            if (AtServer(vcpu) is { } forwarded)
                return forwarded;
            _domain.Host.LetGuestsRun();
        }
        // Evidence that the vCPU does not come further now; the request may have come before it.
        var state = guest.Await(WatchBounds.Default with { GiveUpMs = _plan.GiveUpMs });
        if (state is not (GuestAnswer.Finished or GuestAnswer.Faulted) && AtServer(vcpu) is { } late)
            return late;
        return End(vcpu, state);
    }

    private Forwarded? AtServer(VcpuId vcpu)
    {
        foreach (var server in (ReadOnlySpan<IoreqServer>)[IoreqServer.A, IoreqServer.B])
            if (_servers[(int)server]?.Pending(vcpu.Value) is { } request)
                return new(server, request);
        return null;
    }

    private IoreqSeen End(VcpuId vcpu, GuestAnswer answer)
    {
        switch (answer)
        {
            case GuestAnswer.Finished finished:
                var access = _accesses[vcpu.Value];
                _accesses[vcpu.Value] = null;
                return access is GuestAccess.Read or GuestAccess.In ? new Value((uint)finished.Result) : new Completed();
            case GuestAnswer.Faulted faulted:
                _accesses[vcpu.Value] = null;
                return new Faulted(new(faulted.Vector));
            case GuestAnswer.Asleep:
                return new Blocked();
            case GuestAnswer.Spinning:
                return new Retrying();
            case GuestAnswer.Crashed:
                return new DomainCrashed();
            default:
                throw new TimeoutException($"{vcpu} neither finished, nor sleeps, nor spins within {_plan.GiveUpMs} ms: the box is too slow to say.");
        }
    }
}
