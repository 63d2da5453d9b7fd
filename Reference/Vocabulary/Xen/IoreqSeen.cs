using System.Text.Json.Serialization;

namespace HvLab.Reference.Xen;

/// <summary>One observation. What the hypervisor did wrong is data here too: the model never allows those cases.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "seen")]
[JsonDerivedType(typeof(Done), "done")]
[JsonDerivedType(typeof(Failed), "failed")]
[JsonDerivedType(typeof(TypeIs), "type-is")]
[JsonDerivedType(typeof(Completed), "completed")]
[JsonDerivedType(typeof(Value), "value")]
[JsonDerivedType(typeof(Forwarded), "forwarded")]
[JsonDerivedType(typeof(Retrying), "retrying")]
[JsonDerivedType(typeof(Blocked), "blocked")]
[JsonDerivedType(typeof(Faulted), "faulted")]
[JsonDerivedType(typeof(Surveyed), "surveyed")]
[JsonDerivedType(typeof(Dirty), "dirty")]
[JsonDerivedType(typeof(Unmapped), "unmapped")]
[JsonDerivedType(typeof(DomainGone), "domain-gone")]
[JsonDerivedType(typeof(DomainStays), "domain-stays")]
[JsonDerivedType(typeof(DomainCrashed), "domain-crashed")]
[JsonDerivedType(typeof(Refused), "refused")]
public abstract record IoreqSeen
{
    private IoreqSeen() { } // closed: only the cases below

    /// <summary>The hypercall returned 0.</summary>
    public sealed record Done : IoreqSeen { public override string ToString() => "0"; }
    public sealed record Failed(XenError Error) : IoreqSeen { public override string ToString() => Error.ToString(); }
    public sealed record TypeIs(MemType Type) : IoreqSeen { public override string ToString() => $"type {Type}"; }
    /// <summary>The access retired.</summary>
    public sealed record Completed : IoreqSeen { public override string ToString() => "the access completes"; }
    /// <summary>What was read, by the guest's access or by dom0.</summary>
    public sealed record Value(uint Data) : IoreqSeen { public override string ToString() => $"0x{Data:x}"; }
    /// <summary>The access waits for the server, which sees this request.</summary>
    public sealed record Forwarded(IoreqServer Server, IoRequest Request) : IoreqSeen { public override string ToString() => $"server {Server} gets a {Request}"; }
    /// <summary>The access does not finish, no server has a request of it, and its vCPU burns time: Xen lets the instruction run again and again.</summary>
    public sealed record Retrying : IoreqSeen { public override string ToString() => "the access is retried without end"; }
    /// <summary>The access does not finish, no server has a request of it, and its vCPU does not run.</summary>
    public sealed record Blocked : IoreqSeen { public override string ToString() => "the vCPU sleeps in Xen"; }
    /// <summary>The guest took an exception instead.</summary>
    public sealed record Faulted(Vector Vector) : IoreqSeen { public override string ToString() => $"exception, {Vector}"; }
    /// <summary>How many pages of a survey took the write, and how many forwarded it; <paramref name="StuckAt"/> ended the survey.</summary>
    public sealed record Surveyed(int Direct, int ForwardedToA, int ForwardedToB, Gfn? StuckAt) : IoreqSeen
    {
        public override string ToString() =>
            $"{Direct} direct, {ForwardedToA} to server A, {ForwardedToB} to server B" + (StuckAt is { } page ? $", stuck at {page}" : "");
    }
    /// <summary>Dirty pages of the window: how many, and a bit for each of its first <see cref="IoreqGuest.NamedPages"/>.</summary>
    public sealed record Dirty(int Count, ulong Named) : IoreqSeen { public override string ToString() => $"{Count} dirty, 0x{Named:x}"; }
    /// <summary>dom0 could not map the page.</summary>
    public sealed record Unmapped(XenError Error) : IoreqSeen { public override string ToString() => $"cannot be mapped: {Error}"; }
    public sealed record DomainGone : IoreqSeen { public override string ToString() => "the domain is gone"; }
    /// <summary>The domain was destroyed and is still listed when the bound is over.</summary>
    public sealed record DomainStays : IoreqSeen { public override string ToString() => "the domain does not go"; }
    /// <summary>Xen has crashed the domain.</summary>
    public sealed record DomainCrashed : IoreqSeen { public override string ToString() => "Xen crashed the domain"; }
    /// <summary>The operation makes no sense now (the vCPU is not at rest, or the server does not exist in this plan); nothing was done.</summary>
    public sealed record Refused : IoreqSeen { public override string ToString() => "not possible now"; }
}
