using System.Diagnostics;
using HvLab.Probes.Wire;

namespace HvLab.Probes.Host;

/// <summary>
/// Runs scenarios side by side, each on a machine of its own: most of one is waiting, for the kernel and for wake-ups. The
/// trace leaves in the order of the plan all the same.
/// </summary>
internal sealed class Lanes(IReadOnlyList<ScenarioPlan> plans, Dictionary<string, ISubsystemProbe> probes, TraceWriter trace)
{
    private static readonly int s_most = Environment.ProcessorCount;

    private readonly Upcoming[] _scenarios = [.. plans.Select(plan => new Upcoming(plan, probes))];
    private readonly InOrder _out = new(plans.Count, trace);

    public void Run()
    {
        for (var next = 0; next < plans.Count;)
        {
            if (_scenarios[next].Alone)
            {
                RunOne(next++);
                continue;
            }
            var end = next;
            while (end < plans.Count && !_scenarios[end].Alone)
                end++;
            RunTogether(next, end);
            next = end;
        }
    }

    private void RunTogether(int begin, int end)
    {
        var taken = begin - 1;
        var lanes = new Thread[Math.Min(s_most, end - begin)];
        for (var lane = 0; lane < lanes.Length; lane++)
        {
            lanes[lane] = new(() =>
            {
                while (Interlocked.Increment(ref taken) is var index && index < end)
                    RunOne(index);
            }) { IsBackground = true, Name = "lane" };
            lanes[lane].Start();
        }
        foreach (var lane in lanes)
            lane.Join();
    }

    private void RunOne(int index)
    {
        var (scenario, id) = (_scenarios[index], plans[index].Id);
        var start = Stopwatch.GetTimestamp();
        _out.Write(index, () => new TraceFrame.Started(id));
        scenario.Run((step, at, duration, seen) => _out.Write(index, () => new TraceFrame.Event(id, step, at, duration, seen())));
        var took = (long)Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        _out.Write(index, () => new TraceFrame.Finished(id, took, scenario.Trouble));
        _out.Close(index);
    }

    /// <summary>Frames of the scenario whose turn it is go out at once; the others' wait for theirs.</summary>
    private sealed class InOrder(int count, TraceWriter trace)
    {
        private readonly object _gate = new();
        private readonly List<Func<TraceFrame>>?[] _waiting = new List<Func<TraceFrame>>?[count];
        private readonly bool[] _closed = new bool[count];
        private int _turn;

        public void Write(int index, Func<TraceFrame> frame)
        {
            lock (_gate)
            {
                if (index == _turn)
                    trace.Write(frame);
                else
                    (_waiting[index] ??= []).Add(frame);
            }
        }

        public void Close(int index)
        {
            lock (_gate)
            {
                _closed[index] = true;
                while (_turn < count && _closed[_turn])
                {
                    _turn++;
                    if (_turn >= count || _waiting[_turn] is not { } frames)
                        continue;
                    foreach (var frame in frames)
                        trace.Write(frame);
                    _waiting[_turn] = null;
                }
            }
        }
    }
}
