using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HvLab.Probes.Wire;

/// <summary>The peer sent something that is no frame: too long, cut off, or not the JSON that was expected.</summary>
/// <param name="isCutOff">The stream ended inside a frame: whoever closed it knows why.</param>
public sealed class MalformedFrameException(string message, Exception? inner = null, bool isCutOff = false) : Exception(message, inner)
{
    public bool IsCutOff { get; } = isCutOff;
}

/// <summary>Length-framed JSON: 4 bytes little-endian length, then that many bytes of UTF-8.</summary>
public sealed class FrameStream(Stream stream)
{
    /// <summary>Longer frames are refused before a byte of them is read.</summary>
    public const int MaxFrame = 8 << 20;

    private readonly byte[] _header = new byte[4];

    /// <summary>Bytes of all frames read so far: what a reader bounds.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Appends a frame to <paramref name="buffer"/>, for one write of many.</summary>
    public static void Append<T>(MemoryStream buffer, T frame, JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        var start = buffer.Length;
        buffer.Position = start + 4;
        JsonSerializer.Serialize(buffer, frame, type);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.GetBuffer().AsSpan((int)start), (int)(buffer.Length - start - 4));
        buffer.Position = buffer.Length;
    }

    /// <summary>Writes frames, all of them at once.</summary>
    public async Task WriteAsync<T>(IEnumerable<T> frames, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(frames);
        using var buffer = new MemoryStream();
        foreach (var frame in frames)
            Append(buffer, frame, type);
        await stream.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellation);
        await stream.FlushAsync(cancellation);
    }

    /// <returns>Null at the end of the stream, between two frames.</returns>
    /// <exception cref="MalformedFrameException">What came is no frame.</exception>
    public async Task<T?> ReadAsync<T>(JsonTypeInfo<T> type, CancellationToken cancellation) where T : class
    {
        var read = await stream.ReadAtLeastAsync(_header, _header.Length, throwOnEndOfStream: false, cancellation);
        if (read == 0)
            return null;
        if (read < _header.Length)
            throw new MalformedFrameException($"The stream ended inside a frame's length ({read} of 4 bytes).", isCutOff: true);
        var length = BinaryPrimitives.ReadInt32LittleEndian(_header);
        if (length is <= 0 or > MaxFrame)
            throw new MalformedFrameException($"A frame of {length} bytes was announced; 1 to {MaxFrame} are allowed. First bytes: {Convert.ToHexString(_header)}.");
        var body = new byte[length];
        read = await stream.ReadAtLeastAsync(body, length, throwOnEndOfStream: false, cancellation);
        if (read < length)
            throw new MalformedFrameException($"The stream ended inside a frame ({read} of {length} bytes).", isCutOff: true);
        BytesRead += _header.Length + length;
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw new MalformedFrameException("A frame holds null.");
        }
        catch (Exception broken) when (broken is JsonException or NotSupportedException)
        {
            throw new MalformedFrameException($"A frame of {length} bytes is not what was expected: {broken.Message}", broken);
        }
    }
}
