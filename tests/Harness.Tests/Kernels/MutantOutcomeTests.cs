using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Tests.Kernels;

public sealed class MutantOutcomeTests
{
    [Test]
    public void The_table_survives_its_json()
    {
        var table = new MutantOutcomes([
            new() { Mutant = "a", Found = true, ByScenario = "s/1", AfterMs = 12.5, BuildMs = 900, Note = "seen \"<b>\"" },
            new() { Mutant = "control", Found = false, BuildMs = 0 },
            new() { Mutant = "b", Found = null, BuildMs = 1, Note = "the box did not boot" },
        ]);
        Assert.Multiple(() =>
        {
            Assert.That(MutantOutcomes.FromJson(table.ToJson()).Mutants, Is.EqualTo(table.Mutants));
            Assert.That(table.ToJson(), Does.Contain("\"byScenario\": \"s/1\"").And.Contain("\"found\": null"));
        });
    }
}
