using System.Text;
using HvLab.Reference.Kvm;
using static HvLab.Reference.Kvm.AsyncPfOp;

namespace HvLab.Reference.Models.Kvm;

/// <summary>States of <see cref="AsyncPfModel"/> in abstract words: the vCPU and the page that an operation is about.</summary>
internal static class AsyncPfShape
{
    public static string Of(AsyncPfModel state, AsyncPfOp operation)
    {
        if (state.Life != VmLife.Alive)
            return $"VM {state.Life.ToString().ToLowerInvariant()}";
        var text = new StringBuilder();
        if (VcpuOf(operation) is { } id && id.Value < state.Vcpus.Count)
            Append(text, state, state.Vcpus[id.Value]);
        Gfn? about = operation switch
        {
            Touch op => op.Page,
            AwaitRequest op => op.Page,
            Supply op => op.Page,
            Evict op => op.Page,
            _ => null,
        };
        if (about is { } page)
            text.Append(text.Length > 0 ? "; " : "").Append(PageOf(state, page));
        if (VcpuOf(operation) is null)
            text.Append(text.Length > 0 ? "; " : "").Append(state.Vcpus.Any(cpu => !cpu.AtRest) ? "a vCPU is busy" : "all at rest");
        if (state.MemslotRemoved)
            text.Append("; no memslot");
        return text.ToString();
    }

    private static void Append(StringBuilder text, AsyncPfModel state, AsyncPfVcpu cpu)
    {
        text.Append(!cpu.Enabled ? "off" : cpu.SendAlways ? "always" : "user-only");
        if (cpu.AreaRefused)
            text.Append(", refused area");
        else if (cpu.Enabled && state.Setup.IsPaged(cpu.SharedPage))
            text.Append(state.Present.Contains(state.Setup.IndexOf(cpu.SharedPage)) ? ", paged area" : ", area missing");
        if (cpu.Lapic != Lapic.On)
            text.Append(", LAPIC off");
        if (cpu.Held != Token.None)
            text.Append(", slot held");
        if (cpu.WakeAll != WakeAll.None)
            text.Append(", broadcast to come");
        if (cpu.Latched.Count > 0)
            text.Append(", perhaps latched");
        var (waiting, told, silent) = (0, 0, 0);
        foreach (ref readonly var fault in cpu.Faults.AsSpan())
            if (!fault.Arriving) waiting++;
            else if (fault.Told) told++;
            else silent++;
        text.Append(Many(waiting, "waiting")).Append(Many(told, "ready")).Append(Many(silent, "silently ready"));
        if (!cpu.AtRest)
            text.Append($", {cpu.Now.Kind.ToString().ToLowerInvariant()}");
        if (cpu.InHandler)
            text.Append(" in handler");
        if (cpu.AtPager is not null)
            text.Append(" at pager");
    }

    private static string Many(int count, string what) => count switch { 0 => "", 1 => $", one {what}", _ => $", some {what}" };

    private static string PageOf(AsyncPfModel state, Gfn page) =>
        !state.Setup.IsPaged(page) ? "RAM"
        : state.Present.Contains(state.Setup.IndexOf(page)) ? "page there"
        : state.Vcpus.Any(cpu => cpu.WaitsFor(page) || cpu.AtPager == page) ? "page asked for"
        : state.Vcpus.Any(cpu => cpu.HasArrived(page)) ? "page gone again"
        : "page missing";
}
