using System.Text.Json;
using System.Text.Json.Serialization;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Reports.Json;

/// <summary>fuzz.json: what a campaign of random plans came to.</summary>
/// <param name="PlansPerSecond">While the box carried plans out: neither booting nor generating counts.</param>
/// <param name="KnownDeviations">Plans that showed a deviation that lab-config knows, by its name.</param>
/// <param name="Slowest">What took longest, all in all.</param>
/// <param name="Coverage">Null where the campaign ended early.</param>
public sealed record FuzzDocument(
    string Subsystem, string Release, ulong Seed, int OperationsPerPlan, int Plans, long Operations, double Seconds, double PlansPerSecond, bool Interrupted,
    string? Trouble, IReadOnlyList<FuzzFindingDocument> Findings, IReadOnlyDictionary<string, int> KnownDeviations, FuzzCoverageDocument? Coverage,
    IReadOnlyList<FuzzTimeDocument> Slowest);

/// <summary>Where the box's time went: a kind of operation with a kind of answer.</summary>
public sealed record FuzzTimeDocument(string Operation, string Seen, int Count, double Seconds);

/// <param name="File">The scenario file, relative to fuzz.json: './hvlab replay FILE' runs it.</param>
/// <param name="Regularity">"always", "sometimes" or "never-again".</param>
/// <param name="IsOfTheHypervisor">False for trouble of the lab.</param>
public sealed record FuzzFindingDocument(
    string Name, string File, string Operation, string Seen, string Where, string Regularity, int Times, int Runs, bool IsOfTheHypervisor,
    int Operations, int FirstOperations, int FoundByPlan, int Plans, bool IsMinimal, double ShrinkSeconds, int ShrinkRuns);

/// <param name="Visited">Abstract steps that the hypervisor took, of <paramref name="Explored"/> that exploration of the model finds within <paramref name="Bounds"/>.</param>
/// <param name="Beyond">Taken outside of these bounds.</param>
/// <param name="Complete">False where the exploration was itself cut short.</param>
public sealed record FuzzCoverageDocument(int Visited, int Explored, int Beyond, long States, bool Complete, string Bounds, IReadOnlyList<string> Missing);

/// <summary>A scenario file: one plan with everything that a reader of a mail needs, and that './hvlab replay' needs.</summary>
/// <param name="Format">1.</param>
/// <param name="Plan">As it travels to the probe.</param>
/// <param name="Story">What was done and seen, a line a step.</param>
/// <param name="Allowed">What the model would have allowed instead of the last.</param>
public sealed record ScenarioFileDocument(
    int Format, string Name, string Subsystem, string Claim, string Release, string How, string Often,
    IReadOnlyList<string> Story, IReadOnlyList<string> Allowed, IReadOnlyList<string> Rules, string? Detail, JsonElement Plan)
{
    public const int CurrentFormat = 1;
}

/// <summary>Writes and reads the files of campaigns.</summary>
public static class FuzzFile
{
    public const string Name = "fuzz.json", Findings = "findings";
    private const long MaxScenarioBytes = 1 << 20;

    public static void Write(string path, FuzzDocument document) => AtomicFile.Write(path, ToJson(document));

    public static byte[] ToJson(FuzzDocument document) => JsonSerializer.SerializeToUtf8Bytes(document, FuzzJson.Default.FuzzDocument);

    public static void Write(string path, ScenarioFileDocument document) =>
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(document, FuzzJson.Default.ScenarioFileDocument));

    /// <exception cref="LabException"><see cref="LabFault.Configuration"/>: it is none, or of another format.</exception>
    public static ScenarioFileDocument ReadScenario(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxScenarioBytes)
                throw new JsonException($"it has more than {MaxScenarioBytes >> 10} KiB");
            var file = JsonSerializer.Deserialize(File.ReadAllBytes(path), FuzzJson.Default.ScenarioFileDocument) ?? throw new JsonException("it holds nothing but null");
            return file.Format == ScenarioFileDocument.CurrentFormat ? file : throw new JsonException($"its format is {file.Format}, and this HvLab reads {ScenarioFileDocument.CurrentFormat}");
        }
        catch (Exception trouble) when (trouble is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new LabException(LabFault.Configuration, $"'{path}' could not be read as a scenario file ({trouble.Message}). './hvlab fuzz' writes them into the findings/ of its run.", inner: trouble);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, WriteIndented = true)]
[JsonSerializable(typeof(FuzzDocument))]
[JsonSerializable(typeof(ScenarioFileDocument))]
internal sealed partial class FuzzJson : JsonSerializerContext;
