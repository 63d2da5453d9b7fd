using HvLab.Reference;
using HvLab.Reference.Kvm;
using static HvLab.Reference.Kvm.AsyncPfEnable;
using static HvLab.Reference.Kvm.AsyncPfOp;

namespace HvLab.Harness.Scenarios.Kvm;

/// <summary>The scenarios of <see cref="AsyncPfScenario.SubsystemName"/>; this file holds the words that they are written in.</summary>
public static partial class AsyncPfScenarios
{
    public static IReadOnlyList<AsyncPfScenario> All =>
    [
        .. Delivery, .. Bounds, .. Holding, .. Conditions, .. Lapics, .. Msrs, .. Disabling, .. SharedAreas, .. Lifetimes, .. TwoVcpus,
    ];

    internal const byte ReadyVector = 0xf3;

    private static VcpuId Cpu0 => new(0);
    private static VcpuId Cpu1 => new(1);
    private static Gfn A => Page(0);
    private static Gfn B => Page(1);
    private static Gfn C => Page(2);

    private static Gfn Page(int index) => new(AsyncPfGuest.FirstPaged.Value + (ulong)index);

    private static ulong EnableBits(VcpuId vcpu, ulong more) => AsyncPfGuest.SharedArea(vcpu).Value | Enabled | DeliveryAsInterrupt | more;

    /// <summary>Enables as a Linux guest does, and takes the broadcast that follows.</summary>
    private static AsyncPfOp[] Enable(VcpuId vcpu, ulong more = SendAlways) =>
    [
        new WriteMsr(vcpu, AsyncPfMsr.Interrupt, ReadyVector), new WriteMsr(vcpu, AsyncPfMsr.Enable, EnableBits(vcpu, more)),
        .. TakeReady(vcpu),
    ];

    private static AsyncPfOp[] TakeReady(VcpuId vcpu) => [new Idle(vcpu), new Acknowledge(vcpu)];

    private static AsyncPfOp Read(VcpuId vcpu, Gfn page) => new Touch(vcpu, page, Access.Read, GuestMode.Kernel);
    private static AsyncPfOp ReadUser(VcpuId vcpu, Gfn page) => new Touch(vcpu, page, Access.Read, GuestMode.UserSpace);

    /// <summary>A fault from its start to the access's end.</summary>
    private static AsyncPfOp[] WholeFault(VcpuId vcpu, Gfn page) => [Read(vcpu, page), new Supply(page), .. TakeReady(vcpu), Read(vcpu, page)];

    private static IEnumerable<T> ForEach<T>(int count, Func<int, T> make) => Enumerable.Range(0, count).Select(make);
    private static IEnumerable<T> ForEach<T>(int count, Func<int, T[]> make) => Enumerable.Range(0, count).SelectMany(make);
}
