using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.IoreqSeen;

namespace HvLab.Reference.Models.Xen.Ioreq;

using Allowed = Allowed<IoreqModel, IoreqSeen>;

// What becomes of a guest's accesses.
public sealed partial record IoreqModel
{
    private static readonly Vector GeneralProtection = new(13);

    public Allowed Access(VcpuId vcpu, GuestAccess access) =>
        Gone || vcpu.Value >= Vcpus.Count || Vcpus[vcpu.Value].Stage != AccessStage.Rest
            ? Refuse
            : Run(vcpu, access, 0);

    public Allowed Await(VcpuId vcpu)
    {
        if (Gone || vcpu.Value >= Vcpus.Count || Vcpus[vcpu.Value] is not { Stage: not AccessStage.Rest, Access: { } access } work)
            return Refuse;
        return work.Stage switch
        {
            AccessStage.AtServer => Forward(vcpu, work.Server, access, work.Piece),
            AccessStage.Orphaned => Orphan(vcpu, access, work.Piece),
            _ => Run(vcpu, access, work.Piece),
        };
    }

    public Allowed Respond(IoreqServer server, VcpuId vcpu, uint data)
    {
        if (Gone || vcpu.Value >= Vcpus.Count || Vcpus[vcpu.Value] is not { Stage: AccessStage.AtServer, Access: { } access } work || work.Server != server)
            return Refuse;
        if (access is GuestAccess.In or GuestAccess.Read)
            return Finish(vcpu, new Value(data));
        var allowed = Run(vcpu, access, work.Piece + 1);
        return IoreqPiece.Of(access) is var pieces && pieces.Count > 0 && IsPlainNow(pieces[work.Piece])
            ? Either(allowed, Run(vcpu, access, pieces.FindIndex(piece => piece.Element == pieces[work.Piece].Element)))
            : allowed;
    }

    /// <summary>The page was of the type when the request was made, and is no more: the instruction may be done again, in memory.</summary>
    private bool IsPlainNow(IoreqPiece piece) =>
        TryIndex(piece.Page, out var index) && Machine.Resolved(P2m.Entries[index], P2m.Globals).Type is P2mType.RamRw or P2mType.RamLogDirty;

    private static Allowed Either(Allowed first, Allowed second)
    {
        foreach (ref readonly var alternative in second.Alternatives)
        {
            var (seen, then) = alternative;
            first.Or(seen, then, IoreqRules.BecameStale);
        }
        return first;
    }

    /// <summary>The server that had the request is gone: the access ends, or goes on as if it had never been forwarded.</summary>
    private Allowed Orphan(VcpuId vcpu, GuestAccess access, int piece)
    {
        if (Design.DestroyForgetsWaiters)
            return Allowed.Only(new Blocked(), this);
        if (access is GuestAccess.In or GuestAccess.Read)
            return Allowed.None.OrAny(() => new Value(uint.MaxValue), seen => seen is Value ? With(vcpu, IoreqWork.Rest) : null, IoreqRules.DyingEmulator);
        return Either(Run(vcpu, access, piece + 1), Run(vcpu, access, piece));
    }

    private Allowed Finish(VcpuId vcpu, IoreqSeen seen, Rule? rule = null) => Allowed.Only(seen, With(vcpu, IoreqWork.Rest), rule);

    private Allowed Forward(VcpuId vcpu, IoreqServer server, GuestAccess access, int piece, Rule? rule = null) =>
        Allowed.Only(new Forwarded(server, RequestOf(access, piece)), With(vcpu, new(AccessStage.AtServer, access, piece, server)), rule);

    /// <summary>From a piece of the access on, until something stops it.</summary>
    private Allowed Run(VcpuId vcpu, GuestAccess access, int from)
    {
        switch (access)
        {
            case GuestAccess.In or GuestAccess.Out:
                return from > 0 ? Finish(vcpu, new Completed()) : ByRange(vcpu, access);
            case GuestAccess.Read read:
                return Read(vcpu, read);
            case GuestAccess.Execute call:
                return Execute(vcpu, call);
        }
        var now = this;
        var pieces = IoreqPiece.Of(access);
        for (var piece = from; piece < pieces.Count; piece++)
        {
            var at = pieces[piece];
            if (!TryIndex(at.Page, out var index))
                return now.ByRange(vcpu, access, piece);
            var p2m = now.P2m;
            var outcome = Machine.Write(ref p2m, index);
            switch (outcome)
            {
                case P2mOutcome.Direct:
                    now = now with { P2m = p2m, Memory = now.Memory.Write(at.Address, at.Size, now.DataOf(access, at)) };
                    break;
                case P2mOutcome.Discarded:
                    now = now with { P2m = p2m };
                    break;
                case P2mOutcome.Emulated:
                    return (now with { P2m = p2m }).ByRange(vcpu, access, piece);
                case P2mOutcome.Retried:
                    return Allowed.Only(new Retrying(), (now with { P2m = p2m }).With(vcpu, new(AccessStage.Retrying, access, piece)), IoreqRules.Harmless);
                default:
                    return (now with { P2m = p2m }).ToOwner(vcpu, access, piece);
            }
        }
        return now.Finish(vcpu, new Completed());
    }

    /// <summary>A write to a page of the type.</summary>
    private Allowed ToOwner(VcpuId vcpu, GuestAccess access, int piece)
    {
        var server = P2m.Globals.Owner.Server();
        if (this[server].Enabled || (this[server].WasEnabled && Design.ForwardsToDisabledServer))
            return Forward(vcpu, server, access, piece, IoreqRules.Forwarded);
        if (Design.ForwardsToDisabledServer)
            return Finish(vcpu, new Faulted(GeneralProtection)); // its event channel is unknown: the emulator gives up
        // Not passed to the server: it may be dropped as an access that nobody handles, or wait.
        return Allowed.Only(new Completed(), With(vcpu, IoreqWork.Rest), IoreqRules.NotUntilEnabled)
            .Or(new Retrying(), With(vcpu, new(AccessStage.Retrying, access, piece)), IoreqRules.NotUntilEnabled);
    }

    /// <summary>An access that only a range can claim.</summary>
    private Allowed ByRange(VcpuId vcpu, GuestAccess access, int piece = 0)
    {
        var request = RequestOf(access, piece);
        IoreqServer? chosen = null;
        foreach (var server in (IoreqServer[])[IoreqServer.A, IoreqServer.B])
            if (this[server].Enabled && this[server].Ranges.Any(range => range.Space == request.Space && range.Contains(request.Address, request.Size))
                && (chosen is not { } other || this[server].Id > this[other].Id))
                chosen = server;
        if (chosen is { } found)
            return Forward(vcpu, found, access, piece, IoreqRules.NewestFirst);
        if (access is GuestAccess.In or GuestAccess.Read)
            return Finish(vcpu, new Value(uint.MaxValue), IoreqRules.Nobody);
        return access is GuestAccess.Out ? Finish(vcpu, new Completed(), IoreqRules.Nobody) : Run(vcpu, access, piece + 1);
    }

    private Allowed Read(VcpuId vcpu, GuestAccess.Read read)
    {
        if (!TryIndex(read.Address.Page, out var index))
            return ByRange(vcpu, read);
        var p2m = P2m;
        return Machine.Read(ref p2m, index) == P2mOutcome.Emulated
            ? (this with { P2m = p2m }).ByRange(vcpu, read)
            : (this with { P2m = p2m }).Finish(vcpu, new Value((uint)Memory.Read(read.Address.Value, 4)), IoreqRules.OnlyWrites);
    }

    private Allowed Execute(VcpuId vcpu, GuestAccess.Execute call)
    {
        if (!TryIndex(call.Address.Page, out var index))
            return Refuse;
        var p2m = P2m;
        Machine.Read(ref p2m, index);
        var then = this with { P2m = p2m };
        return Design.ForwardedPagesCannotRun && p2m.Entries[index].Type == P2mType.IoreqServer
            ? Allowed.Only(new Retrying(), then.With(vcpu, new(AccessStage.Retrying, call)))
            : then.Finish(vcpu, new Completed(), IoreqRules.OnlyWrites);
    }

    private IoRequest RequestOf(GuestAccess access, int piece)
    {
        switch (access)
        {
            case GuestAccess.In input:
                return new(IoSpace.Port, false, input.Port, 4, 1, 0);
            case GuestAccess.Out output:
                return new(IoSpace.Port, true, output.Port, 4, 1, output.Value);
            case GuestAccess.Read read:
                return new(IoSpace.Memory, false, read.Address.Value, 4, 1, 0);
            default:
                var at = IoreqPiece.Of(access)[piece];
                return new(IoSpace.Memory, true, at.Address, at.Size, 1, DataOf(access, at));
        }
    }

    private ulong DataOf(GuestAccess access, IoreqPiece at)
    {
        var element = access switch
        {
            GuestAccess.Write write => write.Value,
            GuestAccess.Add add => (uint)Memory.Read(add.Address.Value, 4) + add.Value, // "Emulate the read part so we have the value available."
            GuestAccess.Store store => store.Value,
            GuestAccess.Copy copy => Memory.Read(copy.From.Value + (8 * (ulong)at.Element), 8),
            _ => 0ul,
        };
        var data = element >> (at.Offset * 8);
        return at.Size == 8 ? data : data & ((1ul << (at.Size * 8)) - 1);
    }

    public Allowed Survey(VcpuId vcpu, Gfn first, int count)
    {
        if (Gone || count < 1 || vcpu.Value >= Vcpus.Count || Vcpus[vcpu.Value].Stage != AccessStage.Rest
            || !TryIndex(first, out var from) || !TryIndex(new(first.Value + (ulong)count - 1), out _))
            return Refuse;
        var (p2m, direct, toA, toB) = (P2m, 0, 0, 0);
        for (var page = from; page < from + count; page++)
            switch (Machine.Write(ref p2m, page))
            {
                case P2mOutcome.ForwardedToA:
                    toA++;
                    break;
                case P2mOutcome.ForwardedToB:
                    toB++;
                    break;
                case P2mOutcome.Retried:
                    var stuck = new Gfn(IoreqGuest.Window.Value + (ulong)page);
                    var write = new GuestAccess.Write(new(stuck.Start.Value + IoreqGuest.SurveyOffset), IoreqGuest.SurveyValue);
                    return Allowed.Only(new Surveyed(direct, toA, toB, stuck),
                        (this with { P2m = p2m }).With(vcpu, new(AccessStage.Retrying, write)), IoreqRules.Harmless);
                default:
                    direct++;
                    break;
            }
        return Allowed.Only(new Surveyed(direct, toA, toB, null), this with { P2m = p2m });
    }
}
