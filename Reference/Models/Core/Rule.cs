namespace HvLab.Reference.Models;

/// <summary>A sentence that a model implements, quoted, and where it stands.</summary>
/// <param name="Text">The sentence, verbatim.</param>
/// <param name="Source">File and section or function; message for a discussion.</param>
public sealed record Rule(string Text, string Source)
{
    public override string ToString() => $"\"{Text}\" ({Source})";
}
