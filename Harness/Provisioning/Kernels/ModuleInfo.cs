using System.Text;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Provisioning.Kernels;

/// <summary>What a kernel module says about itself in its .modinfo section: "name=value" strings, each ended by a zero byte.</summary>
public static class ModuleInfo
{
    /// <summary>"6.1.0-56-amd64 SMP preempt mod_unload modversions": a kernel loads a module only when this is its own.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Build"/> where the file is no kernel module.</exception>
    public static string VersionMagic(string module)
    {
        var bytes = File.ReadAllBytes(module).AsSpan();
        // The string is unique to .modinfo, so that the section table need not be read.
        var at = bytes.IndexOf("\0vermagic="u8);
        if (!bytes.StartsWith("\u007fELF"u8) || at < 0)
            throw new LabException(LabFault.Build,
                $"{module} is no kernel module. Delete the directory it is in and run the command again.");
        var value = bytes[(at + "\0vermagic=".Length)..];
        return Encoding.ASCII.GetString(value[..value.IndexOf((byte)0)]);
    }
}
