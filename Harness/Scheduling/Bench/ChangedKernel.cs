namespace HvLab.Harness.Scheduling.Bench;

/// <summary>
/// A kernel file that nothing has seen before and that boots like the original: bytes after the end of a bzImage change its
/// hash and nothing else, since its header says how long the packed kernel is (Documentation/arch/x86/boot.rst,
/// payload_offset and payload_length). To every cache it is what a rebuilt kernel is.
/// </summary>
public static class ChangedKernel
{
    public static async Task WriteAsync(string image, string target, CancellationToken cancellation)
    {
        await using var from = File.OpenRead(image);
        await using var to = File.Create(target);
        await from.CopyToAsync(to, cancellation);
        await to.WriteAsync(Guid.NewGuid().ToByteArray(), cancellation);
    }
}
