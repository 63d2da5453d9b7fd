using System.Text.Json.Serialization;

namespace HvLab.Reference.Xen;

/// <summary>One observation: the operation's own answer, and everything else as it was right after it.</summary>
public sealed record SharingSeen(SharingAnswer Answer, SharingWorld World)
{
    public override string ToString() => $"{Answer} [{World}]";
}

/// <summary>What an operation itself says. What the hypervisor did wrong is data here too.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "answer")]
[JsonDerivedType(typeof(Done), "done")]
[JsonDerivedType(typeof(Failed), "failed")]
[JsonDerivedType(typeof(Nominated), "nominated")]
[JsonDerivedType(typeof(References), "references")]
[JsonDerivedType(typeof(Value), "value")]
[JsonDerivedType(typeof(Waiting), "waiting")]
[JsonDerivedType(typeof(Spinning), "spinning")]
[JsonDerivedType(typeof(Faulted), "faulted")]
[JsonDerivedType(typeof(Unclear), "unclear")]
[JsonDerivedType(typeof(Crashed), "crashed")]
[JsonDerivedType(typeof(Request), "request")]
[JsonDerivedType(typeof(NoRequest), "no-request")]
[JsonDerivedType(typeof(Dirty), "dirty")]
[JsonDerivedType(typeof(Refused), "refused")]
public abstract record SharingAnswer
{
    private SharingAnswer() { } // closed: only the cases below

    /// <summary>The call returned 0, or the guest's access retired.</summary>
    public sealed record Done : SharingAnswer { public override string ToString() => "done"; }
    /// <summary>The call failed with this errno.</summary>
    public sealed record Failed(XenError Error) : SharingAnswer
    {
        public override string ToString() =>
            Error == XenError.Echild ? "source handle invalid (ECHILD)" : Error == XenError.Ebadf ? "client handle invalid (EBADF)" : Error.ToString();
    }
    /// <summary>The page has a handle; <paramref name="SameAs"/>: names that already stood for the same number.</summary>
    public sealed record Nominated([property: JsonConverter(typeof(SharingHandles))] ValueList<SharingHandle> SameAs) : SharingAnswer
    {
        public override string ToString() => SameAs.Count == 0 ? "a new handle" : $"the handle {string.Join(", ", SameAs)}";
    }
    public sealed record References(int Count) : SharingAnswer { public override string ToString() => $"{Count} references"; }
    public sealed record Value(uint Word) : SharingAnswer { public override string ToString() => $"reads {Word:x}"; }
    /// <summary>The guest's access does not retire, and its vCPU sleeps.</summary>
    public sealed record Waiting : SharingAnswer { public override string ToString() => "the access waits"; }
    /// <summary>The guest's access does not retire, and its vCPU tries again and again.</summary>
    public sealed record Spinning : SharingAnswer { public override string ToString() => "the access spins"; }
    /// <summary>The access raised an exception in the guest.</summary>
    public sealed record Faulted(byte Vector) : SharingAnswer { public override string ToString() => $"exception {Vector} in the guest"; }
    /// <summary>Nothing can be said within the bound.</summary>
    public sealed record Unclear : SharingAnswer { public override string ToString() => "unclear within the bound"; }
    /// <summary>Xen crashed the domain.</summary>
    public sealed record Crashed : SharingAnswer { public override string ToString() => "the domain crashed"; }
    /// <summary>A request on the ring. <paramref name="Paused"/>: the vCPU sleeps until it is answered; else somebody else could not unshare.</summary>
    public sealed record Request(Gfn Page, VcpuId Vcpu, bool Paused) : SharingAnswer
    {
        public override string ToString() => $"request for {Page}{(Paused ? $" by {Vcpu}, paused" : ", nobody paused")}";
    }
    public sealed record NoRequest : SharingAnswer { public override string ToString() => "no request"; }
    public sealed record Dirty([property: JsonConverter(typeof(SharingGfns))] ValueList<Gfn> Pages) : SharingAnswer
    {
        public override string ToString() => Pages.Count == 0 ? "nothing dirty" : $"dirty: {string.Join(", ", Pages)}";
    }
    /// <summary>The operation makes no sense now; nothing was done.</summary>
    public sealed record Refused : SharingAnswer { public override string ToString() => "not possible now"; }
}
