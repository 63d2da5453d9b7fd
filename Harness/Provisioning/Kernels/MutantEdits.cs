using HvLab.Harness.Lab;

namespace HvLab.Harness.Provisioning.Kernels;

/// <summary>Applies a mutant's edits: each exactly once, or not at all.</summary>
public static class MutantEdits
{
    /// <summary>The files that the edits change, with their new text; the tree is only read.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Configuration"/>: names the mutant, the file and how often the text is there.</exception>
    public static IReadOnlyDictionary<string, string> Apply(Mutant mutant, string tree)
    {
        ArgumentNullException.ThrowIfNull(mutant);
        var changed = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < mutant.Edits.Count; i++)
        {
            var edit = mutant.Edits[i];
            var path = Path.Combine(tree, edit.File);
            if (!changed.TryGetValue(edit.File, out var text))
                text = File.Exists(path) ? File.ReadAllText(path) : throw new LabException(LabFault.Configuration,
                    $"Mutant '{mutant.Name}', edit {i}: this source has no file '{edit.File}'. Correct it in lab-config/mutants.");
            if (Count(text, edit.Find) is var count and not 1)
                throw new LabException(LabFault.Configuration,
                    $"Mutant '{mutant.Name}', edit {i}: the text to find is in '{edit.File}' {count} times, and must be there exactly "
                    + "once. Lengthen it in lab-config/mutants until it is unique, or follow the source where that has changed.", edit.Find);
            changed[edit.File] = text.Replace(edit.Find, edit.Replace, StringComparison.Ordinal);
        }
        return changed;
    }

    /// <summary>Overlapping ones count too: text that overlaps itself does not name one place.</summary>
    private static int Count(string text, string find)
    {
        var count = 0;
        for (var at = text.IndexOf(find, StringComparison.Ordinal); at >= 0; at = text.IndexOf(find, at + 1, StringComparison.Ordinal))
            count++;
        return count;
    }
}
