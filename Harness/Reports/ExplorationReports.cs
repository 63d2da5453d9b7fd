using System.Text;
using HvLab.Harness.Lab;
using HvLab.Harness.Reports.Html;
using HvLab.Harness.Reports.Html.Drawing;
using HvLab.Harness.Reports.Json;

namespace HvLab.Harness.Reports;

/// <summary>The files of './hvlab explore --out DIR'.</summary>
public static class ExplorationReports
{
    public const string Json = "explore.json", Page = "explore.html";

    /// <summary>explore.json, explore.html, and MODEL-DESIGN-PROPERTY.svg for each counterexample.</summary>
    /// <exception cref="LabException">The directory cannot be written.</exception>
    public static void Write(string directory, IReadOnlyList<ExplorationDocument> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Explain(trouble, directory);
        }
        AtomicFile.Write(Path.Combine(directory, Json), ExplorationFile.ToJson(new ExplorationsDocument(documents)));
        AtomicFile.Write(Path.Combine(directory, Page), Encoding.UTF8.GetBytes(ExplorationHtml.Render(documents)));
        foreach (var document in documents)
            foreach (var property in document.Properties)
                if (CounterexampleSvg.Render(document, property, standalone: true) is { } svg)
                    AtomicFile.Write(Path.Combine(directory, $"{document.Model}-{document.Design}-{property.Name}.svg"), Encoding.UTF8.GetBytes(svg));
    }
}
