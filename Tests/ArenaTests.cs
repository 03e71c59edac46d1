using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests;

/// <summary>Pieces of device memory are apart, whatever the size of their elements.</summary>
public class ArenaTests(Target target) : AcceleratorSuite(target)
{
    /// <summary>A step state has 48 bytes, and 256, where it would start, is no multiple of that.</summary>
    [Test]
    public void Pieces_OfDifferentElementSizesAreApart([Values(1, 2, 3, 4, 5)] int before)
    {
        List<ArrayView<float>> floats = [];
        List<ArrayView<StepState>> states = [];
        for (int i = 0; i < 4; i++)
        {
            floats.Add(Arena.Allocate<float>(64 * before, MemoryUse.Activations));
            states.Add(Arena.Allocate<StepState>(1, MemoryUse.Activations));
        }

        for (int i = 0; i < 4; i++)
        {
            Device.Upload<float>(floats[i], [.. Enumerable.Repeat(i + 0.5f, 64 * before)]);
            Device.Upload<StepState>(states[i], [new StepState { Step = i, KlSum = i }]);
        }

        for (int i = 0; i < 4; i++)
        {
            Assert.That(Device.Download(floats[i]), Is.All.EqualTo(i + 0.5f), $"floats {i}");
            StepState state = Device.Download(states[i])[0];
            Assert.That((state.Step, state.KlSum), Is.EqualTo((i, (float)i)), $"state {i}");
        }
    }

    [Test]
    public void Piece_MayFillItsSlab()
    {
        ArrayView<float> whole = Arena.Allocate<float>(4 << 20, MemoryUse.Activations);
        ArrayView<float> next = Arena.Allocate<float>(1, MemoryUse.Activations);
        Assert.That((whole.Length, next.Length), Is.EqualTo((4L << 20, 1L)));
    }
}
