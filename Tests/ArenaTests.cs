using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests;

/// <summary>Pieces of the arena lie apart, whatever their elements' sizes.</summary>
public class ArenaTests(Target target) : AcceleratorSuite(target)
{
    [Test]
    public void Pieces_LieApart()
    {
        // A step state has 56 bytes, of which 256 is no multiple.
        ArrayView<float>[] floats = new ArrayView<float>[20];
        ArrayView<StepState>[] states = new ArrayView<StepState>[20];
        for (int i = 0; i < floats.Length; i++)
        {
            floats[i] = Arena.Allocate<float>(64 * (1 + (i % 3)), MemoryUse.Activations);
            states[i] = Arena.Allocate<StepState>(1 + (i % 2), MemoryUse.Activations);
        }

        for (int i = 0; i < floats.Length; i++)
        {
            Device.Upload<float>(floats[i], [.. Enumerable.Repeat(i + 0.5f, (int)floats[i].Length)]);
            Device.Upload<StepState>(states[i], [.. Enumerable.Repeat(new StepState { Step = i, Sums = { GradientNorm = -i } }, (int)states[i].Length)]);
        }

        for (int i = 0; i < floats.Length; i++)
        {
            Assert.That(Device.Download(floats[i]), Is.All.EqualTo(i + 0.5f), $"piece {i}");
            Assert.That(Device.Download(states[i]), Is.All.EqualTo(new StepState { Step = i, Sums = { GradientNorm = -i } }), $"state {i}");
        }
    }

    [Test]
    public void NewSlab_IsTakenWhereTheOldOneEnds()
    {
        ArrayView<byte> most = Arena.Allocate<byte>((8 << 20) - 256, MemoryUse.Data);
        ArrayView<StepState> state = Arena.Allocate<StepState>(1, MemoryUse.Data);
        Device.Upload<StepState>(state, [new StepState { Step = 3 }]);
        Assert.That(Device.Download(state)[0].Step, Is.EqualTo(3));
        Assert.That(Device.Download(most.SubView(most.Length - 512, 512)), Is.All.Zero);
        Assert.That(Arena.UsedBytes, Is.GreaterThanOrEqualTo(most.Length + Interop.SizeOf<StepState>()));
    }
}
