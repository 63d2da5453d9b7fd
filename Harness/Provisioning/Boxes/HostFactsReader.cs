using HvLab.Harness.Drivers.Ssh;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>
/// What a host is: from the line that the lab's own init prints before its marker, else by one command that needs nothing but
/// a shell and cat.
/// </summary>
internal static class HostFactsReader
{
    /// <summary>Images/init.sh: release|version|vendor|model|CPUs online|npt|ept|. (the last says that the line is whole).</summary>
    private const string ConsoleMark = "HVLAB-HOST ";

    private const string Mark = "== ";

    private static readonly string[] Files =
    [
        "/proc/sys/kernel/osrelease", "/proc/sys/kernel/version",
        "/sys/module/kvm_amd/parameters/npt", "/sys/module/kvm_intel/parameters/ept",
        "/proc/misc", "/proc/modules", "/proc/cpuinfo",
    ];

    private const string Script = """for f in "$@"; do [ -r "$f" ] && echo "== $f" && cat "$f"; done; true""";

    /// <param name="known">Names and platform, which the host cannot know; everything else is replaced.</param>
    public static async Task<HostFacts> ReadAsync(SshSession ssh, HostFacts known, CancellationToken cancellation) =>
        Parse((await ssh.RequireAsync(["sh", "-c", Script, "facts", .. Files], cancellation)).Output, known);

    /// <summary>Null where the console holds no such line, or kernel messages fell into it.</summary>
    /// <param name="known">Names and platform, which the host cannot know; everything else is replaced.</param>
    internal static HostFacts? FromConsole(string console, HostFacts known)
    {
        var line = console.Split('\n').LastOrDefault(text => text.StartsWith(ConsoleMark, StringComparison.Ordinal));
        return line?[ConsoleMark.Length..].Trim().Split('|') is not [var release, var version, var vendor, var model, var cpus, var npt, var ept, "."]
            || release.Length == 0 || CountOf(cpus) is not { } count ? null : known with
        {
            Kernel = release,
            KernelVersion = version,
            CpuVendor = vendor,
            CpuModel = model,
            Cpus = count,
            NestedPaging = npt is "1" or "Y" ? "NPT" : ept is "1" or "Y" ? "EPT" : "none",
            KvmModule = npt.Length > 0 ? "kvm_amd" : ept.Length > 0 ? "kvm_intel" : "unknown",
        };
    }

    /// <summary>/sys/devices/system/cpu/online is a list of ranges, "0-1,3".</summary>
    private static int? CountOf(string ranges)
    {
        var count = 0;
        foreach (var range in ranges.Split(','))
        {
            var ends = range.Split('-');
            if (ends.Length > 2 || !ushort.TryParse(ends[0], out var first) || !ushort.TryParse(ends[^1], out var last) || last < first)
                return null;
            count += last - first + 1;
        }
        return count;
    }

    internal static HostFacts Parse(string answer, HostFacts known)
    {
        var files = Split(answer);
        var cpuinfo = Lines(files, "/proc/cpuinfo");
        return known with
        {
            Kernel = Lines(files, "/proc/sys/kernel/osrelease").FirstOrDefault("unknown"),
            KernelVersion = Lines(files, "/proc/sys/kernel/version").FirstOrDefault("unknown"),
            CpuVendor = Value(cpuinfo, "vendor_id"),
            CpuModel = Value(cpuinfo, "model name"),
            Cpus = cpuinfo.Count(line => line.StartsWith("processor", StringComparison.Ordinal)),
            NestedPaging = IsOn(files, "/sys/module/kvm_amd/parameters/npt") ? "NPT"
                : IsOn(files, "/sys/module/kvm_intel/parameters/ept") ? "EPT" : "none",
            KvmModule = KvmModule(files),
        };
    }

    /// <summary>Module parameters exist for built-in code too, so they find the vendor module either way.</summary>
    private static string KvmModule(Dictionary<string, List<string>> files)
    {
        if (!Lines(files, "/proc/misc").Any(line => line.EndsWith(" kvm", StringComparison.Ordinal)))
            return "none";
        return files.ContainsKey("/sys/module/kvm_amd/parameters/npt") ? "kvm_amd"
            : files.ContainsKey("/sys/module/kvm_intel/parameters/ept") ? "kvm_intel"
            : Lines(files, "/proc/modules").Select(line => line.Split(' ')[0])
                .FirstOrDefault(name => name.StartsWith("kvm_", StringComparison.Ordinal), "unknown");
    }

    private static Dictionary<string, List<string>> Split(string answer)
    {
        var files = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        List<string>? current = null;
        foreach (var line in answer.Split('\n'))
        {
            if (line.StartsWith(Mark, StringComparison.Ordinal) && Files.Contains(line[Mark.Length..], StringComparer.Ordinal))
                files[line[Mark.Length..]] = current = [];
            else
                current?.Add(line);
        }
        return files;
    }

    private static List<string> Lines(Dictionary<string, List<string>> files, string name) =>
        files.TryGetValue(name, out var lines) ? lines : [];

    private static bool IsOn(Dictionary<string, List<string>> files, string name) =>
        Lines(files, name).FirstOrDefault("").Trim() is "1" or "Y";

    private static string Value(List<string> cpuinfo, string key) =>
        cpuinfo.FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line
            && line.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? line[(colon + 1)..].Trim() : "unknown";
}
