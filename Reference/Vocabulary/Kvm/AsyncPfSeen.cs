using System.Text.Json.Serialization;

namespace HvLab.Reference.Kvm;

/// <summary>One observation. What the hypervisor did wrong is data here too: the model never allows those cases.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "seen")]
[JsonDerivedType(typeof(Done), "done")]
[JsonDerivedType(typeof(GeneralProtection), "general-protection")]
[JsonDerivedType(typeof(MsrValue), "msr-value")]
[JsonDerivedType(typeof(Completed), "completed")]
[JsonDerivedType(typeof(WrongData), "wrong-data")]
[JsonDerivedType(typeof(NotPresent), "not-present")]
[JsonDerivedType(typeof(OtherPageFault), "other-page-fault")]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(Asleep), "asleep")]
[JsonDerivedType(typeof(AtPager), "at-pager")]
[JsonDerivedType(typeof(Stalled), "stalled")]
[JsonDerivedType(typeof(Spinning), "spinning")]
[JsonDerivedType(typeof(NoInterrupt), "no-interrupt")]
[JsonDerivedType(typeof(Woke), "woke")]
[JsonDerivedType(typeof(Mmio), "mmio")]
[JsonDerivedType(typeof(Requested), "requested")]
[JsonDerivedType(typeof(Supplied), "supplied")]
[JsonDerivedType(typeof(NotAsked), "not-asked")]
[JsonDerivedType(typeof(Destroyed), "destroyed")]
[JsonDerivedType(typeof(Nothing), "nothing")]
[JsonDerivedType(typeof(Refused), "refused")]
public abstract record AsyncPfSeen
{
    private AsyncPfSeen() { } // closed: only the cases below

    /// <summary>The operation was carried out and has no other answer.</summary>
    public sealed record Done : AsyncPfSeen { public override string ToString() => "done"; }
    /// <summary>#GP in the guest.</summary>
    public sealed record GeneralProtection : AsyncPfSeen { public override string ToString() => "#GP"; }
    public sealed record MsrValue(ulong Value) : AsyncPfSeen { public override string ToString() => $"value 0x{Value:x}"; }
    /// <summary>The access retired and its data was right.</summary>
    public sealed record Completed : AsyncPfSeen { public override string ToString() => "the access completes"; }
    /// <summary>The access retired, and the page did not hold what the pager supplied.</summary>
    public sealed record WrongData(ulong Value) : AsyncPfSeen { public override string ToString() => $"wrong data 0x{Value:x}"; }
    /// <summary>#PF with the shared area's flag set: "page not present". The access is abandoned; CR2 is the token.</summary>
    public sealed record NotPresent(Token Token) : AsyncPfSeen { public override string ToString() => $"#PF not present, {Token}"; }
    /// <summary>#PF without the flag, or with an error code: what no guest expects here.</summary>
    public sealed record OtherPageFault(ulong Cr2, uint Flags, uint ErrorCode) : AsyncPfSeen
    {
        public override string ToString() => $"#PF at 0x{Cr2:x}, flags 0x{Flags:x}, error code 0x{ErrorCode:x}";
    }
    /// <summary>The interrupt, and the token that its handler found in the slot.</summary>
    public sealed record Ready(Token Token, Vector Vector) : AsyncPfSeen { public override string ToString() => $"READY, {Token}, {Vector}"; }
    /// <summary>The vCPU is halted inside KVM.</summary>
    public sealed record Asleep : AsyncPfSeen { public override string ToString() => "asleep in KVM"; }
    /// <summary>The vCPU's own thread waits for the pager: the fault is handled synchronously.</summary>
    public sealed record AtPager(Gfn Page) : AsyncPfSeen { public override string ToString() => $"its thread waits for {Page}"; }
    /// <summary>The thread sleeps in the kernel, neither halted nor at the pager.</summary>
    public sealed record Stalled : AsyncPfSeen { public override string ToString() => "waits inside the kernel"; }
    /// <summary>Exits without end and without progress. <paramref name="Exits"/>: how many were counted before giving up.</summary>
    public sealed record Spinning(long Exits) : AsyncPfSeen
    {
        // How many is chance: that it spins is the observation.
        public bool Equals(Spinning? other) => other is not null;
        public override int GetHashCode() => 0;
        public override string ToString() => $"spinning ({Exits} exits)";
    }
    public sealed record NoInterrupt : AsyncPfSeen { public override string ToString() => "no interrupt"; }
    /// <summary>HLT returned without an interrupt.</summary>
    public sealed record Woke : AsyncPfSeen { public override string ToString() => "wakes without an interrupt"; }
    /// <summary>The access left to the VMM as MMIO.</summary>
    public sealed record Mmio : AsyncPfSeen { public override string ToString() => "MMIO exit"; }
    public sealed record Requested : AsyncPfSeen { public override string ToString() => "requested"; }
    public sealed record Supplied : AsyncPfSeen { public override string ToString() => "supplied"; }
    /// <summary>Nobody asked for the page within the bound.</summary>
    public sealed record NotAsked : AsyncPfSeen { public override string ToString() => "nobody asked"; }
    /// <summary>The VM is gone; what is left of it, zero each where nothing leaked.</summary>
    public sealed record Destroyed(int Threads, int Files, int Pages) : AsyncPfSeen
    {
        public override string ToString() => $"gone; left over: {Threads} threads, {Files} files, {Pages} pages";
    }
    /// <summary>The bound ran out and nothing happened.</summary>
    public sealed record Nothing : AsyncPfSeen { public override string ToString() => "nothing within the bound"; }
    /// <summary>The operation makes no sense now (the vCPU is not at rest, or the VM is gone); nothing was done.</summary>
    public sealed record Refused : AsyncPfSeen { public override string ToString() => "not possible now"; }
}
