using System.Text.Json.Serialization;

namespace HvLab.Reference.Xen;

/// <summary>One step of a plan; see <see cref="ISharing{TAnswer}"/> for what each means.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "op")]
[JsonDerivedType(typeof(Control), "control")]
[JsonDerivedType(typeof(Nominate), "nominate")]
[JsonDerivedType(typeof(Share), "share")]
[JsonDerivedType(typeof(AddToPhysmap), "add-to-physmap")]
[JsonDerivedType(typeof(RangeShare), "range-share")]
[JsonDerivedType(typeof(CountReferences), "count-references")]
[JsonDerivedType(typeof(Write), "write")]
[JsonDerivedType(typeof(Read), "read")]
[JsonDerivedType(typeof(Await), "await")]
[JsonDerivedType(typeof(Map), "map")]
[JsonDerivedType(typeof(WriteMap), "write-map")]
[JsonDerivedType(typeof(Unmap), "unmap")]
[JsonDerivedType(typeof(SetSpare), "set-spare")]
[JsonDerivedType(typeof(Remove), "remove")]
[JsonDerivedType(typeof(Populate), "populate")]
[JsonDerivedType(typeof(EnableRing), "enable-ring")]
[JsonDerivedType(typeof(DisableRing), "disable-ring")]
[JsonDerivedType(typeof(TakeRequest), "take-request")]
[JsonDerivedType(typeof(Respond), "respond")]
[JsonDerivedType(typeof(Resume), "resume")]
[JsonDerivedType(typeof(LogDirty), "log-dirty")]
[JsonDerivedType(typeof(ReadDirty), "read-dirty")]
[JsonDerivedType(typeof(EnablePaging), "enable-paging")]
[JsonDerivedType(typeof(PageOut), "page-out")]
[JsonDerivedType(typeof(PageIn), "page-in")]
[JsonDerivedType(typeof(Pause), "pause")]
[JsonDerivedType(typeof(Unpause), "unpause")]
[JsonDerivedType(typeof(Destroy), "destroy")]
[JsonDerivedType(typeof(Create), "create")]
public abstract record SharingOp
{
    private SharingOp() { } // closed: only the cases below

    public abstract T On<T>(ISharing<T> subject);

    public sealed record Control(SharingDomain Domain, bool Enable) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Control(Domain, Enable);
        public override string ToString() => $"{Domain}'s sharing is switched {(Enable ? "on" : "off")}";
    }

    public sealed record Nominate(SharingDomain Domain, Gfn Page, SharingHandle Into) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Nominate(Domain, Page, Into);
        public override string ToString() => $"nominate {Domain}'s {Page} as {Into}";
    }

    public sealed record Share(SharingPage Source, SharingHandle SourceHandle, SharingPage Client, SharingHandle ClientHandle) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Share(Source, SourceHandle, Client, ClientHandle);
        public override string ToString() => $"share {Source} ({SourceHandle}) with {Client} ({ClientHandle})";
    }

    public sealed record AddToPhysmap(SharingPage Source, SharingHandle SourceHandle, SharingPage Client) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.AddToPhysmap(Source, SourceHandle, Client);
        public override string ToString() => $"add {Source} ({SourceHandle}) to the physmap as {Client}";
    }

    public sealed record RangeShare(SharingDomain Source, SharingDomain Client, Gfn First, Gfn Last) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.RangeShare(Source, Client, First, Last);
        public override string ToString() => $"share the range {First} to {Last} of {Source} with {Client}";
    }

    public sealed record CountReferences(SharingDomain Domain, Gfn Page) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.CountReferences(Domain, Page);
        public override string ToString() => $"count the references of {Domain}'s {Page}";
    }

    public sealed record Write(SharingDomain Domain, VcpuId Vcpu, Gfn Page, SharingWord Word, uint Value) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Write(Domain, Vcpu, Page, Word, Value);
        public override string ToString() => $"{Domain}'s {Vcpu} writes {Value:x} to the {Word} word of {Page}";
    }

    public sealed record Read(SharingDomain Domain, VcpuId Vcpu, Gfn Page, SharingWord Word) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Read(Domain, Vcpu, Page, Word);
        public override string ToString() => $"{Domain}'s {Vcpu} reads the {Word} word of {Page}";
    }

    public sealed record Await(SharingDomain Domain, VcpuId Vcpu) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Await(Domain, Vcpu);
        public override string ToString() => $"{Domain}'s {Vcpu} goes on";
    }

    public sealed record Map(SharingMap Into, SharingDomain Domain, Gfn Page, bool Writable) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Map(Into, Domain, Page, Writable);
        public override string ToString() => $"dom0 maps {Domain}'s {Page} {(Writable ? "writable" : "read-only")} as {Into}";
    }

    public sealed record WriteMap(SharingMap Through, SharingWord Word, uint Value) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.WriteMap(Through, Word, Value);
        public override string ToString() => $"dom0 writes {Value:x} to the {Word} word of {Through}";
    }

    public sealed record Unmap(SharingMap From) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Unmap(From);
        public override string ToString() => $"dom0 unmaps {From}";
    }

    public sealed record SetSpare(SharingDomain Domain, int Spare) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.SetSpare(Domain, Spare);
        public override string ToString() => $"{Domain} may have {Spare} pages more than it owns";
    }

    public sealed record Remove(SharingDomain Domain, Gfn Page) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Remove(Domain, Page);
        public override string ToString() => $"{Domain}'s {Page} is taken out";
    }

    public sealed record Populate(SharingDomain Domain, Gfn Page) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Populate(Domain, Page);
        public override string ToString() => $"{Domain}'s {Page} is populated";
    }

    public sealed record EnableRing(SharingDomain Domain) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.EnableRing(Domain);
        public override string ToString() => $"a helper attaches to {Domain}";
    }

    public sealed record DisableRing(SharingDomain Domain) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.DisableRing(Domain);
        public override string ToString() => $"{Domain}'s helper detaches";
    }

    public sealed record TakeRequest(SharingDomain Domain) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.TakeRequest(Domain);
        public override string ToString() => $"{Domain}'s helper takes a request";
    }

    public sealed record Respond(SharingDomain Domain, SharingKick Kick) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Respond(Domain, Kick);
        public override string ToString() => $"{Domain}'s helper responds, and kicks by {(Kick == SharingKick.Event ? "event channel" : "resume")}";
    }

    public sealed record Resume(SharingDomain Domain) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Resume(Domain);
        public override string ToString() => $"resume {Domain}";
    }

    public sealed record LogDirty(SharingDomain Domain, bool Enable) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.LogDirty(Domain, Enable);
        public override string ToString() => $"{Domain}'s log-dirty mode is switched {(Enable ? "on" : "off")}";
    }

    public sealed record ReadDirty(SharingDomain Domain, bool Clean) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.ReadDirty(Domain, Clean);
        public override string ToString() => $"{(Clean ? "clean" : "peek at")} {Domain}'s dirty pages";
    }

    public sealed record EnablePaging(SharingDomain Domain) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.EnablePaging(Domain);
        public override string ToString() => $"a pager attaches to {Domain}";
    }

    public sealed record PageOut(SharingDomain Domain, Gfn Page) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.PageOut(Domain, Page);
        public override string ToString() => $"{Domain}'s {Page} is paged out";
    }

    public sealed record PageIn(SharingDomain Domain, Gfn Page) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.PageIn(Domain, Page);
        public override string ToString() => $"{Domain}'s {Page} is paged in";
    }

    public sealed record Pause(SharingDomain Domain) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Pause(Domain);
        public override string ToString() => $"pause {Domain}";
    }

    public sealed record Unpause(SharingDomain Domain) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Unpause(Domain);
        public override string ToString() => $"unpause {Domain}";
    }

    public sealed record Destroy(SharingDomain Domain) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Destroy(Domain);
        public override string ToString() => $"destroy {Domain}";
    }

    public sealed record Create(SharingDomain Domain) : SharingOp
    {
        public override T On<T>(ISharing<T> subject) => subject.Create(Domain);
        public override string ToString() => $"create {Domain} anew";
    }
}
