using HvLab.Probes.Native.Linux;
using HvLab.Probes.Native.Xen;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Ioreq;

/// <summary>One device model with its server: the page of requests, its event channels, and the requests that it was shown.</summary>
internal sealed class DeviceModel : IDisposable
{
    private const uint IoreqServerResource = 0; // XENMEM_resource_ioreq_server of memory.h
    private const ulong FirstIoreqFrame = 1; // XENMEM_resource_ioreq_server_frame_ioreq(0)

    private readonly XenDomain _domain;
    private readonly XenEventChannels _channels;
    private readonly RequestPage _page;
    private readonly Dictionary<int, int> _ports = [];
    private readonly Dictionary<int, IoRequest> _shown = [];

    private DeviceModel(XenDomain domain, XenEventChannels channels, ushort id, RequestPage page) =>
        (_domain, _channels, Id, _page) = (domain, channels, id, page);

    /// <summary>Xen's number of the server.</summary>
    public ushort Id { get; }

    public static DeviceModel? TryCreate(XenDomain domain, XenEventChannels channels, out Errno errno)
    {
        errno = domain.Host.DeviceModel.CreateServer(domain.Number, out var id);
        if (errno != Errno.None)
            return null;
        var mapping = domain.Host.ForeignMemory.TryMapResource(domain.Number, IoreqServerResource, id, FirstIoreqFrame, 1, out var failed)
            ?? throw new NativeCallException("xenforeignmemory_map_resource(ioreq_server)", failed);
        return new(domain, channels, id, new(mapping));
    }

    public Errno SetState(bool enabled)
    {
        var errno = _domain.Host.DeviceModel.SetServerState(_domain.Number, Id, enabled);
        if (errno == Errno.None && enabled && _ports.Count == 0)
            foreach (var vcpu in _domain.Vcpus)
            {
                var port = _channels.Bind(_domain.Number, _page.PortOf(vcpu.Index), out var failed);
                failed.Require("xenevtchn_bind_interdomain");
                _ports[vcpu.Index] = port;
            }
        return errno;
    }

    /// <summary>The request of this vCPU that waits for an answer; taken when it is first seen.</summary>
    public IoRequest? Pending(int vcpu)
    {
        if (_shown.TryGetValue(vcpu, out var shown))
            return shown;
        if (_page.Take(vcpu) is not { } request)
            return null;
        _shown[vcpu] = request;
        return request;
    }

    public bool HasShown(int vcpu) => _shown.ContainsKey(vcpu);

    public void Respond(int vcpu, uint data)
    {
        _page.Answer(vcpu, !_shown[vcpu].IsWrite, data);
        _shown.Remove(vcpu);
        _channels.Notify(_ports[vcpu]).Require("xenevtchn_notify");
    }

    /// <summary>Lets go of everything that this process has of the server.</summary>
    public void Dispose()
    {
        foreach (var port in _ports.Values)
            _ = _channels.Unbind(port); // its other end may be gone
        _ports.Clear();
        _page.Dispose();
    }
}
