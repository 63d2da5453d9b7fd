using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HvLab.Probes.Wire;

/// <summary>Carries operations out one after the other and says of each when it began, how long it took and what was seen.</summary>
public static class PlanSteps
{
    /// <param name="doIt">One operation on the machine.</param>
    public static void Run<TOperation, TSeen>(
        IReadOnlyList<TOperation> operations, Func<TOperation, TSeen> doIt, JsonTypeInfo<TSeen> type, EventSink sink)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(doIt);
        ArgumentNullException.ThrowIfNull(sink);
        var start = Stopwatch.GetTimestamp();
        for (var step = 0; step < operations.Count; step++)
        {
            var at = Stopwatch.GetElapsedTime(start);
            var seen = doIt(operations[step]);
            var took = Stopwatch.GetElapsedTime(start) - at;
            sink(step, (long)at.TotalMicroseconds, (long)took.TotalMicroseconds, () => JsonSerializer.SerializeToElement(seen, type));
        }
    }
}
