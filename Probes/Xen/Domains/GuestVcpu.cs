using HvLab.GuestAgents.Payloads.Xen;

namespace HvLab.Probes.Xen.Domains;

/// <summary>How a guest command stands when nobody waits any longer.</summary>
public abstract record GuestAnswer
{
    private GuestAnswer() { } // closed: only the cases below

    public sealed record Finished(ulong Result) : GuestAnswer;
    /// <summary>An exception in the guest ended the command.</summary>
    public sealed record Faulted(byte Vector, ulong ErrorCode, ulong Cr2) : GuestAnswer;
    /// <summary>The vCPU gets no time: Xen has put it to sleep.</summary>
    public sealed record Asleep : GuestAnswer;
    /// <summary>The vCPU gets time and does not come further.</summary>
    public sealed record Spinning : GuestAnswer;
    /// <summary>Xen shut the domain down.</summary>
    public sealed record Crashed : GuestAnswer;
    /// <summary>None of these within the bound.</summary>
    public sealed record Unclear : GuestAnswer;
}

/// <summary>One vCPU of the micro-guest: takes one command at a time.</summary>
public sealed class GuestVcpu
{
    private readonly XenDomain _domain;
    private readonly int _mailbox;

    internal GuestVcpu(XenDomain domain, int index) => (_domain, Index, _mailbox) = (domain, index, (int)XenMemoryMap.Mailbox(index));

    public int Index { get; }

    public bool IsIdle => Volatile.Read(ref Half(XenMailbox.Done)) == Volatile.Read(ref Half(XenMailbox.Posted));

    /// <summary>Hands a command over; the vCPU must be idle.</summary>
    public void Post(XenCommand command, ulong address = 0, ulong value = 0, ulong third = 0, ulong fourth = 0)
    {
        if (!IsIdle)
            throw new InvalidOperationException($"vCPU {Index} has not finished its last command.");
        Half(XenMailbox.Command) = (uint)command;
        Word(XenMailbox.Address) = address;
        Word(XenMailbox.Value) = value;
        Word(XenMailbox.Third) = third;
        Word(XenMailbox.Fourth) = fourth;
        Volatile.Write(ref Half(XenMailbox.Posted), Half(XenMailbox.Posted) + 1);
    }

    /// <summary>How far a command of many steps has come: <see cref="XenCommand.StorePages"/>.</summary>
    public ulong Progress => Volatile.Read(ref Word(XenMailbox.Result));

    /// <summary>Lets such a command end after the step that it is at.</summary>
    public void EndAfterThisStep() => Volatile.Write(ref Word(XenMailbox.Third), Progress + 1);

    /// <summary>The end of the last command, or null where it goes on.</summary>
    public GuestAnswer? Look()
    {
        if (!IsIdle)
            return null;
        var outcome = Half(XenMailbox.Outcome);
        return outcome == 0
            ? new GuestAnswer.Finished(Word(XenMailbox.Result))
            : new GuestAnswer.Faulted((byte)outcome, Word(XenMailbox.ErrorCode), Word(XenMailbox.Cr2));
    }

    /// <summary>Waits until the command ends or it is clear that it does not come further now.</summary>
    public GuestAnswer Await(WatchBounds? bounds = null) => new VcpuWatch(_domain, this, bounds ?? WatchBounds.Default).Await();

    public GuestAnswer Run(XenCommand command, ulong address = 0, ulong value = 0, ulong third = 0, ulong fourth = 0)
    {
        Post(command, address, value, third, fourth);
        return Await();
    }

    private ref uint Half(int offset) => ref _domain.Low.At<uint>(_mailbox + offset);
    private ref ulong Word(int offset) => ref _domain.Low.At<ulong>(_mailbox + offset);
}
