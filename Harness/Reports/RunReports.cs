using System.Text;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Html;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Reports.JUnit;

namespace HvLab.Harness.Reports;

/// <summary>junit.xml and report.html beside results.json.</summary>
public static class RunReports
{
    /// <summary>
    /// Writes both, each whole or not at all. Cheap enough to call at the start (the page then says that the run is not
    /// finished), after trouble, and at the end; <see cref="Rebuild"/> serves a run that was killed.
    /// </summary>
    /// <exception cref="Lab.LabException">The directory cannot be written, or the disk is full.</exception>
    public static void Write(string directory, RunResult run)
    {
        AtomicFile.Write(Path.Combine(directory, RunDirectory.JUnitName), Encoding.UTF8.GetBytes(JUnitXml.Render(run)));
        AtomicFile.Write(Path.Combine(directory, RunDirectory.HtmlName), Encoding.UTF8.GetBytes(HtmlReport.Render(run)));
    }

    /// <summary>Reads a run directory, also of a killed run, and writes both reports of what it holds.</summary>
    public static RunResult Rebuild(string directory)
    {
        var run = RunDirectory.Load(directory);
        Write(directory, run);
        return run;
    }
}
