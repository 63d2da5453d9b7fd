using HvLab.Probes.Host;
using HvLab.Probes.Kvm.AsyncPf;
using HvLab.Probes.Xen.Domains;
using HvLab.Probes.Xen.Ioreq;
using HvLab.Probes.Xen.Paging;
using HvLab.Probes.Xen.Sharing;

// One line a subsystem: its name in plans, and its probe.
using var asyncPf = new AsyncPfSubsystem();
using var xen = XenHost.IsHere ? new XenHost() : null;
return new ProbeSession(new()
{
    ["kvm-async-pf"] = asyncPf,
    ["xen-ioreq"] = new IoreqSubsystem(xen),
    ["xen-paging"] = new PagingSubsystem(xen),
    ["xen-sharing"] = new SharingSubsystem(xen),
}, Console.OpenStandardInput(), Console.OpenStandardOutput()).Run();
