namespace HvLab.Harness.Cli.Doctor;

/// <summary>One thing that a machine has or lacks.</summary>
/// <param name="Section">Heading it is shown under.</param>
/// <param name="What">"Disk space".</param>
/// <param name="Found">What this machine has.</param>
/// <param name="Needed">What is wanted.</param>
/// <param name="ToDo">What to do next; null where nothing is missing.</param>
/// <param name="Blocks">True where 'hvlab run' cannot work without it and does not mend it itself.</param>
public sealed record DoctorFinding(string Section, string What, string Found, string Needed, string? ToDo = null, bool Blocks = false);
