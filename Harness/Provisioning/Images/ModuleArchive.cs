using System.Text;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Provisioning.Images;

/// <summary>Puts modules and their load order where init.sh looks: lib/modules/NAME.ko and lib/modules/order.</summary>
internal sealed class ModuleArchive(Tools tools, Unpacker unpacker)
{
    /// <summary>A larger one carries debug information (kvm.ko has 2.4 MB without), which only costs the box time and memory.</summary>
    private const long LargestPlain = 4 << 20;

    private const string BuiltIn = "modules.builtin";

    /// <summary>Copies the closure of the wanted modules, unpacked, into a flat directory that is a module tree itself.</summary>
    public async Task KeepAsync(Release release, ModuleTree tree, string directory, CancellationToken cancellation)
    {
        var closure = await CloseAsync(release, tree, directory, NotInPackage, cancellation);
        foreach (var module in closure)
            if (Path.GetDirectoryName(module.Path) is { } where && where != directory)
                File.Copy(module.Path, Path.Combine(directory, module.Name + ".ko"), overwrite: true);
        // What the package's kernel has built in is wanted too, and no file: a later look must not miss it.
        await File.WriteAllLinesAsync(Path.Combine(directory, BuiltIn), tree.BuiltIn.Order(StringComparer.Ordinal).Select(name => name + ".ko"), cancellation);

        void NotInPackage(string name) => throw new LabException(LabFault.Configuration,
            $"Release {release.Name} wants the module {name}, which package {release.KernelPackage} has neither as a file nor built in. Correct 'modules' in lab-config.");
    }

    /// <summary>The wanted modules in load order; packed ones are unpacked into the scratch directory.</summary>
    public Task<IReadOnlyList<ModuleFile>> CloseAsync(
        Release release, ModuleTree tree, string scratch, Action<string> missing, CancellationToken cancellation) =>
        tree.CloseAsync(release.Modules, missing, async packed =>
        {
            var name = Path.GetFileName(packed);
            if (name.EndsWith(".ko", StringComparison.Ordinal) && new FileInfo(packed).Length < LargestPlain)
                return packed;
            var plain = Path.Combine(scratch, ModuleTree.Canonical(name[..name.IndexOf(".ko", StringComparison.Ordinal)]) + ".ko");
            var head = new byte[16];
            await using (var stream = File.OpenRead(packed))
                await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation);
            if (Unpacker.Detect(head) is not { } packing)
                throw new LabException(LabFault.Configuration, $"{packed} is packed in no way that the lab knows, whatever its name says. Build it again.");
            await unpacker.UnpackAsync(packing, packed, plain, packed, cancellation);
            if (new FileInfo(plain).Length >= LargestPlain)
                await tools.RequireAsync(LabFault.Image, $"{packed} is damaged: build it again.", "strip", ["-g", plain], cancellation);
            return plain;
        });

    public static CpioWriter Archive(IReadOnlyList<ModuleFile> modules)
    {
        var archive = new CpioWriter();
        foreach (var module in modules)
            archive.AddFile($"lib/modules/{module.Name}.ko", module.Path);
        archive.AddFile("lib/modules/order", Encoding.ASCII.GetBytes(string.Concat(modules.Select(module => module.Name + "\n"))));
        return archive;
    }
}
