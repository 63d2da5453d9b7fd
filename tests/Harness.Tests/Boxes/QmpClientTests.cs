using System.Net.Sockets;
using System.Text;
using HvLab.Harness.Drivers.Qemu;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Tests.Boxes;

internal sealed class QmpClientTests
{
    private const string Greeting = """{"QMP": {"version": {"qemu": {"micro": 2, "minor": 0, "major": 10}}, "capabilities": []}}""";
    private string _directory = "";

    [SetUp]
    public void Make() => _directory = Directory.CreateTempSubdirectory("qmp-").FullName;

    [TearDown]
    public void Remove() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task A_command_gets_its_own_answer_whatever_comes_between()
    {
        await using var client = await TalkAsync(Greeting, """{"return": {}, "id": 1}""",
            """{"timestamp": {}, "event": "STOP"}""" + "\n" + """{"return": {"old": 1}, "id": 77}""" + "\n" + """{"return": {"status": "running"}, "id": 2}""");
        var answer = await client.ExecuteAsync("query-status", null, CancellationToken.None);
        Assert.That(answer.GetProperty("status").GetString(), Is.EqualTo("running"));
    }

    [Test]
    public async Task An_event_reaches_who_waits_for_it()
    {
        await using var client = await TalkAsync(Greeting, """{"return": {}, "id": 1}""",
            """{"event": "MIGRATION", "data": {"status": "setup"}}""" + "\n" + """{"event": "MIGRATION", "data": {"status": "completed"}}""" + "\n" + """{"return": {}, "id": 2}""");
        var ended = client.NextEventAsync(happened => happened.Text("status") == "completed");
        await client.ExecuteAsync("migrate", null, CancellationToken.None);
        Assert.That((await ended.WaitAsync(TimeSpan.FromSeconds(5))).Name, Is.EqualTo("MIGRATION"));
    }

    [Test]
    public async Task A_refusal_quotes_qemu_and_the_conversation_goes_on()
    {
        await using var client = await TalkAsync(Greeting, """{"return": {}, "id": 1}""",
            """{"error": {"class": "GenericError", "desc": "no such capability"}, "id": 2}""", """{"return": {}, "id": 3}""");
        var refused = await Assert.ThrowsAsync<LabException>(() => client.ExecuteAsync("migrate-set-capabilities", null, CancellationToken.None));
        Assert.That(refused?.Message, Does.Contain("no such capability").And.Contain("migrate-set-capabilities"));
        await client.ExecuteAsync("stop", null, CancellationToken.None);
    }

    public static IEnumerable<TestCaseData> Foreign() =>
    [
        new("SSH-2.0-OpenSSH_9.2", "no JSON"),
        new("[1, 2]", "no object"),
        new("{\"return\": {}, \"id\": 2} {\"return\": {}}", "no JSON"),
        new("{\"return\": {}}", "without the id"),
        new("{\"return\": {}, \"id\": \"2\"}", "without the id"),
        new("{\"id\": 2}", "neither answer nor event"),
        new("{\"error\": 5, \"id\": 2}", "neither answer nor event"),
        new("{\"event\": 5}", "without the id"),
        new(new string('[', 200), "no JSON"),
        new(new string('x', QmpClient.MaxLineBytes + 10), "no JSON"),
        new("\u001b[2J\u0007", "no JSON"),
    ];

    [TestCaseSource(nameof(Foreign))]
    public async Task A_line_that_breaks_the_protocol_ends_it_in_clear_words(string line, string words)
    {
        await using var client = await TalkAsync(Greeting, """{"return": {}, "id": 1}""", line);
        var broken = await Assert.ThrowsAsync<LabException>(() => client.ExecuteAsync("query-status", null, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.That(broken?.Reason, Is.EqualTo(LabFault.Power));
        Assert.That(broken?.Message, Does.Contain(words).Or.Contain("more than 1048576 bytes"));
        Assert.That(broken?.Evidence ?? "", Has.Length.LessThan(2000).And.Not.Contain("\u001b"));
        var again = await Assert.ThrowsAsync<LabException>(() => client.ExecuteAsync("stop", null, CancellationToken.None));
        Assert.That(again, Is.SameAs(broken));
    }

    [Test]
    public async Task A_peer_that_goes_away_fails_everything_under_way()
    {
        await using var client = await TalkAsync(Greeting, """{"return": {}, "id": 1}""", Hangup);
        var never = client.NextEventAsync(_ => true);
        var gone = await Assert.ThrowsAsync<LabException>(() => client.ExecuteAsync("quit", null, CancellationToken.None));
        Assert.That(gone?.Message, Does.Contain("closed its control socket"));
        Assert.That(async () => await never, Throws.InstanceOf<LabException>());
    }

    private const string Hangup = "<hang up>";

    /// <summary>A peer that says the first line by itself and one more for each line it hears.</summary>
    private async Task<QmpClient> TalkAsync(params string[] script)
    {
        var path = Path.Combine(_directory, "qmp");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var peer = SpeakAsync(listener.AcceptAsync(), script);
        _ = peer.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        return await QmpClient.ConnectAsync(path, CancellationToken.None);
    }

    private static async Task SpeakAsync(Task<Socket> accept, string[] script)
    {
        using var socket = await accept;
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        foreach (var (index, line) in script.Index())
        {
            if (index > 0 && await reader.ReadLineAsync() is null)
                return;
            if (line == Hangup)
                return;
            await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
        }
        await reader.ReadToEndAsync();
    }
}
