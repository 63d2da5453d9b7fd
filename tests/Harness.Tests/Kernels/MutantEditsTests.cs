using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Kernels;

namespace HvLab.Harness.Tests.Kernels;

public sealed class MutantEditsTests
{
    private const string File = "virt/kvm/a.c";
    private string _tree = "";

    [SetUp]
    public void MakeTree()
    {
        _tree = Directory.CreateTempSubdirectory("hvlab-edits-").FullName;
        Directory.CreateDirectory(Path.Combine(_tree, "virt/kvm"));
        System.IO.File.WriteAllText(Path.Combine(_tree, File), "one\n\ttwo two aXaXa\n");
    }

    [TearDown]
    public void RemoveTree() => Directory.Delete(_tree, recursive: true);

    [Test]
    public void Edits_apply_in_order_and_leave_the_tree_alone()
    {
        var changed = MutantEdits.Apply(WithEdits(("one\n", "three\n"), ("three\n\ttwo", "four")), _tree);
        Assert.Multiple(() =>
        {
            Assert.That(changed[File], Is.EqualTo("four two aXaXa\n"));
            Assert.That(System.IO.File.ReadAllText(Path.Combine(_tree, File)), Does.StartWith("one"));
        });
    }

    [TestCase("five", 0)]
    [TestCase("two", 2)]
    [TestCase("aXa", 2, Description = "overlapping")]
    public void Text_that_is_not_there_exactly_once_is_refused(string find, int count) =>
        Assert.That(() => MutantEdits.Apply(WithEdits((find, "")), _tree), Throws.TypeOf<LabException>()
            .With.Property(nameof(LabException.Reason)).EqualTo(LabFault.Configuration)
            .And.Message.Contains("'some-mutant'").And.Message.Contains(File).And.Message.Contains($"{count} times"));

    [Test]
    public void A_file_that_is_not_there_is_named()
    {
        var mutant = new Mutant("some-mutant", "", [new("virt/kvm/gone.c", "a", "b")], []);
        Assert.That(() => MutantEdits.Apply(mutant, _tree), Throws.TypeOf<LabException>()
            .With.Property(nameof(LabException.Reason)).EqualTo(LabFault.Configuration).And.Message.Contains("virt/kvm/gone.c"));
    }

    private static Mutant WithEdits(params (string Find, string Replace)[] edits) =>
        new("some-mutant", "", [.. edits.Select(edit => new SourceEdit(File, edit.Find, edit.Replace))], []);
}
