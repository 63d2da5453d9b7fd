using HvLab.Harness.Lab;
using Polly;
using Polly.Timeout;

namespace HvLab.Harness.Drivers.Waiting;

/// <summary>Every wait has a bound, and passing it is told in the caller's words.</summary>
public static class Within
{
    /// <exception cref="LabException">What <paramref name="tooLate"/> makes of it, when the bound has passed.</exception>
    public static async Task<T> BoundAsync<T>(
        TimeSpan bound, TimeProvider clock, Func<CancellationToken, Task<T>> action, Func<LabException> tooLate,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentNullException.ThrowIfNull(tooLate);
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddTimeout(new TimeoutStrategyOptions { Timeout = bound })
            .Build();
        try
        {
            return await pipeline.ExecuteAsync(async token => await action(token), cancellation);
        }
        catch (TimeoutRejectedException)
        {
            throw tooLate();
        }
    }

    /// <inheritdoc cref="BoundAsync{T}"/>
    public static Task BoundAsync(
        TimeSpan bound, TimeProvider clock, Func<CancellationToken, Task> action, Func<LabException> tooLate,
        CancellationToken cancellation) =>
        BoundAsync(bound, clock, async token =>
        {
            await action(token);
            return true;
        }, tooLate, cancellation);
}
