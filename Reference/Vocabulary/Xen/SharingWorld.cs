using System.Text;
using System.Text.Json.Serialization;

namespace HvLab.Reference.Xen;

/// <summary>What a page holds: <paramref name="Fill"/> in every word but the three that are written.</summary>
public readonly record struct SharingContent(uint Fill, uint First, uint Middle, uint Last)
{
    public static SharingContent Filled(uint value) => new(value, value, value, value);

    public uint this[SharingWord word] => word switch { SharingWord.First => First, SharingWord.Middle => Middle, _ => Last };

    public SharingContent With(SharingWord word, uint value) => word switch
    {
        SharingWord.First => this with { First = value },
        SharingWord.Middle => this with { Middle = value },
        _ => this with { Last = value },
    };

    public override string ToString()
    {
        if (this == Filled(Fill))
            return $"{Fill:x}";
        var text = new StringBuilder($"{Fill:x}(");
        foreach (var word in Enum.GetValues<SharingWord>())
            if (this[word] != Fill)
                text.Append($"{(text[^1] == '(' ? "" : " ")}{word.ToString().ToLowerInvariant()} {this[word]:x}");
        return text.Append(')').ToString();
    }
}

public enum SharingPageState
{
    /// <summary>Dom0 can map it.</summary>
    Present,
    /// <summary>Nothing is there.</summary>
    Hole,
    /// <summary>With the pager: nobody looks, since looking would ask the pager.</summary>
    PagedOut,
    /// <summary>Its words disagree: no copy of any page that was ever written.</summary>
    Torn,
}

/// <summary>One watched page, after an operation.</summary>
/// <param name="Content">As dom0 reads it through a read-only map; zero where the page is not <see cref="SharingPageState.Present"/>.</param>
/// <param name="GuestDisagrees">A vCPU at rest that reads something else than dom0, or null.</param>
/// <param name="GuestIsSilent">A vCPU at rest that was told to read the page and never did, or null.</param>
public readonly record struct SharingPageView(
    SharingPageState State, SharingContent Content = default, VcpuId? GuestDisagrees = null, VcpuId? GuestIsSilent = null)
{
    public override string ToString() => State switch
    {
        SharingPageState.Present => $"{Content}",
        SharingPageState.Hole => "-",
        SharingPageState.PagedOut => "out",
        _ => "torn",
    } + (GuestDisagrees is { } vcpu ? $"!{vcpu} reads another" : "") + (GuestIsSilent is { } silent ? $"!{silent} does not answer" : "");
}

public enum SharingLife
{
    Running, Paused, Crashed,
    /// <summary>Destroyed, and something still holds it: no such domain is left when nothing leaks.</summary>
    Dying,
    Gone,
}

/// <summary>One domain, after an operation.</summary>
/// <param name="Owned">tot_pages, less what it was when the domain was made.</param>
/// <param name="Shared">shr_pages.</param>
/// <param name="PagedOut">paged_pages.</param>
public readonly record struct SharingDomainView(
    SharingLife Life, int Owned, int Shared, int PagedOut,
    [property: JsonConverter(typeof(SharingPageViews))] ValueList<SharingPageView> Pages)
{
    public static SharingDomainView Gone => new(SharingLife.Gone, 0, 0, 0, []);

    public override string ToString() =>
        Life == SharingLife.Gone ? "gone" : $"{Life.ToString().ToLowerInvariant()} {Owned:+0;-0;0} shr {Shared} {(PagedOut == 0 ? "" : $"out {PagedOut} ")}{string.Join(' ', Pages)}";
}

/// <summary>Everything that an answer looks at besides its own operation.</summary>
/// <param name="Freed">xc_sharing_freed_pages, less what it was at the start.</param>
/// <param name="Used">xc_sharing_used_frames, less what it was at the start.</param>
/// <param name="AuditErrors">xc_memshr_audit; the negative errno where it cannot be asked.</param>
/// <param name="Maps">What dom0 reads through each foreign map that it holds; null for names without one.</param>
public sealed record SharingWorld(
    int Freed, int Used, int AuditErrors,
    [property: JsonConverter(typeof(SharingDomainViews))] ValueList<SharingDomainView> Domains,
    [property: JsonConverter(typeof(SharingMapViews))] ValueList<SharingPageView?> Maps)
{
    public override string ToString()
    {
        var text = new StringBuilder($"freed {Freed}, used {Used}");
        if (AuditErrors != 0)
            text.Append($", audit {AuditErrors}");
        for (var index = 0; index < Domains.Count; index++)
            text.Append($"; {new SharingDomain(index)}: {Domains[index]}");
        for (var index = 0; index < Maps.Count; index++)
            if (Maps[index] is { } view)
                text.Append($"; {new SharingMap(index)}: {view}");
        return text.ToString();
    }
}

public sealed class SharingPageViews : ValueListConverter<SharingPageView>;
public sealed class SharingDomainViews : ValueListConverter<SharingDomainView>;
public sealed class SharingMapViews : ValueListConverter<SharingPageView?>;
public sealed class SharingHandles : ValueListConverter<SharingHandle>;
public sealed class SharingGfns : ValueListConverter<Gfn>;
