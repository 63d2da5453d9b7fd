using HvLab.Probes.Host;
using HvLab.Probes.Kvm.AsyncPf;

// One line a subsystem: its name in plans, and its probe.
using var asyncPf = new AsyncPfSubsystem();
return await new ProbeSession(new() { ["kvm-async-pf"] = asyncPf }, Console.OpenStandardInput(), Console.OpenStandardOutput()).RunAsync();
