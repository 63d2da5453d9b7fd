using HvLab.Probes.Host;
using HvLab.Probes.Kvm.AsyncPf;
using HvLab.Probes.Xen.Domains;
using HvLab.Probes.Xen.Ioreq;
using HvLab.Probes.Xen.Paging;

// One line a subsystem: its name in plans, and its probe.
using var asyncPf = new AsyncPfSubsystem();
using var xen = XenHost.IsHere ? new XenHost() : null;
return await new ProbeSession(new()
{
    ["kvm-async-pf"] = asyncPf,
    ["xen-ioreq"] = new IoreqSubsystem(xen),
    ["xen-paging"] = new PagingSubsystem(xen),
}, Console.OpenStandardInput(), Console.OpenStandardOutput()).RunAsync();
