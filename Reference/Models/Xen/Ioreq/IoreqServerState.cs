using HvLab.Reference.Xen;

namespace HvLab.Reference.Models.Xen.Ioreq;

/// <summary>What is known of a server.</summary>
/// <param name="Id">Xen's id: the lowest that was free; -1 where the server does not exist.</param>
/// <param name="WasEnabled">Its event channels were made known to its device model at least once.</param>
public readonly record struct IoreqServerState(int Id, bool Enabled, bool WasEnabled, ValueList<IoRange> Ranges)
{
    public static IoreqServerState Absent => new(-1, false, false, []);
    public bool Exists => Id >= 0;
}

/// <summary>How far the access of a vCPU has come.</summary>
public enum AccessStage
{
    /// <summary>No access.</summary>
    Rest,
    /// <summary>A server has the request of the current piece.</summary>
    AtServer,
    /// <summary>Xen lets the guest try again and again.</summary>
    Retrying,
    /// <summary>The server that had the request is gone.</summary>
    Orphaned,
}

/// <summary>The access of a vCPU. <paramref name="Piece"/> is the one that it is at.</summary>
public sealed record IoreqWork(AccessStage Stage, GuestAccess? Access = null, int Piece = 0, IoreqServer Server = IoreqServer.A)
{
    public static readonly IoreqWork Rest = new(AccessStage.Rest);
}
