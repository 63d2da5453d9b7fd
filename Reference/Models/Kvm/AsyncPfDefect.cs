namespace HvLab.Reference.Models.Kvm;

/// <summary>Deliberate faults of <see cref="AsyncPfModel"/>: each must be caught by one of <see cref="AsyncPfProperties"/>.</summary>
public enum AsyncPfDefect
{
    None,
    ZeroToken,
    TokenReused,
    ReadyIgnoresSlot,
    ReadyLostBehindAnother,
    ReadyTwice,
    ReadyBeforePage,
    SendAlwaysIgnored,
    BoundOffByOne,
    MaskedFaultIsAsynchronous,
    ReservedBitsAccepted,
    FaultingWriteChangesMsr,
    BroadcastLost,
    DisabledStillDelivers,
    LapicOffDelivers,
    DestroyedWithWorker,
}
