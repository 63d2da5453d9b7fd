using System.Buffers.Binary;
using System.Text;
using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Images;

namespace HvLab.Harness.Tests.Images;

public sealed class ModuleTreeTests
{
    /// <summary>The smallest ELF file with a .modinfo section.</summary>
    private static void Module(Scratch tree, string path, string depends)
    {
        var information = Encoding.ASCII.GetBytes($"license=GPL\0depends={depends}\0vermagic=1.0\0");
        var names = "\0.modinfo\0.shstrtab\0"u8.ToArray();
        var bytes = new byte[64 + information.Length + names.Length + 3 * 64];
        byte[] head = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        head.CopyTo(bytes, 0);
        information.CopyTo(bytes, 64);
        names.CopyTo(bytes, 64 + information.Length);
        var table = 64 + information.Length + names.Length;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(0x28), (ulong)table);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(0x3a), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(0x3c), 3);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(0x3e), 2);
        Section(1, 1, 64, information.Length);
        Section(2, 10, 64 + information.Length, names.Length);
        Directory.CreateDirectory(Path.GetDirectoryName(tree[path])!);
        File.WriteAllBytes(tree[path], bytes);

        void Section(int index, uint name, int offset, int size)
        {
            var at = bytes.AsSpan(table + index * 64);
            BinaryPrimitives.WriteUInt32LittleEndian(at, name);
            BinaryPrimitives.WriteUInt64LittleEndian(at[0x18..], (ulong)offset);
            BinaryPrimitives.WriteUInt64LittleEndian(at[0x20..], (ulong)size);
        }
    }

    private static async Task<(string[] Order, List<string> Missing)> CloseAsync(IEnumerable<string> directories, params string[] wanted)
    {
        var missing = new List<string>();
        var order = await new ModuleTree(directories).CloseAsync(wanted, missing.Add, Task.FromResult);
        return ([.. order.Select(m => m.Name)], missing);
    }

    [Test]
    public async Task Dependencies_come_first_and_once_without_modules_dep()
    {
        using var tree = new Scratch();
        Module(tree, "arch/kvm/kvm-amd.ko", "kvm,ccp");
        Module(tree, "arch/kvm/kvm.ko", "irqbypass");
        Module(tree, "drivers/ccp.ko", "");
        Module(tree, "virt/irqbypass.ko", "");
        var (order, missing) = await CloseAsync([tree.Path], "kvm_amd", "kvm", "kvm-amd");
        Assert.Multiple(() =>
        {
            Assert.That(order, Is.EqualTo(new[] { "irqbypass", "kvm", "ccp", "kvm_amd" }));
            Assert.That(missing, Is.Empty);
        });
    }

    [Test]
    public async Task Built_in_modules_are_left_out_and_unknown_ones_are_told()
    {
        using var tree = new Scratch();
        Module(tree, "kvm.ko", "irqbypass,nowhere");
        File.WriteAllText(tree["modules.builtin"], "kernel/virt/lib/irqbypass.ko\n");
        var (order, missing) = await CloseAsync([tree.Path], "kvm");
        Assert.Multiple(() =>
        {
            Assert.That(order, Is.EqualTo(new[] { "kvm" }));
            Assert.That(missing, Is.EqualTo(new[] { "nowhere" }));
        });
    }

    [Test]
    public async Task A_developers_module_hides_the_packages_and_updates_hide_the_kernels_own()
    {
        using var package = new Scratch();
        using var own = new Scratch();
        Module(package, "kvm.ko", "irqbypass");
        Module(package, "irqbypass.ko", "");
        Module(package, "ccp.ko", "irqbypass");
        Module(package, "kernel/updates/dkms/ccp.ko", "");
        Module(own, "x/kvm.ko", "");
        var (order, _) = await CloseAsync([own.Path, package.Path], "kvm", "ccp");
        Assert.That(order, Is.EqualTo(new[] { "kvm", "ccp" }));
    }

    [Test]
    public void A_damaged_module_is_named()
    {
        using var tree = new Scratch();
        File.WriteAllText(tree["kvm.ko"], "no ELF");
        Assert.That(() => CloseAsync([tree.Path], "kvm"), Throws.TypeOf<LabException>().With.Message.Contains("kvm.ko"));
    }
}
