using HvLab.Reference.Models.Xen;
using HvLab.Reference.Models.Xen.Ioreq;
using HvLab.Reference.Xen;

namespace HvLab.Reference.Tests.Fuzz;

/// <summary>Random plans find every fault that a p2m with ioreq servers in this process is given.</summary>
public sealed class IoreqFuzzTests : FaultTable
{
    private static IEnumerable<IoreqDefect> Faults => Enum.GetValues<IoreqDefect>().Except([IoreqDefect.None]);

    [TestCaseSource(nameof(Faults))]
    public async Task A_faulty_machine_is_found_out(IoreqDefect fault)
    {
        // Where every unmap sweeps at once, nothing is outstanding when a second server comes.
        var faulty = fault == IoreqDefect.SecondServerAccepted ? IoreqDesigns.RefuseNewServer with { Defect = fault } : IoreqDesigns.With(fault);
        var start = new IoreqFuzz(faulty).Start;
        Take($"{fault}", await Trial.FindAsync(new IoreqFuzz(faulty with { Defect = IoreqDefect.None }), random => Machine(start, random)));
    }

    [Test]
    public async Task A_machine_without_a_fault_is_not_accused() =>
        Assert.That(await Trial.FindAsync(new IoreqFuzz(), random => Machine(new IoreqFuzz().Start, random), plans: 500), Is.Null);

    private static Func<IoreqOp, IoreqSeen> Machine(IoreqModel start, Random random)
    {
        var machine = new IoreqMachine(start, random);
        return operation => operation.On(machine);
    }
}

/// <summary>Random plans find every fault that memory paging in this process is given.</summary>
public sealed class PagingFuzzTests : FaultTable
{
    /// <summary>What needs a full ring gets one that two requests fill; what takes pages from the guest is not in random plans.</summary>
    private static IEnumerable<PagingDefect> Faults => Enum.GetValues<PagingDefect>().Except([PagingDefect.None, PagingDefect.DropKeepsCount]);

    private static PagingSetup Setup(PagingDefect fault) => new(PagingGuest.FirstPage, PagingGuest.PageCount, Slots: 1, fault);

    [TestCaseSource(nameof(Faults))]
    public async Task A_faulty_machine_is_found_out(PagingDefect fault)
    {
        var start = new PagingFuzz(Setup(fault)).Start;
        Take($"{fault}", await Trial.FindAsync(new PagingFuzz(Setup(PagingDefect.None)), random => Machine(start, random)));
    }

    [Test]
    public async Task A_machine_without_a_fault_is_not_accused() =>
        Assert.That(await Trial.FindAsync(new PagingFuzz(), random => Machine(new PagingFuzz().Start, random), plans: 500), Is.Null);

    private static Func<PagingOp, PagingSeen> Machine(PagingModel start, Random random)
    {
        var machine = new PagingMachine(start, random);
        return operation => operation.On(machine);
    }
}

/// <summary>Random plans find every fault that page sharing in this process is given.</summary>
public sealed class SharingFuzzTests : FaultTable
{
    private static IEnumerable<SharingDefect> Faults => Enum.GetValues<SharingDefect>().Except([SharingDefect.None]);

    private static SharingFuzz Subject(SharingDefect fault) => new(new(SharingGuest.FirstWatched, Defect: fault), memory: true);

    [TestCaseSource(nameof(Faults))]
    public async Task A_faulty_machine_is_found_out(SharingDefect fault)
    {
        var start = Subject(fault).Start;
        Take($"{fault}", await Trial.FindAsync(Subject(SharingDefect.None), random => Machine(start, random), plans: 2000));
    }

    [Test]
    public async Task A_machine_without_a_fault_is_not_accused() =>
        Assert.That(await Trial.FindAsync(Subject(SharingDefect.None), random => Machine(Subject(SharingDefect.None).Start, random), plans: 200), Is.Null);

    private static Func<SharingOp, SharingSeen> Machine(SharingModel start, Random random)
    {
        var machine = new SharingMachine(start, random);
        return operation => operation.On(machine);
    }
}
