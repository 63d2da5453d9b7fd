// The lab runs on Linux: file modes and signals are used without asking.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
