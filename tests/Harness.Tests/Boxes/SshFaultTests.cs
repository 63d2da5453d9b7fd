using HvLab.Harness.Drivers.Ssh;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Tests.Boxes;

internal sealed class SshFaultTests
{
    private static readonly SshEndpoint Endpoint = new("127.0.0.1", 1, "/keys/my key", "/keys/known_hosts");

    [TestCase("ssh: connect to host 127.0.0.1 port 1: Connection refused", SshFault.Refused)]
    [TestCase("Connection timed out during banner exchange\nConnection to 127.0.0.1 port 1 timed out", SshFault.Slow)]
    [TestCase("Host key for hvlab-box has changed and you have requested strict checking.\nHost key verification failed.", SshFault.HostKey)]
    [TestCase("No ED25519 host key is known for hvlab-box and you have requested strict checking.\nHost key verification failed.", SshFault.HostKey)]
    [TestCase("root@127.0.0.1: Permission denied (publickey).", SshFault.Denied)]
    [TestCase("kex_exchange_identification: read: Connection reset by peer\nConnection reset by 127.0.0.1 port 1", SshFault.ClosedEarly)]
    [TestCase("Connection to 127.0.0.1 closed by remote host.", SshFault.Dropped)]
    [TestCase("Timeout, server 127.0.0.1 not responding.", SshFault.Dropped)]
    [TestCase("client_loop: send disconnect: Broken pipe", SshFault.Dropped)]
    public void The_clients_words_are_understood(string words, SshFault fault)
    {
        Assert.That(SshFaults.Classify(255, words), Is.EqualTo(fault));
        var told = SshFaults.Describe(fault, Endpoint, words);
        Assert.That(told.Reason, Is.EqualTo(LabFault.Ssh));
        Assert.That(told.Message, Does.Contain("port 1").And.Not.Contain("\n"));
        Assert.That(told.Evidence, Does.Contain(words.Split('\n')[0]));
    }

    [Test]
    public void A_remote_program_may_end_with_255_itself() => Assert.That(SshFaults.Classify(255, "my own trouble"), Is.Null);

    [Test]
    public void Other_exit_codes_are_the_remote_programs() => Assert.That(SshFaults.Classify(1, "Connection refused"), Is.Null);

    [Test]
    public void The_users_own_files_agents_and_forwards_play_no_part()
    {
        var arguments = SshArguments.ForCommand(Endpoint, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30), "exec true");
        Assert.That(arguments, Is.SupersetOf([
            "/dev/null", "StrictHostKeyChecking=yes", "UserKnownHostsFile=\"/keys/known_hosts\"", "IdentityFile=\"/keys/my key\"",
            "HostKeyAlias=hvlab-box", "ForwardAgent=no", "IdentityAgent=none", "IdentitiesOnly=yes", "BatchMode=yes"]));
        Assert.That(arguments[^1], Is.EqualTo("exec true"));
    }
}
