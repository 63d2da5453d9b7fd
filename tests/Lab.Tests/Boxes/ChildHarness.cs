namespace HvLab.Lab.Tests.Boxes;

/// <summary>A harness in a process of its own: powers a box on, says QEMU's process id, and waits to be killed.</summary>
internal static class ChildHarness
{
    public static async Task<int> Main(string[] arguments)
    {
        using var lab = new BoxFixture(arguments[0]);
        await using var host = await lab.ProvisionAsync();
        await Console.Out.WriteLineAsync($"{host.EmulatorPid}");
        await Task.Delay(Timeout.Infinite);
        return 0;
    }
}
