using System.Diagnostics;
using HvLab.Probes.Wire;

namespace HvLab.Probes.Host;

/// <summary>
/// Runs scenarios side by side, each on its own VM: one mostly waits, for RCU while its VM begins and ends and for wake-ups
/// in between. The trace leaves in the order of the plan all the same.
/// </summary>
internal sealed class Lanes(Upcoming[] scenarios, TraceWriter trace)
{
    /// <summary>One more than there are CPUs: somebody always waits.</summary>
    private static readonly int s_most = Environment.ProcessorCount + 1;

    private readonly InOrder _out = new(scenarios.Length, trace);

    public void Run()
    {
        var next = 0;
        while (next < scenarios.Length)
        {
            if (scenarios[next].Alone)
            {
                RunOne(next++);
                continue;
            }
            var end = next;
            while (end < scenarios.Length && !scenarios[end].Alone)
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
        var now = scenarios[index];
        var start = Stopwatch.GetTimestamp();
        _out.Write(index, () => new TraceFrame.Started(now.Id));
        now.MakeReady();
        now.Run((step, at, duration, seen) => _out.Write(index, () => new TraceFrame.Event(now.Id, step, at, duration, seen())));
        var took = (long)Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        _out.Write(index, () => new TraceFrame.Finished(now.Id, took, now.Trouble));
        _out.Close(index);
        scenarios[index] = null!; // its machine may go
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
