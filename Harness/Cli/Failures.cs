using System.Globalization;
using HvLab.Harness.Lab;
using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Cli;

/// <summary>Turns an exception into words on standard error and an exit code.</summary>
internal static class Failures
{
    private const int EvidenceLines = 25;

    public static int Report(Exception failure, Session session, CancellationToken cancellation)
    {
        switch (failure)
        {
            case OperationCanceledException when cancellation.IsCancellationRequested:
                session.Error.WriteLine("hvlab: interrupted; everything it had started was ended.");
                return ExitCode.Interrupted;
            case LabException trouble:
                Print(trouble, session.Error);
                return cancellation.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Of(trouble);
            default:
                session.Error.WriteLine($"hvlab: unexpected {failure.GetType().Name}: {VisibleText.Line(failure.Message, 300)}");
                session.Error.WriteLine($"This is a fault of HvLab itself. {CrashFile(failure, session)}");
                return ExitCode.Unknown;
        }
    }

    public static void Print(LabException trouble, TextWriter error)
    {
        error.WriteLine($"hvlab: {VisibleText.Block(trouble.Message)}");
        PrintEvidence(trouble.Evidence, error);
    }

    /// <summary>The end of untrusted text, marked as what it is.</summary>
    public static void PrintEvidence(string? evidence, TextWriter error)
    {
        if (string.IsNullOrWhiteSpace(evidence))
            return;
        var lines = evidence.TrimEnd().Split('\n');
        if (lines.Length > EvidenceLines)
            error.WriteLine($"  | … {lines.Length - EvidenceLines} earlier lines left out");
        foreach (var line in lines.TakeLast(EvidenceLines))
            error.WriteLine($"  | {VisibleText.Line(line, 200)}");
    }

    private static string CrashFile(Exception failure, Session session)
    {
        try
        {
            var directory = Path.Combine(session.Paths.Cache, "crashes");
            Directory.CreateDirectory(directory);
            var stamp = session.Clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'.'fff", CultureInfo.InvariantCulture);
            var file = Path.Combine(directory, $"{stamp}-{Environment.ProcessId}.txt");
            File.WriteAllText(file, failure.ToString());
            return $"The details are in {file}; please report it with that file.";
        }
        catch (Exception alsoThis) when (alsoThis is IOException or UnauthorizedAccessException or LabException)
        {
            return $"The details could not be kept ({alsoThis.Message}):\n{failure}";
        }
    }
}
