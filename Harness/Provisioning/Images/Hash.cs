using System.Security.Cryptography;
using System.Text;

namespace HvLab.Harness.Provisioning.Images;

/// <summary>Keys of cache entries.</summary>
internal static class Hash
{
    /// <summary>SHA-256 in lower-case hex over lines of text.</summary>
    public static string Of(IEnumerable<string> parts) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))));

    public static async Task<string> OfFileAsync(string path, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
    }
}
