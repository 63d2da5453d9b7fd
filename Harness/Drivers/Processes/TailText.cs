using System.Text;

namespace HvLab.Harness.Drivers.Processes;

/// <summary>Keeps the end of an untrusted text stream: bounded however much arrives. Safe for one writer and many readers.</summary>
public sealed class TailText(int maxChars = TailText.DefaultMaxChars)
{
    public const int DefaultMaxChars = 16 * 1024;

    private readonly StringBuilder _text = new();

    public void Add(ReadOnlySpan<char> more)
    {
        lock (_text)
        {
            _text.Append(more);
            if (_text.Length > 2 * maxChars)
                _text.Remove(0, _text.Length - maxChars);
        }
    }

    /// <summary>Reads the stream to its end.</summary>
    public async Task DrainAsync(TextReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var buffer = new char[4096];
        try
        {
            while (await reader.ReadAsync(buffer) is > 0 and var count)
                Add(buffer.AsSpan(0, count));
        }
        catch (IOException)
        {
            // The process is gone: what was read is what there is.
        }
    }

    public override string ToString()
    {
        lock (_text)
        {
            var start = Math.Max(0, _text.Length - maxChars);
            return _text.ToString(start, _text.Length - start).Trim();
        }
    }
}
