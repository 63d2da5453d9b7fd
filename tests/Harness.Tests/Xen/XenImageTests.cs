using System.IO.Compression;
using System.Text;
using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Xen;
using HvLab.Harness.Tests.Images;

namespace HvLab.Harness.Tests.Xen;

public sealed class XenImageTests
{
    private const string Config = "#\n# Automatically generated file; DO NOT EDIT.\n# Xen/x86 4.17.5 Configuration\n#\nCONFIG_X86=y\nCONFIG_MEM_PAGING=y\n# CONFIG_DEBUG is not set\n";

    /// <summary>As a build is laid out: ELF, the multiboot header early, the packed configuration somewhere in its data.</summary>
    internal static byte[] Elf(string? config = Config) =>
        [.. "\u007fELF"u8, .. new byte[4000], 0x02, 0xb0, 0xad, 0x1b, .. new byte[500], 0x1f, 0x8b, 0x08, 7, 7, .. new byte[500], .. config is null ? [] : Packed(Encoding.ASCII.GetBytes(config)), .. Enumerable.Repeat((byte)0xcc, 5000)];

    private static byte[] Packed(byte[] plain)
    {
        using var bytes = new MemoryStream();
        using (var packing = new GZipStream(bytes, CompressionLevel.SmallestSize))
            packing.Write(plain);
        return bytes.ToArray();
    }

    [Test]
    public void Version_and_options_come_from_the_configuration_that_Xen_carries()
    {
        var facts = XenImage.Describe(Elf());
        Assert.That(facts.Version, Is.EqualTo("4.17"));
        Assert.That(facts.Options, Is.EqualTo(new[] { "CONFIG_X86=y", "CONFIG_MEM_PAGING=y" }));
    }

    [Test]
    public void A_hypervisor_that_carries_none_does_not_say() =>
        Assert.That(XenImage.Describe(Elf(config: null)).Version, Is.Null);

    [Test]
    public void A_packed_one_and_a_plain_one_are_the_same_hypervisor()
    {
        using var scratch = new Scratch();
        File.WriteAllBytes(scratch["xen"], Elf());
        File.WriteAllBytes(scratch["xen.gz"], Packed(Elf()));
        Assert.That(XenImage.Load(scratch["xen.gz"]), Is.EqualTo(XenImage.Load(scratch["xen"])));
    }

    /// <summary>One program header, whose segment begins in the file and ends behind it.</summary>
    private static byte[] CutOff()
    {
        var elf = Elf();
        (elf[28], elf[42], elf[44]) = (64, 32, 1);
        BitConverter.TryWriteBytes(elf.AsSpan(64 + 4), 100u);
        BitConverter.TryWriteBytes(elf.AsSpan(64 + 16), (uint)elf.Length);
        return elf;
    }

    private static readonly object[] Others =
    [
        new object[] { CutOff(), "its end is missing" },
        new object[] { new byte[10], "multiboot" },
        new object[] { Packed(new byte[9000]), "multiboot" },
        new object[] { (byte[])[0x1f, 0x8b, 1, 2, 3], "cannot be unpacked" },
        new object[] { (byte[])[.. "MZ"u8, .. new byte[9000]], "multiboot" },
    ];

    [TestCaseSource(nameof(Others))]
    public void What_is_no_hypervisor_is_refused_with_what_to_give_instead(byte[] bytes, string why)
    {
        using var scratch = new Scratch();
        File.WriteAllBytes(scratch["xen"], bytes);
        var refused = Assert.Throws<LabException>(() => XenImage.Load(scratch["xen"]));
        Assert.That(refused!.Reason, Is.EqualTo(LabFault.Configuration));
        Assert.That(refused.Message, Does.Contain(why).And.Contain("xen.gz"));
    }

    [Test]
    public void A_missing_file_names_the_option() =>
        Assert.That(() => XenImage.Load("/nowhere/xen.gz"), Throws.TypeOf<LabException>().With.Message.Contains("--xen /nowhere/xen.gz"));
}
