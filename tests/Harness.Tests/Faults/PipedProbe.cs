using System.Buffers.Binary;
using System.IO.Pipes;
using System.Text;
using System.Text.Json;
using HvLab.Harness.Diff;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Scenarios;
using HvLab.Harness.Scheduling;

namespace HvLab.Harness.Tests.Faults;

/// <summary>A probe's end of the wire, on real pipes: a test says byte for byte what comes out of it.</summary>
internal sealed class PipedProbe : IDisposable
{
    /// <summary>For tests of the bounds themselves. Every other test is patient: a busy machine is not a silent probe.</summary>
    public static readonly Bounds Short = new()
    {
        ProbeSilence = TimeSpan.FromSeconds(1), Scenario = TimeSpan.FromSeconds(2), SshCommand = TimeSpan.FromSeconds(1),
    };

    private readonly AnonymousPipeServerStream _plan = new(PipeDirection.Out), _trace = new(PipeDirection.In);
    private readonly AnonymousPipeClientStream _planEnd, _traceEnd;
    private readonly TaskCompletionSource<int> _exited = new();

    public PipedProbe(Bounds? bounds = null)
    {
        _planEnd = new(PipeDirection.In, _plan.ClientSafePipeHandle);
        _traceEnd = new(PipeDirection.Out, _trace.ClientSafePipeHandle);
        Exchange = new(new(_plan, _trace, _exited.Task, () => "its words"), bounds ?? new(), TimeProvider.System);
    }

    public ProbeExchange Exchange { get; }
    public List<ScenarioTrace> Answers { get; } = [];

    /// <summary>Greets and runs what the catalogue of this test holds: one scenario of three steps, and another one.</summary>
    public async Task RunAsync()
    {
        await Exchange.GreetAsync(default);
        await Exchange.RunAsync([new Claimed("a"), new Claimed("b")], _ => { }, trace =>
        {
            Answers.Add(trace);
            return Task.FromResult(true);
        }, default);
    }

    /// <summary>Says these bytes, then ends with this exit code (null: goes on saying nothing). Never waits for the harness.</summary>
    public async Task SayAsync(byte[] bytes, int? exit)
    {
        var draining = _planEnd.CopyToAsync(Stream.Null);
        try
        {
            await Task.Run(() => _traceEnd.Write(bytes));
        }
        catch (IOException)
        {
            // The harness has heard enough.
        }
        if (exit is not { } code)
            return;
        _traceEnd.Dispose();
        _exited.SetResult(code);
    }

    public void BreakConnection(LabException how)
    {
        _traceEnd.Dispose();
        _exited.SetException(how);
    }

    public static byte[] Frame(string json)
    {
        var body = Encoding.UTF8.GetBytes(json);
        return [.. Length(body.Length), .. body];
    }

    public static byte[] Length(int length)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        return bytes;
    }

    public const string Hello = """{"frame":"hello","Protocol":2,"Capabilities":["x"]}""";
    public const string Bye = """{"frame":"bye"}""";
    public static string Started(string id) => $$"""{"frame":"started","Id":"{{id}}"}""";
    public static string Event(string id, int step, string seen = "1") => $$"""{"frame":"event","Id":"{{id}}","Step":{{step}},"AtMicros":1,"TookMicros":1,"Seen":{{seen}}}""";
    public static string Again(string id) => $$"""{"frame":"again","Id":"{{id}}","Why":"the emulator's fault"}""";
    public static string Finished(string id, string took = "5") => $$"""{"frame":"finished","Id":"{{id}}","TookMicros":{{took}},"Trouble":null}""";

    public static byte[] Frames(params IEnumerable<string> frames) => [.. frames.SelectMany(Frame)];

    /// <summary>Everything as it should be.</summary>
    public static string[] Whole =>
    [
        Hello, Started("a"), Event("a", 0), Event("a", 1), Event("a", 2), Finished("a"),
        Started("b"), Event("b", 0), Event("b", 1), Event("b", 2), Finished("b"), Bye,
    ];

    public void Dispose()
    {
        _plan.Dispose();
        _trace.Dispose();
        _planEnd.Dispose();
        _traceEnd.Dispose();
    }

    /// <summary>Three steps that may see anything.</summary>
    internal sealed record Claimed(string Id) : IScenario
    {
        public string Subsystem => "test";
        public string Claim => "anything goes";
        public HostNeed Needs { get; } = new HostNeed.Capability("x");
        public int Steps => 3;
        public JsonElement Plan() => JsonSerializer.SerializeToElement(Id);
        public Judgement Judge(IReadOnlyList<RawEvent> events) => throw new JsonException("not judged here");
        public Func<bool> PrepareCheck(IReadOnlyList<RawEvent> events) => throw new JsonException("not judged here");
    }
}
