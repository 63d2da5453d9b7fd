using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace HvLab.Reference.Xen;

/// <summary>A <see cref="ValueList{T}"/> as a JSON array. Its context must know <c>T[]</c>: there is no reflection under NativeAOT.</summary>
public abstract class ValueListConverter<T> : JsonConverter<ValueList<T>>
{
    public override ValueList<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var items = JsonSerializer.Deserialize(ref reader, (JsonTypeInfo<T[]>)options.GetTypeInfo(typeof(T[])));
        return items is null ? throw new JsonException("A list is null.") : [.. items];
    }

    public override void Write(Utf8JsonWriter writer, ValueList<T> value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        JsonSerializer.Serialize(writer, value.AsSpan().ToArray(), (JsonTypeInfo<T[]>)options.GetTypeInfo(typeof(T[])));
    }
}
