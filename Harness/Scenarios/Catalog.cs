using HvLab.Harness.Scenarios.Kvm;
using HvLab.Harness.Scenarios.Xen;

namespace HvLab.Harness.Scenarios;

/// <summary>Every scenario there is. A subsystem is one line.</summary>
public static class Catalog
{
    public static IReadOnlyList<IScenario> All { get; } =
    [
        .. AsyncPfScenarios.All,
        .. IoreqScenarios.All,
        .. PagingScenarios.All,
    ];
}
