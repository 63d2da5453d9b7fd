using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Tests.Configuration;

/// <summary>The schemas speak to editors, the loader to users; they must say the same.</summary>
public sealed class SchemaTests
{
    private static readonly object[] Shapes =
    [
        new object[] { "defaults", typeof(LabDefaults) },
        new object[] { "boxes", typeof(BoxResource) },
        new object[] { "releases", typeof(Release) },
        new object[] { "suites", typeof(Suite) },
        new object[] { "known-deviations", typeof(KnownDeviation) },
        new object[] { "bounds", typeof(Bounds) },
    ];

    [TestCaseSource(nameof(Shapes))]
    public void Schema_and_record_have_the_same_properties(string file, Type record)
    {
        var schema = RecordSchema(file);
        Assert.That(schema.GetProperty("properties").EnumerateObject().Select(property => property.Name),
            Is.EquivalentTo(JsonProperties(record).Select(JsonNameOf)));
    }

    [TestCaseSource(nameof(Shapes))]
    public void What_the_record_requires_the_schema_requires(string file, Type record) =>
        Assert.That(RecordSchema(file).GetProperty("required").EnumerateArray().Select(name => name.GetString()),
            Is.EquivalentTo(JsonProperties(record).Where(p => p.GetCustomAttribute<RequiredMemberAttribute>() is not null).Select(JsonNameOf)));

    [TestCaseSource(nameof(Shapes))]
    public void The_schemas_defaults_are_the_records_defaults(string file, Type record)
    {
        var instance = RuntimeHelpers.GetUninitializedObject(record);
        record.GetConstructor(BindingFlags.Instance | BindingFlags.Public, [])?.Invoke(instance, null);
        foreach (var property in JsonProperties(record))
        {
            var schema = RecordSchema(file).GetProperty("properties").GetProperty(JsonNameOf(property));
            if (schema.TryGetProperty("default", out var standard))
                Assert.That(AsRecordValue(standard, property.PropertyType), Is.EqualTo(property.GetValue(instance)), property.Name);
        }
    }

    [TestCaseSource(nameof(Shapes))]
    public void Every_object_is_closed_and_every_property_described(string file, Type record)
    {
        Assert.That(record, Is.Not.Null);
        using var document = Read(file);
        foreach (var schema in Objects(document.RootElement))
        {
            Assert.That(schema.TryGetProperty("additionalProperties", out _), schema.ToString());
            if (schema.TryGetProperty("properties", out var properties))
                foreach (var property in properties.EnumerateObject())
                    Assert.That(property.Value.TryGetProperty("description", out _), $"{file}: {property.Name}");
        }
    }

    [Test]
    public void Every_enum_value_of_the_record_is_in_the_schema() =>
        Assert.That(RecordSchema("boxes").GetProperty("properties").GetProperty("accel").GetProperty("enum")
            .EnumerateArray().Select(value => value.GetString()), Is.EqualTo(Enum.GetNames<Acceleration>().Select(JsonName.Of)));

    [TestCaseSource(nameof(Numbers))]
    public void The_loader_takes_exactly_the_schemas_range(string file, string path, string property)
    {
        var schema = RecordSchema(file).GetProperty("properties").GetProperty(property);
        var (least, most) = (schema.GetProperty("minimum").GetInt32(), schema.GetProperty("maximum").GetInt32());
        using var directory = new LabDirectory();
        Assert.Multiple(() =>
        {
            Assert.That(() => directory.Load(null, $"{path}:{property}={least}"), Throws.Nothing);
            Assert.That(() => directory.Load(null, $"{path}:{property}={most}"), Throws.Nothing);
            Assert.That(() => directory.Load(null, $"{path}:{property}={least - 1}"), Throws.Exception);
            Assert.That(() => directory.Load(null, $"{path}:{property}={most + 1L}"), Throws.Exception);
        });
    }

    private static readonly object[] Numbers =
    [
        new object[] { "boxes", "boxes:default", "cpus" },
        new object[] { "boxes", "boxes:default", "memoryMiB" },
        new object[] { "boxes", "boxes:bochs-ept", "mips" },
        new object[] { "bounds", "bounds", "sshAttempts" },
        new object[] { "bounds", "bounds", "powerCycles" },
    ];

    [Test]
    public void Every_bound_can_be_set()
    {
        using var directory = new LabDirectory();
        foreach (var property in JsonProperties(typeof(Bounds)))
        {
            var isDuration = property.PropertyType == typeof(TimeSpan);
            var bounds = directory.Load(null, $"bounds:{JsonNameOf(property)}={(isDuration ? "77ms" : "77")}").Bounds;
            Assert.That(property.GetValue(bounds), Is.EqualTo(isDuration ? TimeSpan.FromMilliseconds(77) : (object)77), property.Name);
        }
    }

    [Test]
    public void Every_file_names_its_schema()
    {
        foreach (var (file, _) in LabConfigLoader.Files)
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(LabDirectory.Repository, "lab-config", file)));
            var schema = document.RootElement.GetProperty("$schema").GetString()!;
            Assert.That(Path.Combine(LabDirectory.Repository, "lab-config", schema), Does.Exist);
        }
    }

    private static JsonDocument Read(string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(LabDirectory.Repository, "lab-config", "schema", $"{file}.schema.json")));

    /// <summary>The innermost object: what one record looks like.</summary>
    private static JsonElement RecordSchema(string file)
    {
        using var document = Read(file);
        return Objects(document.RootElement).Last().Clone();
    }

    private static IEnumerable<JsonElement> Objects(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("type", out var type)
            && type.ValueKind == JsonValueKind.String && type.GetString() == "object")
            yield return element;
        if (element.ValueKind != JsonValueKind.Object)
            yield break;
        foreach (var property in element.EnumerateObject())
            foreach (var inner in Objects(property.Value))
                yield return inner;
    }

    private static IEnumerable<PropertyInfo> JsonProperties(Type record) =>
        // A name is the key that the object hangs on.
        record.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.Name != "Name");

    private static string JsonNameOf(PropertyInfo property) => JsonName.Of(property.Name);

    private static object? AsRecordValue(JsonElement standard, Type type) =>
        type == typeof(TimeSpan) && DurationText.TryParse(standard.GetString()!, out var duration) ? duration
        : type.IsEnum ? Enum.Parse(type, standard.GetString()!, ignoreCase: true)
        : type == typeof(int) ? standard.GetInt32()
        : type == typeof(bool) ? standard.GetBoolean()
        : Convert.ToString(standard.GetString(), CultureInfo.InvariantCulture);
}
