using System.Threading.Channels;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Kernels;
using HvLab.Harness.Provisioning.Setup;
using HvLab.Harness.Provisioning.Xen;

namespace HvLab.Harness.Scheduling.Mutants;

/// <summary>A mutant with its modules, or with the reason why there are none.</summary>
internal sealed record BuiltMutant(Mutant Mutant, MutantBuild? Build, LabException? Trouble);

/// <summary>Builds mutants one after the other: the compiler and the tree first, then the next mutant while one runs.</summary>
internal sealed class MutantWorkshop(HvLabPaths paths, Bounds bounds, TimeProvider clock)
{
    /// <summary>Installs what builds need, saying so, and compiles the unchanged hypervisor once.</summary>
    /// <exception cref="LabException">No builds are possible on this machine.</exception>
    public async Task<IMutantBuilds> OpenAsync(Release release, IRunObserver observer, CancellationToken cancellation)
    {
        var told = new Told<string>(observer.Note);
        var machine = Machine.This(Environment.GetEnvironmentVariable);
        // apt and dpkg are asked below: first what every run needs.
        observer.Phase("set-up");
        var setup = new SetupPlan(paths, bounds, clock, machine, XenBuildRequirements.For(release));
        await setup.InstallAsync(await setup.FindMissingAsync(cancellation), told, cancellation);
        if (release.Hypervisor == "xen")
            return new XenMutantBuilds(paths, bounds, clock, release, told);
        observer.Phase("finding the source of the release's kernel");
        var packages = await ResolveAsync(setup, release, observer, cancellation);
        var tools = new SetupPlan(paths, bounds, clock, machine,
            [.. packages.Requirements.Select(need => new Requirement(Path.GetFileName(need.Program), need.Program, need.Package, need.Why))]);
        await tools.InstallAsync(await tools.FindMissingAsync(cancellation), told, cancellation);
        observer.Phase($"compiling unchanged KVM {packages.Version} (once a kernel version)");
        var source = new KvmSourceTree(paths, bounds, clock);
        await source.CompiledAsync(packages, cancellation);
        return new KvmMutantBuilds(new(source, packages, bounds, clock));
    }

    /// <summary>In the order given, one ahead of the reader. A mutant that does not build is an item too.</summary>
    public static async Task BuildAllAsync(
        IMutantBuilds builds, IEnumerable<Mutant> mutants, ChannelWriter<BuiltMutant> ready, CancellationToken cancellation)
    {
        Exception? end = null;
        try
        {
            foreach (var mutant in mutants)
                await ready.WriteAsync(await BuildAsync(builds, mutant, cancellation), cancellation);
        }
        catch (Exception trouble)
        {
            end = trouble;
        }
        ready.Complete(end);
    }

    private static async Task<BuiltMutant> BuildAsync(IMutantBuilds builds, Mutant mutant, CancellationToken cancellation)
    {
        try
        {
            return new(mutant, await builds.BuildAsync(mutant, cancellation), null);
        }
        catch (LabException trouble) when (trouble.Reason != LabFault.DiskFull)
        {
            return new(mutant, null, trouble);
        }
    }

    private static async Task<KernelPackages> ResolveAsync(SetupPlan setup, Release release, IRunObserver observer, CancellationToken cancellation)
    {
        try
        {
            return await KvmSourceTree.ResolveAsync(release, cancellation);
        }
        catch (LabException unknown) when (unknown.Reason == LabFault.MissingTool)
        {
            observer.Note("updating the package lists: apt does not know the release's kernel");
            await setup.UpdateListsAsync(cancellation);
            return await KvmSourceTree.ResolveAsync(release, cancellation);
        }
    }
}
