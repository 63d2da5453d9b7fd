using System.Text;
using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Reports.Json;

/// <summary>mutants.json: the table of a mutants run, whole after each row.</summary>
public static class MutantsFile
{
    public const string Name = "mutants.json";

    /// <exception cref="Lab.LabException">The disk is full, or the directory cannot be written.</exception>
    public static void Write(string directory, MutantOutcomes table)
    {
        ArgumentNullException.ThrowIfNull(table);
        AtomicFile.Write(Path.Combine(directory, Name), Encoding.UTF8.GetBytes(table.ToJson() + "\n"));
    }
}
