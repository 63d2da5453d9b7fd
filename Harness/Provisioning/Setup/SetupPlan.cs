using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Provisioning.Setup;

/// <summary>Finds what this machine lacks and installs it by apt, saying what and why before it does.</summary>
/// <param name="requirements">What to look for; null for what every run needs.</param>
public sealed class SetupPlan(
    HvLabPaths paths, Bounds bounds, TimeProvider time, Machine machine, IReadOnlyList<Requirement>? requirements = null)
{
    private readonly Tools _tools = new(bounds, time);

    /// <summary>Every requirement and how it stands: the table of doctor.</summary>
    public async Task<IReadOnlyList<RequirementState>> InspectAsync(CancellationToken cancellation = default) =>
        await Task.WhenAll((requirements ?? Requirements.All).Select(requirement => InspectAsync(requirement, cancellation)));

    /// <summary>What is not there, or too old. Asks only the programs whose version matters.</summary>
    public async Task<IReadOnlyList<RequirementState>> FindMissingAsync(CancellationToken cancellation = default) =>
        (await InspectAsync(cancellation)).Where(state => !state.IsMet).ToList();

    /// <summary>
    /// Installs the packages of what is missing: one update of the package lists, then one installation, as root or through
    /// "sudo -n". A package that the machine's own release has only in too old a version comes from its backports, by options
    /// of that one command; the machine's own apt set-up stays as it is.
    /// </summary>
    /// <exception cref="LabException"><see cref="LabFault.MissingTool"/>: no apt, no root, no network, dpkg busy; with what to do next.</exception>
    public async Task InstallAsync(
        IReadOnlyList<RequirementState> missing, IProgress<string> progress, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(missing);
        ArgumentNullException.ThrowIfNull(progress);
        if (missing.Count == 0)
            return;
        foreach (var state in missing)
            progress.Report($"installing {state.Requirement.Package}: {state.Requirement.Name} is {state.Describe()}; it is needed to {state.Requirement.Why}");
        var packages = missing.Select(state => state.Requirement.Package).Distinct().Order(StringComparer.Ordinal).ToList();
        var byHand = $"sudo apt-get install {string.Join(' ', packages)}";
        if (machine.Locate("apt-get") is null)
            throw new LabException(LabFault.MissingTool,
                $"This machine has no apt-get, so the lab cannot install what it lacks: {string.Join(", ", missing.Select(m => m.Requirement.Name))}. "
                + "Install these with the machine's own package manager (QEMU 9.0 or newer), then run the command again.");

        await UpdateListsAsync(byHand, cancellation);
        if (missing.Any(state => state.Requirement.AtLeast is not null)
            && await Backports.PrepareAsync(machine, _tools, Path.Combine(paths.Cache, "apt", "backports"), missing, cancellation) is { } backports)
        {
            progress.Report($"{string.Join(", ", backports.Packages)} comes from {backports.Suite}, by options of this one command");
            var fromBackports = $"add {backports.Suite} to the apt sources, then sudo apt-get install -t {backports.Suite} {string.Join(' ', backports.Packages)}";
            await RequireRootAsync(["apt-get", .. backports.Options, "update"], $"reading the package lists of {backports.Suite}", fromBackports, cancellation);
            // Only these: with -t the whole command would prefer backports.
            await InstallAsync(backports.Packages, [.. backports.Options, "-t", backports.Suite], fromBackports, progress, cancellation);
            packages.RemoveAll(backports.Packages.Contains);
        }
        await InstallAsync(packages, [], byHand, progress, cancellation);

        var still = await FindMissingAsync(cancellation);
        if (still.Count > 0)
            throw new LabException(LabFault.MissingTool,
                $"apt ended well, but still missing or too old: {string.Join("; ", still.Select(s => $"{s.Requirement.Name} is {s.Describe()}"))}. "
                + "Another copy earlier in PATH may hide the packages': './hvlab doctor' shows the paths.");
    }

    /// <summary>The machine's own package lists, new from its mirrors.</summary>
    /// <exception cref="LabException"><see cref="LabFault.MissingTool"/>.</exception>
    public Task UpdateListsAsync(CancellationToken cancellation) => UpdateListsAsync("sudo apt-get update", cancellation);

    private Task UpdateListsAsync(string byHand, CancellationToken cancellation) =>
        RequireRootAsync(["apt-get", "update"], "updating the package lists", byHand, cancellation);

    private async Task InstallAsync(
        IReadOnlyList<string> packages, IReadOnlyList<string> options, string byHand, IProgress<string> progress, CancellationToken cancellation)
    {
        if (packages.Count == 0)
            return;
        progress.Report($"apt-get install {string.Join(' ', packages)}");
        await RequireRootAsync(
            ["apt-get", .. options, "-o", "DPkg::Lock::Timeout=60", "install", "-y", "--no-install-recommends", .. packages],
            $"installing {string.Join(", ", packages)}", byHand, cancellation);
    }

    private async Task<RequirementState> InspectAsync(Requirement requirement, CancellationToken cancellation)
    {
        var found = machine.Locate(requirement.Program);
        if (found is null || requirement.AtLeast is null)
            return new(requirement, found, null);
        var said = await _tools.RunAsync(found, ["--version"], cancellation);
        return new(requirement, found, Machine.ParseVersion(said.Output));
    }

    private async Task RequireRootAsync(IReadOnlyList<string> command, string what, string byHand, CancellationToken cancellation)
    {
        // env(1) sets the variable on the far side of sudo, which clears the environment.
        string[] asRoot = ["env", "DEBIAN_FRONTEND=noninteractive", .. command];
        if (!Environment.IsPrivilegedProcess)
        {
            if (machine.Locate("sudo") is null)
                throw AptTrouble.Explain(what, byHand, new(1, "", "sudo: not found"));
            asRoot = ["sudo", "-n", .. asRoot];
        }
        // A package manager that is killed half-way leaves the machine half-installed.
        var result = await _tools.RunAsync(asRoot[0], asRoot[1..], cancellation, outlives: true);
        if (result.ExitCode != 0)
            throw AptTrouble.Explain(what, byHand, result);
    }
}
