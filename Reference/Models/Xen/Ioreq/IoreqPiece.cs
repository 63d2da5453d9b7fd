using HvLab.Reference.Xen;

namespace HvLab.Reference.Models.Xen.Ioreq;

/// <summary>A part of an access that is forwarded as one request, or not at all.</summary>
/// <param name="Element">Which element of a string instruction; 0 for others.</param>
/// <param name="Offset">Where in the element's data the piece begins, in bytes.</param>
internal readonly record struct IoreqPiece(ulong Address, int Size, int Element, int Offset)
{
    public Gfn Page => new(Address / Gfn.PageSize);

    /// <summary>The writes of an access, in Xen's order; empty for one that only reads.</summary>
    public static List<IoreqPiece> Of(GuestAccess access)
    {
        var pieces = new List<IoreqPiece>();
        switch (access)
        {
            case GuestAccess.Write write:
                Add(pieces, write.Address.Value, 4, 0);
                break;
            case GuestAccess.Add add:
                Add(pieces, add.Address.Value, 4, 0);
                break;
            case GuestAccess.Store store:
                for (var element = 0; element < store.Count; element++)
                    Add(pieces, store.Address.Value + (ulong)element, 1, element);
                break;
            case GuestAccess.Copy copy:
                for (var element = 0; element < copy.Count; element++)
                    Add(pieces, copy.To.Value + (8 * (ulong)element), 8, element);
                break;
        }
        return pieces;
    }

    // "Split the access at the page boundary", then "choose the highest power of 2 not exceeding sizeof(long)".
    private static void Add(List<IoreqPiece> pieces, ulong address, int size, int element)
    {
        var offset = 0;
        while (offset < size)
        {
            var inPage = Math.Min(size - offset, Gfn.PageSize - (int)((address + (ulong)offset) % Gfn.PageSize));
            for (var chunk = 8; inPage > 0; chunk /= 2)
                while (chunk <= inPage)
                {
                    pieces.Add(new(address + (ulong)offset, chunk, element, offset));
                    offset += chunk;
                    inPage -= chunk;
                }
        }
    }
}
