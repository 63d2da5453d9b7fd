using HvLab.Harness.Provisioning.Images;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>
/// An initramfs with the probe as one more archive: a cold box has it when it boots. Measured against an upload, which costs
/// an emulated CPU an SSH handshake and the encryption of 5 MB.
/// </summary>
internal static class ProbeInitramfs
{
    /// <returns>The target.</returns>
    public static async Task<string> WriteAsync(string initramfs, string probe, string target, CancellationToken cancellation)
    {
        // The kernel takes archives one after the other, zeros between them (buffer-format.rst).
        File.Copy(initramfs, target);
        await using var file = new FileStream(target, FileMode.Append);
        await file.WriteAsync(new byte[(4 - (int)(file.Length & 3)) & 3], cancellation);
        var archive = new CpioWriter();
        archive.AddFile(BoxPlan.RemoteProbe.TrimStart('/'), probe, 0x1ED /* 0755 */);
        await archive.WriteAsync(file, cancellation);
        return target;
    }
}
