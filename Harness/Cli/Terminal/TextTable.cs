using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Cli.Terminal;

/// <summary>Columns aligned by spaces: one line a row, so that grep and CI logs keep rows whole.</summary>
internal static class TextTable
{
    /// <summary>A heading, the rows indented below it, an empty line.</summary>
    public static void Print(TextWriter output, string heading, IEnumerable<string[]> rows)
    {
        output.WriteLine(heading);
        Print(output, rows);
        output.WriteLine();
    }

    public static void Print(TextWriter output, IEnumerable<string[]> rows)
    {
        var all = rows.Select(row => row.Select(cell => VisibleText.Line(cell, MaxCell)).ToArray()).ToArray();
        if (all.Length == 0)
            return;
        var widths = Enumerable.Range(0, all.Max(row => row.Length))
            .Select(column => all.Max(row => column < row.Length ? row[column].Length : 0)).ToArray();
        foreach (var row in all)
            output.WriteLine($"  {string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column])))}".TrimEnd());
    }

    private const int MaxCell = 300;
}
