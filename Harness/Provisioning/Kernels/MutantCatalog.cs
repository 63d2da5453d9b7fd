using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Provisioning.Kernels;

/// <summary>Reads lab-config/mutants/*.json; its shape is lab-config/schema/mutants.schema.json.</summary>
public static partial class MutantCatalog
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        ReadCommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>The mutants of KVM that the lab knows, in the file's order.</summary>
    public static IReadOnlyList<Mutant> LoadKvm(HvLabPaths paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Load(Path.Combine(paths.LabConfig, "mutants", "kvm.json"));
    }

    /// <summary>The mutants of Xen that the lab knows, in the file's order.</summary>
    public static IReadOnlyList<Mutant> LoadXen(HvLabPaths paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Load(Path.Combine(paths.LabConfig, "mutants", "xen.json"));
    }

    /// <summary>The edits that a release of Xen may name as its patches: mutants in form, wanted in effect.</summary>
    public static IReadOnlyList<Mutant> LoadXenPatches(HvLabPaths paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Load(Path.Combine(paths.LabConfig, "patches", "xen.json"));
    }

    /// <exception cref="LabException"><see cref="LabFault.Configuration"/>: names the file, the place in it and what is allowed.</exception>
    public static IReadOnlyList<Mutant> Load(string file)
    {
        try
        {
            return Parse(File.ReadAllText(file), file);
        }
        catch (IOException unreadable)
        {
            throw new LabException(LabFault.Configuration,
                $"The mutants could not be read ({unreadable.Message}). Restore {file} from the repository.", inner: unreadable);
        }
    }

    /// <inheritdoc cref="Load"/>
    public static IReadOnlyList<Mutant> Parse(string json, string file)
    {
        MutantFile? read;
        try
        {
            read = JsonSerializer.Deserialize<MutantFile>(json, Options);
        }
        catch (JsonException wrong)
        {
            throw Wrong(file, wrong.Path ?? "$", $"{wrong.Message.Split(" Path:")[0]} Its shape is lab-config/schema/mutants.schema.json.");
        }
        var mutants = read?.Mutants ?? throw Wrong(file, "$", "an object with 'mutants' is expected.");
        for (var i = 0; i < mutants.Count; i++)
            if (Complaint(mutants[i], mutants.Take(i)) is { } complaint)
                throw Wrong(file, $"$.mutants[{i}]{complaint.Where}", complaint.What);
        return mutants;
    }

    private static (string Where, string What)? Complaint(Mutant mutant, IEnumerable<Mutant> earlier)
    {
        if (!Name().IsMatch(mutant.Name))
            return (".name", $"'{mutant.Name}' is no name: lower-case words joined by '-' are allowed.");
        if (mutant.Name == Mutant.Control.Name)
            return (".name", $"'{mutant.Name}' is the name of unchanged KVM: choose another.");
        if (earlier.Any(other => other.Name == mutant.Name))
            return (".name", $"'{mutant.Name}' is there twice.");
        if (string.IsNullOrWhiteSpace(mutant.Why))
            return (".why", "it must say what a user would see.");
        if (mutant.Edits.Count == 0)
            return (".edits", "at least one edit is needed.");
        for (var i = 0; i < mutant.Edits.Count; i++)
        {
            var edit = mutant.Edits[i];
            if (!SourceFile().IsMatch(edit.File) || edit.File.Split('/').Contains(".."))
                return ($".edits[{i}].file", $"'{edit.File}' is not allowed: a .c, .h or .S file of arch/x86/kvm/ or virt/ is, relative to the kernel's source, or one of xen/, relative to Xen's.");
            if (edit.Find.Length == 0)
                return ($".edits[{i}].find", "it must not be empty.");
            if (edit.Find == edit.Replace)
                return ($".edits[{i}].replace", "it is the same as 'find': the edit would change nothing.");
        }
        return null;
    }

    private static LabException Wrong(string file, string where, string what) =>
        new(LabFault.Configuration, $"{file}: {where}: {what}");

    /// <summary>One compilation reaches these alone; see <see cref="KvmSourceTree.KvmDirectories"/>. Xen is compiled whole.</summary>
    [GeneratedRegex(@"\A(arch/x86/kvm|virt|xen)/[A-Za-z0-9_./-]+\.[chS]\z", RegexOptions.ExplicitCapture)]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();

    private sealed record MutantFile(IReadOnlyList<Mutant> Mutants)
    {
        /// <summary>For editors; not read.</summary>
        [JsonPropertyName("$schema")]
        public string? Schema { get; init; }
    }
}
