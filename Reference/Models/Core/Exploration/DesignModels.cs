using HvLab.Reference.Models.Kvm.AsyncPfGuest;
using HvLab.Reference.Models.Xen.Ioreq;
using HvLab.Reference.Models.Xen.P2mWaitQueue;
using HvLab.Reference.Models.Xen.Preemption;
using HvLab.Reference.Models.Xen.PvMmuQueue;

namespace HvLab.Reference.Models.Exploration;

/// <summary>Every model that can be explored by name.</summary>
public static class DesignModels
{
    public static IReadOnlyList<DesignModel> All { get; } =
    [
        new IoreqLogdirtyModel(),
        new P2mWaitQueueModel(),
        new PvMmuQueueModel(),
        new PreemptionModel(),
        new AsyncPfGuestModel(),
    ];

    /// <exception cref="ArgumentException">There is no such model; the message is for the user.</exception>
    public static DesignModel Named(string name) => All.FirstOrDefault(model => model.Name == name)
        ?? throw new ArgumentException($"There is no model '{name}'; there are {string.Join(", ", All.Select(model => model.Name))}.");
}
