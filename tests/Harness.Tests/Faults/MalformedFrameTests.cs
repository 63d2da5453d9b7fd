using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HvLab.Harness.Lab;
using HvLab.Probes.Wire;
using static HvLab.Harness.Tests.Faults.PipedProbe;

namespace HvLab.Harness.Tests.Faults;

/// <summary>Whatever a probe sends, the exchange ends with a paragraph, within the bounds, and what was answered before stays.</summary>
internal sealed class MalformedFrameTests
{
    private static TestCaseData<byte[], string, int> Case(string name, byte[] bytes, string message, int answered = 0) =>
        new TestCaseData<byte[], string, int>(bytes, message, answered).SetArgDisplayNames(name);

    private static byte[] AfterA(params string[] frames) => Frames([.. Whole[..6], .. frames]);

    private static IEnumerable<TestCaseData<byte[], string, int>> Table()
    {
        yield return Case("text where a length is due", "Welcome to the box!\n"u8.ToArray(), "no frame");
        yield return Case("length zero", Length(0), "0 bytes was announced");
        yield return Case("negative length", Length(-1), "-1 bytes was announced");
        yield return Case("length past the limit", Length(FrameStream.MaxFrame + 1), "was announced");
        yield return Case("the longest length", Length(int.MaxValue), "was announced");
        yield return Case("no JSON", Frame("{"), "not what was expected");
        yield return Case("no UTF-8", [.. Length(2), 0xff, 0xfe], "not what was expected");
        yield return Case("null", Frame("null"), "null");
        yield return Case("an array", Frame("[]"), "not what was expected");
        yield return Case("no discriminator", Frame("{}"), "not what was expected");
        yield return Case("unknown discriminator", Frame("""{"frame":"shell","Command":"rm"}"""), "not what was expected");
        yield return Case("discriminator of a .NET type", Frame("""{"$type":"System.IO.FileInfo"}"""), "not what was expected");
        yield return Case("deep nesting", Frames(Hello, Started("a"), Event("a", 0, new string('[', 5000) + new string(']', 5000))), "not what was expected");
        yield return Case("another protocol", Frame("""{"frame":"hello","Protocol":1,"Capabilities":[]}"""), "speaks version 1");
        yield return Case("a hello of nothing", Frame("""{"frame":"hello","Protocol":2}"""), "no capabilities");
        yield return Case("a null capability", Frame("""{"frame":"hello","Protocol":2,"Capabilities":[null]}"""), "no capabilities");
        yield return Case("no hello", Frame(Bye), "began with Bye");
        yield return Case("two hellos", Frames(Hello, Hello), "where Started was due");
        yield return Case("a foreign id", Frames(Hello, Started("z")), "where Started was due");
        yield return Case("started without an id", Frames(Hello, """{"frame":"started"}"""), "where Started was due");
        yield return Case("an event of another scenario", Frames(Hello, Started("a"), Event("b", 0)), "where Event was due");
        yield return Case("events out of order", Frames(Hello, Started("a"), Event("a", 1)), "where Event was due");
        yield return Case("an event twice", Frames(Hello, Started("a"), Event("a", 0), Event("a", 0)), "where Event was due");
        yield return Case("a negative step", Frames(Hello, Started("a"), Event("a", -1)), "where Event was due");
        yield return Case("an event that saw nothing", Frames(Hello, Started("a"), """{"frame":"event","Id":"a","Step":0,"AtMicros":1,"TookMicros":1}"""), "where Event was due");
        yield return Case("a time that no clock shows", Frames(Hello, Started("a"), Event("a", 0), Finished("a", "9223372036854775807")), "where Finished was due");
        yield return Case("a time before its start", Frames(Hello, Started("a"), Event("a", 0), Finished("a", "-1")), "where Finished was due");
        yield return Case("10,000 events for three steps", Frames([Hello, Started("a"), .. Enumerable.Range(0, 10_000).Select(step => Event("a", step))]), "has 3 steps, and more events came");
        yield return Case("begun again before it began", Frames(Hello, Again("a")), "where Started was due");
        yield return Case("begun again as another", Frames(Hello, Started("a"), Event("a", 0), Again("b")), "where Again was due");
        yield return Case("begun again twice", Frames(Hello, Started("a"), Again("a"), Event("a", 0), Again("a")), "where Again was due");
        yield return Case("begun again, and going on as before", Frames(Hello, Started("a"), Event("a", 0), Again("a"), Event("a", 1)), "where Event was due");
        yield return Case("finished twice", AfterA(Finished("a")), "where Started was due", 1);
        yield return Case("the same scenario again", AfterA(Started("a")), "where Started was due", 1);
        yield return Case("bye before the end", AfterA(Bye), "where Started was due", 1);
        yield return Case("no bye but more", Frames([.. Whole[..11], Started("a")]), "where Bye was due", 2);
        yield return Case("control characters and markup in an id", Frames(Hello, Started("""\u001b[2J<script>""")), "where Started was due");
    }

    [TestCaseSource(nameof(Table))]
    public async Task It_ends_the_exchange_with_a_paragraph(byte[] said, string message, int answered)
    {
        using var probe = new PipedProbe();
        var saying = probe.SayAsync(said, exit: null);
        var trouble = await Assert.ThrowsAsync<LabException>(probe.RunAsync);
        Assert.That(trouble!.Reason, Is.EqualTo(LabFault.Probe));
        Assert.That(trouble.Message, Does.Contain(message).And.Length.LessThan(1000));
        Assert.That(probe.Answers, Has.Count.EqualTo(answered), "what was answered before stays");
        probe.Dispose();
        await saying;
    }

    [Test]
    public async Task What_is_as_it_should_be_is_taken()
    {
        using var probe = new PipedProbe();
        await Task.WhenAll(probe.SayAsync(Frames(Whole), exit: 0), probe.RunAsync());
        Assert.That(probe.Answers.Select(answer => answer.Events.Count), Is.EqualTo(new[] { 3, 3 }));
    }

    [Test]
    public async Task What_came_before_a_scenario_began_again_is_void()
    {
        using var probe = new PipedProbe();
        string[] said = [.. Whole[..3], Again("a"), .. Whole[2..]];
        await Task.WhenAll(probe.SayAsync(Frames(said), exit: 0), probe.RunAsync());
        Assert.That(probe.Answers.Select(answer => answer.Events.Count), Is.EqualTo(new[] { 3, 3 }));
        Assert.That(probe.Answers.Select(answer => answer.BegunAgain), Is.EqualTo(new[] { "the emulator's fault", null }));
    }

    [Test]
    public async Task A_stream_cut_off_at_any_byte_is_the_end_of_the_probe()
    {
        var whole = Frames(Whole);
        for (var length = 0; length < whole.Length; length++)
        {
            using var probe = new PipedProbe();
            var saying = probe.SayAsync(whole[..length], exit: 137);
            var trouble = await Assert.ThrowsAsync<LabException>(probe.RunAsync, $"cut off after {length} of {whole.Length} bytes");
            Assert.That(trouble!.Message, Does.Contain("ended by signal 9"), $"cut off after {length} bytes");
            await saying;
        }
    }

    [Test]
    public async Task A_broken_connection_is_told_as_that_and_not_as_a_malformed_frame()
    {
        using var probe = new PipedProbe();
        await probe.SayAsync(Frames(Whole)[..100], exit: null);
        probe.BreakConnection(new(LabFault.Ssh, "the connection broke"));
        var trouble = await Assert.ThrowsAsync<LabException>(probe.RunAsync);
        Assert.That(trouble!.Reason, Is.EqualTo(LabFault.Ssh));
    }

    [TestCase(0, "said nothing for 1 s")]
    [TestCase(1, "said nothing for 1 s")]
    [TestCase(3, "said nothing for 1 s")]
    [TestCase(11, "said nothing for 1 s")]
    public async Task Silence_is_bounded_wherever_it_begins(int frames, string message)
    {
        using var probe = new PipedProbe(Short);
        var saying = probe.SayAsync(Frames(Whole[..frames]), exit: null);
        var trouble = await Assert.ThrowsAsync<LabException>(probe.RunAsync);
        Assert.That(trouble!.Message, Does.Contain(message));
        await saying;
    }

    [Test]
    public async Task A_frame_that_drips_is_bounded_too()
    {
        using var probe = new PipedProbe(Short);
        // Announces eight megabytes, and sends five bytes of them.
        var saying = probe.SayAsync([.. Frame(Hello), .. Length(FrameStream.MaxFrame), .. "drip!"u8], exit: null);
        var trouble = await Assert.ThrowsAsync<LabException>(probe.RunAsync);
        Assert.That(trouble!.Message, Does.Contain("said nothing"));
        await saying;
    }

    [Test]
    public async Task A_trace_of_endless_size_is_refused_before_memory_runs_out()
    {
        using var probe = new PipedProbe();
        var seen = '"' + new string('x', 1 << 20) + '"';
        var said = new MemoryStream();
        said.Write(Frames(Hello, Started("a")));
        // A scenario has three events at most: what is long is bounded by their number times the longest frame.
        for (var step = 0; step < 4; step++)
            said.Write(Frame(Event("a", step, seen)));
        var saying = probe.SayAsync(said.ToArray(), exit: null);
        var trouble = await Assert.ThrowsAsync<LabException>(probe.RunAsync);
        Assert.That(trouble!.Message, Does.Contain("more events came"));
        probe.Dispose();
        await saying;
    }

    [Test]
    public void Random_bytes_are_no_frame_or_a_frame_and_nothing_else() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll<byte[]>(bytes => IsRefusedOrRead(bytes)));

    private static bool IsRefusedOrRead(byte[] bytes)
    {
        var stream = new FrameStream(new MemoryStream(bytes));
        try
        {
            while (stream.ReadAsync(WireJson.Default.TraceFrame, default).GetAwaiter().GetResult() is not null)
            {
                // A frame by chance.
            }
            return true;
        }
        catch (MalformedFrameException)
        {
            return true;
        }
    }

    /// <summary>Random bytes inside an honest frame reach the JSON reader; bytes changed in a whole trace reach everything.</summary>
    [Test]
    public void Random_bodies_and_random_changes_end_in_a_paragraph_or_well()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll<string>(body =>
            EndsWellAsync([.. Frame(Hello), .. Frame(body ?? "")]).GetAwaiter().GetResult()));
        var whole = Frames(Whole);
        var changes = Gen.Choose(0, whole.Length - 1).SelectMany(at => Gen.Choose(0, 255).Select(value => (at, value)));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(changes.ToArbitrary(), change =>
        {
            var changed = whole.ToArray();
            changed[change.at] = (byte)change.value;
            return EndsWellAsync(changed).GetAwaiter().GetResult();
        }));
    }

    private static async Task<bool> EndsWellAsync(byte[] said)
    {
        using var probe = new PipedProbe();
        var saying = probe.SayAsync(said, exit: 0);
        try
        {
            await probe.RunAsync();
        }
        catch (LabException trouble) when (trouble.Reason == LabFault.Probe)
        {
            // As it should be.
        }
        probe.Dispose();
        await saying;
        return true;
    }
}
