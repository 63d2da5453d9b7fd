using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Provisioning.Setup;
using HvLab.Harness.Scheduling;

namespace HvLab.Harness.Cli.Boxes;

/// <summary>From an empty machine to what a box boots.</summary>
internal static class BootPreparation
{
    public static async Task<BootArtifacts> EnsureAsync(
        RunRequest request, IRunObserver observer, Session session, CancellationToken cancellation)
    {
        var bounds = request.Box.Bounds;
        var notes = new Told<string>(observer.Note);
        observer.Phase("looking for what the machine lacks");
        var plan = new SetupPlan(request.Paths, bounds, session.Clock, Machine.This(session.Environment.GetValueOrDefault), RunRequirements.For(request.Box, request.Release));
        await plan.InstallAsync(await plan.FindMissingAsync(cancellation), notes, cancellation);
        observer.Phase($"making the image of {request.Release.Name}");
        return await new ImageBuilder(request.Paths, bounds, session.Clock).EnsureAsync(request.Release, notes, cancellation);
    }
}

/// <summary>Tells at once and in order; <see cref="Progress{T}"/> goes through the thread pool.</summary>
internal sealed class Told<T>(Action<T> tell) : IProgress<T>
{
    public void Report(T value) => tell(value);
}
