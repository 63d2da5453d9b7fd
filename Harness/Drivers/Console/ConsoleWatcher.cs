using System.Text;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Console;

/// <summary>Follows a box's console log while it grows. One reader; the file may not exist yet.</summary>
/// <param name="path">The log that QEMU appends to.</param>
/// <param name="from">Where to begin, in bytes: what is before belongs to an earlier power-on.</param>
public sealed class ConsoleWatcher(string path, TimeProvider clock, long from = 0)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);
    /// <summary>A kernel in trouble prints for a while: registers, call trace, the end of the panic.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestStory = TimeSpan.FromSeconds(3);
    private const int MaxLineChars = 4096;
    private const int MaxTailChars = ConsoleText.MaxExcerptChars;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _line = new();
    private readonly StringBuilder _tail = new();
    private StringBuilder? _story;
    private ConsolePattern? _worst;
    private long _offset = from;

    /// <summary>What the image's own init says where it cannot go on (Images/init.sh).</summary>
    public const string FailMarker = "HVLAB-FAIL";

    /// <summary>Waits until a line holds the marker.</summary>
    /// <param name="onLine">Told of every line on the way, some of them twice: while they are incomplete, and then whole.</param>
    /// <exception cref="LabException">
    /// <see cref="LabFault.HostCrash"/> quoting the panic or oops that came first; <see cref="LabFault.Image"/> where the image
    /// itself gave up.
    /// </exception>
    public async Task WaitForAsync(string marker, CancellationToken cancellation, Action<string>? onLine = null)
    {
        while (true)
        {
            var found = false;
            string? gaveUp = null;
            ReadMore(line =>
            {
                found |= line.Contains(marker, StringComparison.Ordinal);
                if (line.StartsWith(FailMarker, StringComparison.Ordinal))
                    gaveUp = line[FailMarker.Length..].Trim();
                onLine?.Invoke(line);
            });
            if (found)
                return;
            if (gaveUp is not null)
                throw new LabException(LabFault.Image,
                    $"The box booted, but its init gave up: {ConsoleText.Escape(gaveUp, 300)}. An own kernel needs virtio_net, virtio_pci, devtmpfs and KVM, "
                    + $"and own modules must be built for the very kernel that boots. The whole console is in {path}.", Tail());
            if (_worst is { Severity: >= ConsoleSeverity.Crash } && await TroubleAsync(cancellation) is { } trouble)
                throw new LabException(LabFault.HostCrash,
                    $"The kernel under test showed a {trouble.Kind} on the console before it was ready. "
                    + $"The whole console is in {path}; './hvlab run' with a known-good kernel tells whether the box is at fault.",
                    trouble.Excerpt);
            await Task.Delay(Poll, clock, cancellation);
        }
    }

    /// <summary>The worst trouble since the last call, with the lines that followed it; null for none (warnings count).</summary>
    public async Task<ConsoleTrouble?> TroubleAsync(CancellationToken cancellation)
    {
        ReadMore(_ => { });
        if (_worst is null)
            return null;
        var begun = clock.GetTimestamp();
        var lastNew = begun;
        while (clock.GetElapsedTime(lastNew) < Quiet && clock.GetElapsedTime(begun) < LongestStory
            && !_story!.ToString().Contains("---[ end Kernel panic", StringComparison.Ordinal))
        {
            await Task.Delay(Poll, clock, cancellation);
            if (ReadMore(_ => { }))
                lastNew = clock.GetTimestamp();
        }
        var trouble = new ConsoleTrouble(_worst.Severity, _worst.Kind, ConsoleText.Escape(Head(_story!)));
        (_worst, _story) = (null, null);
        return trouble;
    }

    /// <summary>The end of what was read so far, escaped.</summary>
    public string Tail()
    {
        ReadMore(_ => { });
        return ConsoleText.Escape(_tail.ToString() + _line, MaxTailChars);
    }

    private bool ReadMore(Action<string> onLine)
    {
        if (!File.Exists(path))
            return false;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length <= _offset)
            return false;
        file.Position = _offset;
        var bytes = new byte[64 * 1024];
        var characters = new char[bytes.Length];
        while (file.Read(bytes) is > 0 and var count)
        {
            _offset += count;
            var length = _decoder.GetChars(bytes.AsSpan(0, count), characters, flush: false);
            foreach (var character in characters.AsSpan(0, length))
                Take(character, onLine);
        }
        // The marker's line feed may lag behind it, and a prompt has none.
        if (_line.Length > 0)
            onLine(_line.ToString());
        return true;
    }

    private void Take(char character, Action<string> onLine)
    {
        if (character != '\n' && _line.Length < MaxLineChars)
        {
            _line.Append(character);
            return;
        }
        if (character != '\n')
            return;
        var line = _line.ToString();
        _line.Clear();
        onLine(line);
        Append(_tail, line, MaxTailChars, keepEnd: true);
        if (ConsolePatterns.Match(line) is { } match)
        {
            _story ??= Begin(line);
            if (_worst is null || match.Severity > _worst.Severity)
                _worst = match;
        }
        if (_story is not null)
            Append(_story, line, MaxTailChars, keepEnd: false);
    }

    /// <summary>Xen shows registers and stack first and says then what happened (xen/arch/x86/traps.c, show_execution_state before panic).</summary>
    private StringBuilder Begin(string line)
    {
        var story = new StringBuilder();
        if (!line.StartsWith(XenMark, StringComparison.Ordinal))
            return story;
        // This line is the tail's last already.
        var before = _tail.ToString(0, Math.Max(0, _tail.Length - line.Length - 1));
        var dump = before.LastIndexOf(XenDump, StringComparison.Ordinal);
        if (dump >= 0 && before[dump..].Split('\n', StringSplitOptions.RemoveEmptyEntries).All(text => text.StartsWith(XenMark, StringComparison.Ordinal)))
            story.Append(before, dump, before.Length - dump);
        return story;
    }

    private const string XenMark = "(XEN) ", XenDump = "(XEN) ----[ Xen-";

    private static void Append(StringBuilder text, string line, int max, bool keepEnd)
    {
        if (!keepEnd && text.Length >= max)
            return;
        text.Append(line).Append('\n');
        if (keepEnd && text.Length > 2 * max)
            text.Remove(0, text.Length - max);
    }

    private static string Head(StringBuilder story) => story.ToString(0, Math.Min(story.Length, ConsoleText.MaxExcerptChars));
}
