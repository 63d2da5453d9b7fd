using System.Collections.Concurrent;
using System.Globalization;

namespace HvLab.Reference.Tests.Fuzz;

/// <summary>A fixture that gives machines faults and prints, when all are through, which were found after how many plans.</summary>
public abstract class FaultTable
{
    private readonly ConcurrentDictionary<string, string> _rows = new();

    /// <summary>Operations that a plan may have when it was made small.</summary>
    private protected virtual int Small => 14;

    private protected void Take(string fault, FaultRow? row)
    {
        _rows[fault] = row is null ? $"{fault,-30} not found by {Trial.MostPlans} plans"
            : string.Create(CultureInfo.InvariantCulture, $"{fault,-30} {row.Plans,6} {row.Plan.Count,4}  {row.Rate,-24} {row.Seconds,5:0.0} s  {row.Signature}");
        TestContext.Out.WriteLine($"{_rows[fault]}\n  {string.Join("\n  ", row?.Plan ?? [])}");
        Assert.That(row, Is.Not.Null, $"{fault}: no plan of {Trial.MostPlans} found it");
        Assert.That(row!.Plan, Has.Count.LessThanOrEqualTo(Small), "the plan was not made small");
    }

    /// <summary>Onto the console of who watches, and into the directory whose tables './test' prints at its end.</summary>
    [OneTimeTearDown]
    public void PrintTable()
    {
        var table = $"\n{GetType().Name}: {_rows.Count} faults\n{"fault",-30} {"plans",6} {"ops",4}  {"the small plan shows it",-24} {"took",7}  what was seen where\n"
            + $"{string.Join('\n', _rows.OrderBy(row => row.Key, StringComparer.Ordinal).Select(row => row.Value))}\n";
        TestContext.Progress.WriteLine(table);
        if (Environment.GetEnvironmentVariable("HVLAB_TEST_TABLES") is { Length: > 0 } directory)
            File.WriteAllText(Path.Combine(directory, $"{GetType().Name}.table"), table);
    }
}
