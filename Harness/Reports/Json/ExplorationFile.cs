using System.Text.Json;
using System.Text.Json.Serialization;
using HvLab.Reference.Models.Exploration;

namespace HvLab.Harness.Reports.Json;

/// <summary>What './hvlab explore --json' prints for one design.</summary>
/// <param name="Complete">False where a bound of memory or states ended it: then nothing is proven.</param>
/// <param name="StatesPerSecond">While states were visited; deciding whether sleepers wake comes after that.</param>
/// <param name="BytesPerState">Of visited states with the index over them.</param>
/// <param name="Actors">Everybody who may act in a counterexample, in the order of its drawing's columns.</param>
public sealed record ExplorationDocument(
    string Model, string Design, bool Faulty, string Summary, string OutOfScope, IReadOnlyDictionary<string, int> Bounds,
    long States, long Transitions, int Depth, bool Complete, double Seconds, double StatesPerSecond, double BytesPerState,
    IReadOnlyList<string> Actors, IReadOnlyList<PropertyDocument> Properties)
{
    public static ExplorationDocument Of(DesignModel model, DesignFindings found)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(found);
        var searched = found.Searched.TotalSeconds;
        return new(found.Model, found.Design.Name, found.Design.Kind == DesignKind.Faulty, found.Design.Summary, model.OutOfScope, found.Bounds.Values,
            found.States, found.Transitions, found.Depth, found.Complete, found.Elapsed.TotalSeconds, searched > 0 ? found.States / searched : 0, (double)found.Bytes / found.States,
            model.ActorsOf(found.Bounds),
            [.. found.Properties.Select(PropertyDocument.Of)]);
    }
}

/// <param name="Verdict">"holds", "broken" or "undecided".</param>
/// <param name="Holds">The same as a truth value; null where undecided.</param>
/// <param name="Counterexample">A shortest run that breaks it.</param>
public sealed record PropertyDocument(
    string Name, string Rule, string Source, string Verdict, bool? Holds, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<StepDocument>? Counterexample)
{
    internal static PropertyDocument Of(PropertyFinding property) => new(property.Name, property.Rule.Text, property.Rule.Source,
        property.Verdict switch { ClaimVerdict.Holds => "holds", ClaimVerdict.Broken => "broken", _ => "undecided" },
        property.Verdict switch { ClaimVerdict.Holds => true, ClaimVerdict.Broken => false, _ => null },
        property.Steps is null ? null : [.. property.Steps.Select((step, index) =>
            new StepDocument(index + 1, step.Actor, step.Operation, step.On, [.. step.Beliefs.Select(belief => new BeliefDocument(belief.Who, belief.What))]))]);
}

/// <param name="On">Who or what the operation reaches.</param>
public sealed record StepDocument(
    int Step, string Actor, string Operation, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? On, IReadOnlyList<BeliefDocument> Beliefs);

public sealed record BeliefDocument(string Who, string What);

/// <summary>What './hvlab explore --all --json' prints.</summary>
public sealed record ExplorationsDocument(IReadOnlyList<ExplorationDocument> Designs);

/// <summary>The JSON of explorations; the default encoder stays, as in all reports.</summary>
public static class ExplorationFile
{
    public static byte[] ToJson(ExplorationDocument document) => JsonSerializer.SerializeToUtf8Bytes(document, ExplorationJson.Default.ExplorationDocument);
    public static byte[] ToJson(ExplorationsDocument documents) => JsonSerializer.SerializeToUtf8Bytes(documents, ExplorationJson.Default.ExplorationsDocument);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ExplorationDocument))]
[JsonSerializable(typeof(ExplorationsDocument))]
internal sealed partial class ExplorationJson : JsonSerializerContext;
