using System.Text.Json;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Qemu;

/// <summary>One line of QEMU's machine protocol (docs/interop/qmp-spec.rst), checked: nothing else passes.</summary>
internal abstract record QmpMessage
{
    private QmpMessage() { }

    public sealed record Greeting : QmpMessage;

    public sealed record Return(long Id, JsonElement Value) : QmpMessage;

    public sealed record Error(long Id, string Class, string Description) : QmpMessage;

    public sealed record Event(QmpEvent Value) : QmpMessage;

    /// <exception cref="LabException"><see cref="LabFault.Power"/> for anything the protocol does not know.</exception>
    public static QmpMessage Parse(ReadOnlySpan<byte> line)
    {
        JsonElement root;
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 32 });
            root = JsonElement.ParseValue(ref reader);
            // Throws where anything but blanks follows.
            reader.Read();
        }
        catch (JsonException)
        {
            throw Foreign("a line that is no JSON", line);
        }
        if (root.ValueKind != JsonValueKind.Object)
            throw Foreign("a JSON value that is no object", line);
        if (root.TryGetProperty("QMP", out _))
            return new Greeting();
        if (root.TryGetProperty("event", out var name) && name.ValueKind == JsonValueKind.String)
            return new Event(new(name.GetString()!, root.TryGetProperty("data", out var data) ? data : default));
        if (!root.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.Number || !id.TryGetInt64(out var number))
            throw Foreign("an answer without the id of its command", line);
        if (root.TryGetProperty("return", out var value))
            return new Return(number, value);
        if (root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
            return new Error(number, Text(error, "class"), Text(error, "desc"));
        throw Foreign("an object that is neither answer nor event", line);
    }

    internal static LabException Foreign(string what, ReadOnlySpan<byte> line) => new(LabFault.Power,
        $"QEMU's control socket sent {what}. Something else answers there, or QEMU is broken: "
        + "'./hvlab box down' ends the box, and the next run starts a new one.",
        Console.ConsoleText.Escape(System.Text.Encoding.UTF8.GetString(line[..Math.Min(line.Length, 512)])));

    private static string Text(JsonElement from, string property) =>
        from.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}

/// <summary>Something QEMU told without being asked. <see cref="Data"/> is of kind Undefined where the event has none.</summary>
public sealed record QmpEvent(string Name, JsonElement Data)
{
    /// <summary>A string member of the data; null where it has none of that name.</summary>
    public string? Text(string property) =>
        Data.ValueKind == JsonValueKind.Object && Data.TryGetProperty(property, out var value)
        && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
