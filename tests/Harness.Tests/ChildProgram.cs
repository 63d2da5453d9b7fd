using HvLab.Harness.Tests.Images;

namespace HvLab.Harness.Tests;

/// <summary>The test assembly as a program: tests that kill a process start it with a word of their own.</summary>
internal static class ChildProgram
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [CacheChild.Word, var root])
            return 2;
        await CacheChild.RunAsync(root);
        return 0;
    }
}
