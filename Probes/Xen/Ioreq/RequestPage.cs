using HvLab.Probes.Native.Xen;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Ioreq;

/// <summary>A server's page of requests, one a vCPU: xen/include/public/hvm/ioreq.h, shared_iopage.</summary>
internal sealed class RequestPage(ResourceMapping page) : IDisposable
{
    private const int Stride = 32;
    private const int AddressAt = 0, DataAt = 8, CountAt = 16, SizeAt = 20, PortAt = 24, FlagsAt = 30, TypeAt = 31;
    private const int StateMask = 0xf, DataIsPointer = 0x10, DirectionRead = 0x20;
    private const int Ready = 1, InProcess = 2, Answered = 3; // STATE_IOREQ_READY, STATE_IOREQ_INPROCESS, STATE_IORESP_READY
    private const byte Pio = 0, Copy = 1; // IOREQ_TYPE_*

    /// <summary>The guest's event channel for requests of this vCPU.</summary>
    public uint PortOf(int vcpu) => Volatile.Read(ref page.At<uint>((vcpu * Stride) + PortAt));

    /// <summary>Takes the request that waits, or null.</summary>
    /// <exception cref="InvalidOperationException">The request is of a kind that no access of a plan leads to.</exception>
    public IoRequest? Take(int vcpu)
    {
        var at = vcpu * Stride;
        var flags = Volatile.Read(ref page.At<byte>(at + FlagsAt));
        if ((flags & StateMask) != Ready)
            return null;
        var type = page.At<byte>(at + TypeAt);
        if (type is not (Pio or Copy) || (flags & DataIsPointer) != 0)
            throw new InvalidOperationException($"A request of type {type}, flags 0x{flags:x}, which no access of a plan leads to.");
        SetState(at, InProcess);
        var isWrite = (flags & DirectionRead) == 0;
        return new(type == Pio ? IoSpace.Port : IoSpace.Memory, isWrite, page.At<ulong>(at + AddressAt), (int)page.At<uint>(at + SizeAt),
            page.At<uint>(at + CountAt), isWrite ? page.At<ulong>(at + DataAt) : 0);
    }

    /// <summary>Puts the answer there; the vCPU goes on once it is notified.</summary>
    public void Answer(int vcpu, bool isRead, uint data)
    {
        var at = vcpu * Stride;
        if (isRead)
            page.At<ulong>(at + DataAt) = data;
        SetState(at, Answered);
    }

    public void Dispose() => page.Dispose();

    private void SetState(int at, int state)
    {
        ref var flags = ref page.At<byte>(at + FlagsAt);
        Thread.MemoryBarrier();
        Volatile.Write(ref flags, (byte)((flags & ~StateMask) | state));
        Thread.MemoryBarrier();
    }
}
