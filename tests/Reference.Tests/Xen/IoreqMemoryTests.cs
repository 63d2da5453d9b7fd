using HvLab.Reference.Models.Xen.Ioreq;

namespace HvLab.Reference.Tests.Xen;

/// <summary>Guest memory as the model keeps it.</summary>
public sealed class IoreqMemoryTests
{
    [Test]
    public void Bytes_are_read_as_they_were_written()
    {
        var memory = default(IoreqMemory).Write(0xffe, 4, 0x1122_3344).Write(0x2000, 8, 0x8877_6655_4433_2211);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(memory.Read(0xffe, 4), Is.EqualTo(0x1122_3344));
            Assert.That(memory.Read(0x1000, 4), Is.EqualTo(0x1122));
            Assert.That(memory.Read(0x2004, 4), Is.EqualTo(0x8877_6655));
            Assert.That(memory.Read(0x3000, 8), Is.Zero);
        }
    }

    [Test]
    public void Memory_is_equal_by_value_whatever_the_order_of_writing()
    {
        var up = default(IoreqMemory).Write(1, 1, 1).Write(2, 1, 2).Write(3, 1, 3);
        var down = default(IoreqMemory).Write(3, 1, 3).Write(2, 1, 9).Write(1, 1, 1).Write(2, 1, 2);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(up, Is.EqualTo(down));
            Assert.That(up.Write(1, 4, 0), Is.EqualTo(default(IoreqMemory).Write(7, 1, 0)));
        }
    }
}
