using HvLab.Harness.Cli;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Tests.Cli;

public sealed class FailuresTests
{
    [Test]
    public void Trouble_of_the_lab_is_a_paragraph_and_bounded_evidence()
    {
        using var terminal = new Terminal();
        var evidence = string.Join('\n', Enumerable.Range(1, 100).Select(i => $"line {i}"));
        var code = Failures.Report(new LabException(LabFault.Boot, "The box did not boot.", evidence), terminal.Session, default);
        var lines = terminal.Error.ToString().TrimEnd().Split('\n');
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(125));
            Assert.That(lines[0], Is.EqualTo("hvlab: The box did not boot."));
            Assert.That(lines[1], Is.EqualTo("  | … 75 earlier lines left out"));
            Assert.That(lines[^1], Is.EqualTo("  | line 100"));
            Assert.That(lines, Has.Length.EqualTo(27));
        });
    }

    [Test]
    public void Evidence_cannot_steer_the_terminal()
    {
        using var terminal = new Terminal();
        Failures.Report(new LabException(LabFault.Boot, "x\u001b[2J", "\u001b]0;owned\u0007\u009b31m"), terminal.Session, default);
        Assert.That(terminal.Error.ToString().Where(char.IsControl), Is.All.EqualTo('\n'));
    }

    [Test]
    public void A_fault_of_HvLab_leaves_a_crash_file_and_is_125()
    {
        using var terminal = new Terminal();
        var code = Failures.Report(new InvalidOperationException("boom"), terminal.Session, default);
        var file = Directory.GetFiles(Path.Combine(terminal.Directory, "cache", "crashes")).Single();
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(125));
            Assert.That(terminal.Error.ToString(), Does.Contain("boom").And.Contain(file));
            Assert.That(File.ReadAllText(file), Does.Contain("System.InvalidOperationException: boom"));
        });
    }

    [Test]
    public void An_interrupted_command_is_130_whatever_the_interruption_broke()
    {
        using var terminal = new Terminal();
        var interrupted = new CancellationToken(canceled: true);
        Assert.Multiple(() =>
        {
            Assert.That(Failures.Report(new OperationCanceledException(), terminal.Session, interrupted), Is.EqualTo(130));
            Assert.That(Failures.Report(new LabException(LabFault.Ssh, "closed"), terminal.Session, interrupted), Is.EqualTo(130));
            Assert.That(Failures.Report(new OperationCanceledException(), terminal.Session, default), Is.EqualTo(125),
                "a timeout that nobody named is a fault of HvLab");
        });
    }
}
