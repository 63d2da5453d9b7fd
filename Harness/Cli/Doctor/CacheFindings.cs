using System.Globalization;
using HvLab.Harness.Provisioning.Cache;

namespace HvLab.Harness.Cli.Doctor;

/// <summary>Whether what was built and kept is still what was built: every file is read and compared with its hash.</summary>
internal static class CacheFindings
{
    private const string What = "Cached builds", Needed = "as they were built";

    public static async Task<IReadOnlyList<DoctorFinding>> OfAsync(Session session, CancellationToken cancellation)
    {
        var root = session.Paths.Cache;
        try
        {
            var corrupt = await new ContentCache(root, session.BoundsOrDefaults(), session.Clock).FindCorruptAsync(cancellation);
            return corrupt.Count == 0
                ? [new("Machine", What, "every file has its hash", Needed)]
                : [.. corrupt.Select(entry => new DoctorFinding("Machine", What, string.Create(CultureInfo.InvariantCulture, $"{entry} was changed after it was built"),
                    Needed, "Remove that directory; the next run builds it again."))];
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return [new("Machine", What, refused.Message, Needed, "Correct the permissions below the cache directory.", Blocks: true)];
        }
    }
}
