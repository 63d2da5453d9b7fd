using System.Text.Json.Serialization;

namespace HvLab.Reference.Xen;

/// <summary>A domain as Xen numbers it; 0 is the control domain.</summary>
public readonly record struct DomId(ushort Value)
{
    public static DomId Control => new(0);
    public override string ToString() => $"dom{Value}";
}

/// <summary>Machine frame number: a machine address divided by 4096.</summary>
public readonly record struct Mfn(ulong Value)
{
    public override string ToString() => $"mfn 0x{Value:x}";
}

/// <summary>An error number as Xen's calls return it: 0 is success. Known by the names of errno.h.</summary>
public readonly record struct XenError(int Value)
{
    public static readonly XenError
        None = new(0), Eperm = new(1), Enoent = new(2), Ebadf = new(9), Echild = new(10), Eagain = new(11), Enomem = new(12),
        Eacces = new(13), Efault = new(14), Ebusy = new(16), Eexist = new(17), Exdev = new(18), Enodev = new(19), Einval = new(22),
        Emlink = new(31), Erange = new(34), Enosys = new(38), Eopnotsupp = new(95), Esrch = new(3), Enxio = new(6), E2big = new(7);

    private static readonly Dictionary<int, string> s_names = new()
    {
        [0] = "0", [1] = "EPERM", [2] = "ENOENT", [3] = "ESRCH", [6] = "ENXIO", [7] = "E2BIG", [9] = "EBADF", [10] = "ECHILD", [11] = "EAGAIN",
        [12] = "ENOMEM", [13] = "EACCES", [14] = "EFAULT", [16] = "EBUSY", [17] = "EEXIST", [18] = "EXDEV", [19] = "ENODEV",
        [22] = "EINVAL", [31] = "EMLINK", [34] = "ERANGE", [38] = "ENOSYS", [84] = "EILSEQ", [95] = "EOPNOTSUPP",
    };

    [JsonIgnore]
    public bool IsSuccess => Value == 0;
    public override string ToString() => s_names.GetValueOrDefault(Value, $"errno {Value}");
}
