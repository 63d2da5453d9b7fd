using System.Security.Cryptography;
using System.Text;
using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Provisioning.Kernels;

/// <summary>KVM with one known bug put back in, as lab-config/mutants describes it.</summary>
/// <param name="Name">Stable, for instance "broadcast-lost".</param>
/// <param name="Why">What a user of the mutated KVM would see.</param>
/// <param name="Edits">Applied in order; none for the control.</param>
/// <param name="Expect">Patterns of scenarios that should find it ('*' matches any run of characters): they run first.</param>
public sealed record Mutant(string Name, string Why, IReadOnlyList<SourceEdit> Edits, IReadOnlyList<string> Expect)
{
    /// <summary>The control: rebuilt like every mutant, and unchanged. Whatever finds it has found the rebuild, not a bug.</summary>
    public static Mutant Control { get; } = new(MutantOutcome.ControlName, "KVM rebuilt without a change: every scenario must pass.", [], []);

    /// <summary>SHA-256 in lower-case hex of the edits; neither name nor prose changes what is built.</summary>
    public string EditsHash
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var part in Edits.SelectMany(edit => new[] { edit.File, edit.Find, edit.Replace }))
            {
                var bytes = Encoding.UTF8.GetBytes(part);
                hash.AppendData(BitConverter.GetBytes(bytes.LongLength));
                hash.AppendData(bytes);
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }
}

/// <summary>One replacement in one file.</summary>
/// <param name="File">Relative to the kernel's source, for instance "virt/kvm/async_pf.c".</param>
/// <param name="Find">Text that the file has exactly once, tabs and line ends included.</param>
/// <param name="Replace">What takes its place; empty to delete.</param>
public sealed record SourceEdit(string File, string Find, string Replace);
