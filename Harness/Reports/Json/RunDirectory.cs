using System.Text.Json;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Reports.Json;

/// <summary>What is known of a run before its first scenario.</summary>
public sealed record RunStart(IReadOnlyList<string> Command, int Seed, IReadOnlyList<string> Suites, int Planned);

/// <summary>
/// The directory of one run, readable after a kill at any moment. A finished scenario is a file in traces/ and then a line of
/// journal.jsonl; results.json follows at most every 200 ms and at the end, by rename. Safe for several threads.
/// </summary>
public sealed class RunDirectory : IDisposable
{
    public const string ResultsName = "results.json", JournalName = "journal.jsonl", TracesName = "traces",
        JUnitName = "junit.xml", HtmlName = "report.html", ConsoleName = "console.log";

    private static readonly TimeSpan RewriteEvery = TimeSpan.FromMilliseconds(200);

    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly FileStream ownership;
    private readonly FileStream journal;
    private readonly List<byte[]> lines = [];
    private readonly List<ScenarioResult> scenarios = [];
    private readonly HashSet<string> traceNames = new(StringComparer.OrdinalIgnoreCase);
    private RunResult run;
    private long rewritten;
    private TimeSpan rewriteTook;

    private RunDirectory(string path, RunResult run, TimeProvider clock, FileStream ownership)
    {
        Path = path;
        this.run = run;
        this.clock = clock;
        this.ownership = ownership;
        Directory.CreateDirectory(In(TracesName));
        journal = new(In(JournalName), FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    /// <summary>Absolute path of the directory.</summary>
    public string Path { get; }
    public string Id => run.Id;
    public string ResultsFile => In(ResultsName);
    public string JUnitFile => In(JUnitName);
    public string HtmlFile => In(HtmlName);
    public string ConsoleLog => In(ConsoleName);

    /// <summary>The run so far.</summary>
    public RunResult Current
    {
        get { lock (gate) return run with { Scenarios = [.. scenarios] }; }
    }

    /// <summary>
    /// Makes runs/ID under <paramref name="runsRoot"/>, or takes <paramref name="outDirectory"/>: a new or empty directory, or
    /// one with an earlier run, whose results are then replaced.
    /// </summary>
    /// <exception cref="LabException">Another run writes there, it holds foreign files, or it cannot be written.</exception>
    public static RunDirectory Create(RunStart start, string runsRoot, TimeProvider clock, string? outDirectory = null)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(clock);
        var id = RunNames.NewId(start.Suites, clock);
        var path = System.IO.Path.GetFullPath(outDirectory ?? System.IO.Path.Combine(runsRoot, id));
        var ownership = RunDirectoryOwner.Take(path);
        RunDirectory? directory = null;
        try
        {
            directory = new RunDirectory(path, new()
            {
                Id = id,
                Started = clock.GetUtcNow(),
                Command = start.Command,
                Seed = start.Seed,
                Suites = start.Suites,
                Planned = start.Planned,
                Scenarios = [],
            }, clock, ownership);
            directory.Rewrite();
            return directory;
        }
        catch (Exception trouble)
        {
            directory?.journal.Dispose();
            ownership.Dispose();
            if (trouble is IOException or UnauthorizedAccessException)
                throw AtomicFile.Explain(trouble, path);
            throw;
        }
    }

    /// <summary>Reads a run back, finished or killed.</summary>
    /// <exception cref="LabException">There is no run, or a file of it is malformed; the message names file and place.</exception>
    public static RunResult Load(string directory) => RunReader.Load(directory);

    /// <summary>A host answered; what is added from here on was seen on it.</summary>
    public void HostIs(HostFacts host) => Change(run => run with { Host = host, Hosts = [.. run.Hosts, host] }, atOnce: true);

    public void PlannedAre(int scenarios) => Change(run => run with { Planned = scenarios }, atOnce: true);

    public void Add(PhaseTime phase) => Change(run => run with { Phases = [.. run.Phases, phase] }, atOnce: false);

    /// <summary>Trouble of the lab that ends the run early.</summary>
    public void TroubleIs(string paragraph, string? evidence) =>
        Change(run => run with { Trouble = paragraph, TroubleEvidence = evidence }, atOnce: true);

    /// <summary>Keeps one finished scenario: durable against a kill when this returns.</summary>
    /// <exception cref="LabException"><see cref="LabFault.DiskFull"/> and its like.</exception>
    public void Add(ScenarioResult scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        lock (gate)
        {
            var traceFile = WriteTrace(scenario);
            var line = JsonSerializer.SerializeToUtf8Bytes(
                Conversion.ToDocument(scenario, traceFile, run.Host), ReportJson.Default.ScenarioDocument);
            try
            {
                journal.Write([.. line, (byte)'\n']);
            }
            catch (IOException trouble)
            {
                throw AtomicFile.Explain(trouble, In(JournalName));
            }
            lines.Add(line);
            scenarios.Add(scenario);
            RewriteWhenDue();
        }
    }

    /// <summary>Ends the run: results.json is complete from here on.</summary>
    public RunResult Finish()
    {
        Change(run => run with { Finished = clock.GetUtcNow() }, atOnce: true);
        return Current;
    }

    /// <summary>Writes what is pending and gives the directory up. A run without <see cref="Finish"/> stays unfinished.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            try
            {
                if (journal.CanWrite)
                    Rewrite();
            }
            catch (LabException)
            {
                // The journal holds every scenario already; Dispose must not hide the first trouble.
            }
            journal.Dispose();
            ownership.Dispose();
        }
    }

    private void Change(Func<RunResult, RunResult> change, bool atOnce)
    {
        lock (gate)
        {
            run = change(run);
            if (atOnce)
                Rewrite();
            else
                RewriteWhenDue();
        }
    }

    private string? WriteTrace(ScenarioResult scenario)
    {
        if (scenario.Trace.Count == 0 && scenario.Recorded is null)
            return null;
        var plain = RunNames.FileName(scenario.Id);
        var name = plain;
        for (var again = 2; !traceNames.Add(name); again++)
            name = $"{plain}-{again}";
        var file = System.IO.Path.Combine(TracesName, $"{name}.json");
        AtomicFile.Write(In(file), JsonSerializer.SerializeToUtf8Bytes(
            new TraceDocument { Id = scenario.Id, Steps = scenario.Trace, Recorded = scenario.Recorded }, ReportJson.Default.TraceDocument));
        return file;
    }

    // The whole file is written again each time, so a long run waits longer between two: the writer stays below a tenth of the time.
    private void RewriteWhenDue()
    {
        var interval = rewriteTook * 10 > RewriteEvery ? rewriteTook * 10 : RewriteEvery;
        if (clock.GetElapsedTime(rewritten) >= interval)
            Rewrite();
    }

    private void Rewrite()
    {
        var began = clock.GetTimestamp();
        AtomicFile.Write(ResultsFile, Conversion.ToResultsJson(run, lines));
        rewritten = clock.GetTimestamp();
        rewriteTook = clock.GetElapsedTime(began, rewritten);
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
