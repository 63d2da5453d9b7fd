using HvLab.Harness.Cli.Commands;
using HvLab.Harness.Cli.Terminal;
using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Boxes;

namespace HvLab.Harness.Cli.Boxes;

/// <summary>What 'hvlab box' does.</summary>
internal sealed class BoxActions(Session session, IReadOnlyList<string> settings)
{
    private readonly LabConfig _lab = session.LoadLab(settings);

    private KeptBoxes Kept => new(session.Paths, _lab.Bounds, session.Clock);

    public async Task<int> UpAsync(RunOptions options, CancellationToken cancellation)
    {
        var request = RunRequests.From(options, session);
        if (await Kept.StatusAsync(request.Box.Name, cancellation) is { } already)
            throw new LabException(LabFault.Power,
                $"The box '{already.Name}' is already up with {already.Release}, since {already.Since:u}. './hvlab box down' ends it, './hvlab box ssh' enters it.");
        var observer = new PlainObserver(session.Error, session.Clock);
        var boot = await BootPreparation.EnsureAsync(request, observer, session, cancellation);
        var directory = Path.Combine(session.Paths.Cache, "boxes", request.Box.Name);
        Directory.CreateDirectory(directory);
        await using (var host = await new Provisioner(session.Paths, request.Box.Bounds, session.Clock).ProvisionAsync(
            request.Box, request.Release, boot, new() { RunDirectory = directory, Keep = true },
            new Told<ProvisionStep>(step => observer.Phase($"{step.Phase} {step.Detail}".TrimEnd())), cancellation))
            session.Output.WriteLine(HostText.Of(host.Facts));
        var (name, option) = request.Box.Name == _lab.Defaults.Box ? ("", "") : ($" {request.Box.Name}", $" --box {request.Box.Name}");
        session.Output.WriteLine($"It stays up. './hvlab box ssh{option}' enters it, './hvlab box console{name}' shows its console, './hvlab box down{name}' ends it.");
        return ExitCode.Success;
    }

    public async Task<int> DownAsync(string? name, CancellationToken cancellation)
    {
        var box = Find(name);
        session.Output.WriteLine(await Kept.DownAsync(box.Name, cancellation) ? $"{box.Name} is off." : $"{box.Name} was not up.");
        return ExitCode.Success;
    }

    /// <summary>All boxes without a name.</summary>
    public async Task<int> StatusAsync(string? name, CancellationToken cancellation)
    {
        var rows = new List<string[]>();
        foreach (var box in name is null ? [.. _lab.Boxes.Values] : new[] { Find(name) })
            rows.Add(await Kept.StatusAsync(box.Name, cancellation) is { } up
                ? [box.Name, "up", up.Release, up.Platform, $"since {up.Since:u}", $"ssh port {up.SshPort}", $"process {up.Process.Pid}", up.ConsoleLog]
                : [box.Name, "off"]);
        TextTable.Print(session.Output, rows);
        return ExitCode.Success;
    }

    public async Task<int> SshAsync(string? name, IReadOnlyList<string> command, CancellationToken cancellation) =>
        await Foreground.RunAsync(Kept.SshCommand(await RequireUpAsync(name, cancellation), command), cancellation);

    public async Task<int> ConsoleAsync(string? name, CancellationToken cancellation)
    {
        var box = await RequireUpAsync(name, cancellation);
        if (box.SerialSocket is not { } serial)
            throw new LabException(LabFault.Power, $"The serial line of {box.Name} takes no keys. What it printed, and prints, is in {box.ConsoleLog}.");
        session.Error.WriteLine($"Joined to the console of {box.Name}; Ctrl-] leaves. What it printed so far is in {box.ConsoleLog}.");
        await RawConsole.JoinAsync(serial, cancellation);
        session.Error.WriteLine();
        return ExitCode.Success;
    }

    private async Task<BoxRecord> RequireUpAsync(string? name, CancellationToken cancellation)
    {
        var box = Find(name);
        return await Kept.StatusAsync(box.Name, cancellation)
            ?? throw new LabException(LabFault.Power, $"The box '{box.Name}' is not up. './hvlab box up' boots it, and './hvlab run --keep' leaves its box up.");
    }

    private BoxResource Find(string? name) => RunRequests.Find(_lab.Boxes, name ?? _lab.Defaults.Box, "NAME", "box");
}
