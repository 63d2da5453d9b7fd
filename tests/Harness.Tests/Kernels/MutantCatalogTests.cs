using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Kernels;

namespace HvLab.Harness.Tests.Kernels;

public sealed class MutantCatalogTests
{
    private const string Good = """
        {"mutants":[{"name":"a-b","why":"seen","edits":[{"file":"virt/kvm/async_pf.c","find":"x","replace":""}],"expect":["s/*"]}]}
        """;

    [Test]
    public void A_good_file_is_read_field_by_field()
    {
        var mutant = MutantCatalog.Parse(Good, "kvm.json").Single();
        Assert.Multiple(() =>
        {
            Assert.That(mutant.Name, Is.EqualTo("a-b"));
            Assert.That(mutant.Why, Is.EqualTo("seen"));
            Assert.That(mutant.Edits, Is.EqualTo(new[] { new SourceEdit("virt/kvm/async_pf.c", "x", "") }));
            Assert.That(mutant.Expect, Is.EqualTo(new[] { "s/*" }));
        });
    }

    [TestCase("{", "$")]
    [TestCase("null", "'mutants' is expected")]
    [TestCase("{}", "mutants")]
    [TestCase("""{"mutants":[],"mutant":[]}""", "mutant")]
    [TestCase("""{"mutants":{}}""", "$.mutants")]
    [TestCase("""{"mutants":[{"name":"a"}]}""", "$.mutants[0]")]
    public void A_file_of_the_wrong_shape_is_named_with_the_place(string json, string names) => AssertWrong(json, names);

    [TestCase("\"a-b\"", "\"A b\"", "$.mutants[0].name")]
    [TestCase("\"a-b\"", "\"control\"", "unchanged KVM")]
    [TestCase("\"a-b\"", "null", "$.mutants[0].name")]
    [TestCase("\"a-b\"", "7", "$.mutants[0].name")]
    [TestCase("\"seen\"", "\" \"", "$.mutants[0].why")]
    [TestCase("virt/kvm/async_pf.c", "/etc/passwd", "$.mutants[0].edits[0].file")]
    [TestCase("virt/kvm/async_pf.c", "virt/../../x.c", "$.mutants[0].edits[0].file")]
    [TestCase("virt/kvm/async_pf.c", "virt/kvm/Makefile", "$.mutants[0].edits[0].file")]
    [TestCase("\"x\"", "\"\"", "$.mutants[0].edits[0].find")]
    [TestCase("\"replace\":\"\"", "\"replace\":\"x\"", "change nothing")]
    [TestCase("\"replace\":\"\"", "\"replaced\":\"\"", "replaced")]
    [TestCase("[{\"file\"", "[],\"edit\":[{\"file\"", "edit")]
    public void A_wrong_value_is_named_with_the_place(string good, string bad, string names) =>
        AssertWrong(Good.Replace(good, bad, StringComparison.Ordinal), names);

    [Test]
    public void A_mutant_without_edits_is_refused() => AssertWrong("""
        {"mutants":[{"name":"a","why":"seen","edits":[],"expect":[]}]}
        """, "$.mutants[0].edits");

    [Test]
    public void A_name_that_is_there_twice_is_refused()
    {
        var one = Good.Trim()["{\"mutants\":[".Length..^2];
        AssertWrong($$"""{"mutants":[{{one}},{{one}}]}""", "$.mutants[1].name");
    }

    [Test]
    public void A_missing_file_is_a_fault_of_the_configuration() =>
        Assert.That(() => MutantCatalog.Load("/nowhere/kvm.json"), Throws.TypeOf<LabException>()
            .With.Property(nameof(LabException.Reason)).EqualTo(LabFault.Configuration)
            .And.Message.Contains("/nowhere/kvm.json"));

    [Test]
    public void Edits_decide_the_hash_and_prose_does_not()
    {
        var mutant = MutantCatalog.Parse(Good, "kvm.json").Single();
        var shifted = mutant with { Edits = [new("virt/kvm/async_pf.cx", "", "")] };
        Assert.Multiple(() =>
        {
            Assert.That((mutant with { Name = "other", Why = "other", Expect = [] }).EditsHash, Is.EqualTo(mutant.EditsHash));
            Assert.That(shifted.EditsHash, Is.Not.EqualTo(mutant.EditsHash), "parts must not run into each other");
            Assert.That(Mutant.Control.EditsHash, Is.Not.EqualTo(mutant.EditsHash));
        });
    }

    private static void AssertWrong(string json, string names) =>
        Assert.That(() => MutantCatalog.Parse(json, "lab-config/mutants/kvm.json"), Throws.TypeOf<LabException>()
            .With.Property(nameof(LabException.Reason)).EqualTo(LabFault.Configuration)
            .And.Message.Contains("lab-config/mutants/kvm.json").And.Message.Contains(names));
}
