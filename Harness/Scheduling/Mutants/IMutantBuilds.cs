using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Kernels;

namespace HvLab.Harness.Scheduling.Mutants;

/// <summary>How the mutants of one hypervisor become something that boots.</summary>
internal interface IMutantBuilds
{
    /// <exception cref="Lab.LabException">The mutant does not build.</exception>
    Task<MutantBuild> BuildAsync(Mutant mutant, CancellationToken cancellation);

    /// <summary>The release with the mutant's files in place of its own.</summary>
    Release Boot(Release release, MutantBuild build);

    /// <summary>What makes 'hvlab run' boot the same.</summary>
    IReadOnlyList<string> Arguments(MutantBuild build);
}

/// <summary>Modules of KVM beside the release's kernel.</summary>
internal sealed class KvmMutantBuilds(MutantBuilder builder) : IMutantBuilds
{
    public Task<MutantBuild> BuildAsync(Mutant mutant, CancellationToken cancellation) => builder.BuildAsync(mutant, cancellation);

    public Release Boot(Release release, MutantBuild build) => release with { ModulesDirectory = build.Directory, LabPatched = build.Mutant.Edits.Count > 0 };

    public IReadOnlyList<string> Arguments(MutantBuild build) => ["--modules", build.Directory];
}
