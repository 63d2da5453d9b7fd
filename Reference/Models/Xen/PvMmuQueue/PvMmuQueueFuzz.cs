using HvLab.Reference.Models.Exploration;
using HvLab.Reference.Models.Fuzz;

namespace HvLab.Reference.Models.Xen.PvMmuQueue;

using Subject = DesignSubject<QueueState, QueueStep>;

/// <summary>Per-CPU page-table queues in random plans: whose turn it is, and what the guest's CPUs begin; versions are what is seen.</summary>
public static class PvMmuQueueFuzz
{
    private const int Cpus = 3, Pages = 1, Updates = 2;

    /// <summary>A design of the model, by its name.</summary>
    public static Subject Of(string design)
    {
        var (known, traits) = QueueDesigns.All.Single(one => one.Design.Name == design);
        return new(new PvMmuQueueModel().Name, new QueueSystem(traits, Cpus, Pages, Updates), [.. Steps], Ask, See, Shape, $"{known.Name}, {Cpus} CPUs, {Pages} page, {Updates} updates");
    }

    /// <summary>The sound design that a faulty one was made from.</summary>
    public static string BaseOf(string design)
    {
        var traits = QueueDesigns.All.Single(one => one.Design.Name == design).Traits;
        return QueueDesigns.All.Where(one => one.Design is { Kind: DesignKind.Proposed, IsSound: true } && (one.Traits & ~traits) == 0)
            .MaxBy(one => System.Numerics.BitOperations.PopCount((uint)one.Traits)).Design.Name;
    }

    private static IEnumerable<Choice<AskedStep>> Steps =>
        from cpu in Enumerable.Range(0, Cpus + 1)
        from page in Enumerable.Range(0, Pages)
        from act in Enum.GetValues<QueueAct>()
        let step = Ask(new(act, (byte)(cpu == Cpus ? QueueState.MaxCpus : cpu), (byte)page, 0))
        group act by step into same
        select new Choice<AskedStep>(same.First() is QueueAct.UsesTranslation ? 6 : 10, same.Key);

    // A page that an act is not about is 0 in its step, so the act alone says it.
    private static AskedStep Ask(QueueStep step) => new($"{QueueSystem.NameOf(step.Cpu)}: {step.Act}{(step.Page > 0 ? $" {step.Page}" : "")}");

    private static string See(QueueStep step, QueueState after) => step.Act switch
    {
        QueueAct.ReadsEntry or QueueAct.UsesTranslation => $"version {step.Version}",
        _ => "done",
    };

    private static string Shape(QueueState state) =>
        string.Join(", ", Enumerable.Range(0, Cpus).Select(cpu => $"{state.Phase(cpu)}{(state.Queued(cpu, 0) != 0 ? "+queue" : "")}{(state.Interrupted(cpu) ? "+irq" : "")}").Order());
}
