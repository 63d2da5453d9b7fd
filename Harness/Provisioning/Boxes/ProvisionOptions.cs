namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>What one run wants from its box.</summary>
public sealed record ProvisionOptions
{
    /// <summary>Existing directory that gets console.log.</summary>
    public required string RunDirectory { get; init; }
    /// <summary>The probe to put into the box; null for a box without one ("box up").</summary>
    public string? ProbeBinary { get; init; }
    /// <summary>Leave the box running after the harness has ended, recorded for "hvlab box".</summary>
    public bool Keep { get; init; }
}

/// <summary>What the provisioner is at, for the live display. <see cref="Detail"/> is safe to show.</summary>
public sealed record ProvisionStep(BoxPhase Phase, string Detail);

/// <summary>Off → (Restoring | Booting → Booted → Preparing) → ProbeReady, and what may follow.</summary>
public enum BoxPhase { Off, Restoring, Booting, Booted, Preparing, SavingSnapshot, ProbeReady, PowerCycling, VerifyingSnapshot, PoweredOff }
