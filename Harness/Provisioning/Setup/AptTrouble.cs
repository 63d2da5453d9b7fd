using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Provisioning.Setup;

/// <summary>Turns what apt said when it failed into one paragraph with what to do next.</summary>
public static class AptTrouble
{
    /// <param name="what">What was being done, for instance "installing qemu-system-x86".</param>
    /// <param name="byHand">The command a user can type instead.</param>
    public static LabException Explain(string what, string byHand, CommandResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var words = result.Error + "\n" + result.Output;
        if (Has("No space left on device"))
            return new(LabFault.DiskFull, $"The disk became full while {what}. Free about 1 GiB and run the command again.", words);
        var (cause, next) =
            Has("a password is required", "a terminal is required", "not in the sudoers", "sudo: not found")
                ? ("it needs root, and sudo does not answer without a password", $"Type '{byHand}' yourself (or run 'sudo -v' first), then run the command again")
            : Has("Could not get lock", "Unable to acquire the dpkg frontend lock", "is another process using it")
                ? ("another package manager holds dpkg's lock", "Wait until it has finished (the text below names its process), then run the command again")
            : Has("dpkg was interrupted")
                ? ("an earlier installation on this machine was interrupted", "Type 'sudo dpkg --configure -a', then run the command again")
            : Has("Temporary failure resolving", "Could not resolve", "Could not connect", "Network is unreachable",
                  "Connection timed out", "Connection failed", "Unable to connect", "Unable to fetch", "Failed to fetch")
                ? ("the package mirror could not be reached, or lacks a file", $"Check the network and the proxy ('apt-get update' shows the same), or install by hand on a machine with another mirror: '{byHand}'")
            : Has("Unable to locate package", "has no installation candidate", "is not available")
                ? ("the machine's package sources do not offer it", $"Run 'sudo apt-get update' and check the sources below /etc/apt, then '{byHand}'")
            : Has("are you root", "Permission denied")
                ? ("it needs root", $"Type '{byHand}' with sudo, then run the command again")
            : ($"apt ended with exit code {result.ExitCode}", $"Its own words are below; '{byHand}' repeats it by hand");
        return new(LabFault.MissingTool, $"The lab stopped while {what}: {cause}. {next}.", words);

        bool Has(params ReadOnlySpan<string> signs)
        {
            foreach (var sign in signs)
                if (words.Contains(sign, StringComparison.OrdinalIgnoreCase))
                    return true;
            return false;
        }
    }
}
