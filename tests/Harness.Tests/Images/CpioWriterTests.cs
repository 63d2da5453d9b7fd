using HvLab.Harness.Provisioning.Images;

namespace HvLab.Harness.Tests.Images;

public sealed class CpioWriterTests
{
    private static async Task<byte[]> WriteAsync(params (string Path, byte[] Content)[] files)
    {
        var archive = new CpioWriter();
        foreach (var (path, content) in files)
            archive.AddFile(path, content);
        using var stream = new MemoryStream();
        await archive.WriteAsync(stream, CancellationToken.None);
        return stream.ToArray();
    }

    [Test]
    public async Task The_order_of_adding_does_not_change_the_archive()
    {
        var one = await WriteAsync(("b/c", [1]), ("a", [2, 3]));
        var other = await WriteAsync(("a", [2, 3]), ("b/c", [1]));
        Assert.That(other, Is.EqualTo(one));
    }

    [Test]
    public async Task Every_file_comes_back_with_its_bytes_after_its_directory()
    {
        var entries = CpioReader.Read(await WriteAsync(("etc/ssh/odd", [1, 2, 3, 4, 5]), ("init", []), ("z", [9])));
        Assert.Multiple(() =>
        {
            Assert.That(entries.Select(e => e.Name), Is.EqualTo(new[] { "etc", "etc/ssh", "etc/ssh/odd", "init", "z", "TRAILER!!!" }));
            Assert.That(entries.Single(e => e.Name == "etc/ssh/odd").Content, Is.EqualTo(new byte[] { 1, 2, 3, 4, 5 }));
            Assert.That(entries.Single(e => e.Name == "etc").Mode, Is.EqualTo(0x41ED));
            Assert.That(entries.Take(5).Select(e => e.Inode), Is.Unique);
        });
    }

    [Test]
    public void A_path_that_leaves_the_root_is_refused([Values("/init", "a/../b", "a//b", "./a", "")] string path) =>
        Assert.That(() => new CpioWriter().AddFile(path, Array.Empty<byte>()), Throws.ArgumentException);

    [Test]
    public async Task The_real_image_holds_init_sshd_and_modules_in_two_archives_and_no_private_client_key()
    {
        var artifacts = await new ImageBuilder(Lab.Paths, Lab.Bounds, TimeProvider.System).EnsureAsync(Lab.Kvm61, Lab.Progress, CancellationToken.None);
        var entries = CpioReader.Read(await File.ReadAllBytesAsync(artifacts.Initramfs));
        var order = System.Text.Encoding.ASCII.GetString(entries.Single(e => e.Name == "lib/modules/order").Content).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var client = await File.ReadAllTextAsync(artifacts.SshPrivateKey);
        Assert.Multiple(() =>
        {
            Assert.That(entries.Count(e => e.Name == "TRAILER!!!"), Is.EqualTo(2));
            Assert.That(entries.Select(e => e.Name), Is.SupersetOf(new[] { "init", "bin/busybox", "bin/sh", "usr/sbin/sshd", "lib64/ld-linux-x86-64.so.2" }));
            Assert.That(order, Is.SupersetOf(new[] { "virtio_net", "irqbypass", "ccp", "kvm", "kvm_amd" }));
            Assert.That(Array.IndexOf(order, "kvm"), Is.LessThan(Array.IndexOf(order, "kvm_amd")));
            Assert.That(entries.Where(e => e.Content.Length == client.Length).Any(e => System.Text.Encoding.ASCII.GetString(e.Content) == client), Is.False);
        });
    }
}

/// <summary>Reads concatenated newc archives, as the kernel does: written apart from the writer, from the format's description.</summary>
internal static class CpioReader
{
    internal sealed record Entry(string Name, int Inode, int Mode, byte[] Content);

    public static List<Entry> Read(byte[] bytes)
    {
        var entries = new List<Entry>();
        for (var at = 0; at < bytes.Length;)
        {
            Assert.That(System.Text.Encoding.ASCII.GetString(bytes, at, 6), Is.EqualTo("070701"));
            int Field(int index) => Convert.ToInt32(System.Text.Encoding.ASCII.GetString(bytes, at + 6 + index * 8, 8), 16);
            var (nameSize, size, inode, mode) = (Field(11), Field(6), Field(0), Field(1));
            var name = System.Text.Encoding.UTF8.GetString(bytes, at + 110, nameSize - 1);
            var content = (at + 110 + nameSize + 3) & ~3;
            entries.Add(new(name, inode, mode, bytes[content..(content + size)]));
            at = (content + size + 3) & ~3;
        }
        return entries;
    }
}
