namespace HvLab.Harness.Drivers.Qemu;

/// <summary>Which CPU Xen gets of an emulator.</summary>
public static class XenCpu
{
    /// <summary>
    /// QEMU 7.2 checks SMAP on an iret to ring 3 with the wrong privilege, which kills a PV dom0; 10.0 does not (both measured,
    /// nothing between). SMAP is of no use to what is tested, so older emulators go without.
    /// </summary>
    private static readonly Version Sound = new(10, 0);

    /// <param name="cpuModel">QEMU's -cpu as the box has it.</param>
    /// <param name="emulator">QEMU's version; null where it is not known.</param>
    public static string ModelFor(string cpuModel, Version? emulator)
    {
        ArgumentNullException.ThrowIfNull(cpuModel);
        return emulator >= Sound || cpuModel.Contains("smap", StringComparison.Ordinal) ? cpuModel : $"{cpuModel},-smap";
    }
}
