using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Philox4x32-10, integer-exact on every accelerator, and its map to (0, 1).</summary>
public class PhiloxTests(Target target) : AcceleratorSuite(target)
{
    /// <summary>The known-answer vectors that Random123, the authors' own library, publishes.</summary>
    private static readonly (uint[] Counter, uint[] Key, uint[] Words)[] KnownAnswers =
    [
        ([0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]),
        ([~0u, ~0u, ~0u, ~0u], [~0u, ~0u], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]),
        ([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]),
    ];

    [Test]
    public void Words_MatchTheKnownAnswers() =>
        Assert.That(
            Generate([.. KnownAnswers.SelectMany(a => a.Counter)], [.. KnownAnswers.Select(a => a.Key[0] | ((ulong)a.Key[1] << 32))]),
            Is.EqualTo(KnownAnswers.SelectMany(a => a.Words)));

    [Test]
    public void Reference_MatchesTheKnownAnswers()
    {
        foreach ((uint[] counter, uint[] key, uint[] words) in KnownAnswers)
            Assert.That(PhiloxReference.Words(counter, key[0], key[1]), Is.EqualTo(words));
    }

    [Test]
    public void Words_MatchTheHostForRandomCounters()
    {
        int n = Target.IsSimulatedGroup ? 100 : 10_007;
        Random random = new(1);
        uint[] counters = [.. Enumerable.Range(0, 4 * n).Select(_ => (uint)random.NextInt64(1L << 32))];
        ulong[] keys = [.. Enumerable.Range(0, n).Select(_ => (ulong)random.NextInt64() * 3)];
        IEnumerable<uint> expected = keys.SelectMany((key, i) => PhiloxReference.Words(counters[(4 * i)..((4 * i) + 4)], (uint)key, (uint)(key >> 32)));
        Assert.That(Generate(counters, keys), Is.EqualTo(expected));
    }

    [Test]
    public void Word_PicksByIndex()
    {
        Philox4 block = new() { X = 10, Y = 11, Z = 12, W = 13 };
        Assert.That(Enumerable.Range(0, 4).Select(i => Philox.Word(block, i)), Is.EqualTo(new uint[] { 10, 11, 12, 13 }));
    }

    /// <summary>Every one of the 2^23 cells, at its lowest and its highest word: the middle of the cell, exactly, and so never 0 or 1.</summary>
    [Test]
    public void Uniform_IsTheMiddleOfEveryCell()
    {
        int cells = Target.IsSimulatedGroup ? 1 << 12 : 1 << 23;
        int width = (1 << 23) / cells;
        foreach (uint low in new[] { 0u, 511u })
        {
            GuardedMatrix result = new(Device, Arena, 1, cells);
            Run(list => list.Elements("uniform", cells, new UniformBody(result.Matrix.View, width, low), default));
            float[] u = result.Download();
            for (int cell = 0; cell < cells; cell++)
            {
                double expected = (((double)cell * width) + 0.5) / (1 << 23);
                if (u[cell] != expected || !(u[cell] > 0f && u[cell] < 1f))
                    Assert.Fail($"word {((uint)(cell * width) << 9) + low:x8} gives {u[cell]:g9} instead of {expected:g9}");
            }
        }

        Assert.That(Philox.Uniform(0), Is.EqualTo(MathF.ScaleB(1, -24)));
        Assert.That(Philox.Uniform(uint.MaxValue), Is.EqualTo(1 - MathF.ScaleB(1, -24)));
    }

    /// <summary>Words of neighbouring counters are uniform bit by bit: every bit of 2^14 blocks is set half of the time.</summary>
    [Test]
    public void Bits_AreSetHalfOfTheTime()
    {
        int n = Target.IsSimulatedGroup ? 1 << 9 : 1 << 14;
        uint[] words = Generate([.. Enumerable.Range(0, n).SelectMany(i => new uint[] { (uint)i, 0, 0, 0 })], new ulong[n]);
        for (int bit = 0; bit < 128; bit++)
        {
            int set = Enumerable.Range(0, n).Count(i => ((words[(4 * i) + (bit / 32)] >> (bit % 32)) & 1) == 1);
            Assert.That(Math.Abs(set - (n / 2.0)) / Math.Sqrt(n / 4.0), Is.LessThan(Significance.Sigmas), $"bit {bit} is set {set} times of {n}");
        }
    }

    private uint[] Generate(uint[] counters, ulong[] keys)
    {
        ArrayView<uint> counterView = Arena.Allocate<uint>(counters.Length, MemoryUse.Activations);
        ArrayView<ulong> keyView = Arena.Allocate<ulong>(keys.Length, MemoryUse.Activations);
        ArrayView<uint> words = Arena.Allocate<uint>(counters.Length, MemoryUse.Activations);
        Device.Upload<uint>(counterView, counters);
        Device.Upload<ulong>(keyView, keys);
        Run(list => list.Elements("philox", keys.Length, new GenerateBody(counterView, keyView, words), default));
        return Device.Download(words);
    }

    internal readonly struct GenerateBody(ArrayView<uint> counters, ArrayView<ulong> keys, ArrayView<uint> words) : IElementBody
    {
        public void At(int i)
        {
            Philox4 block = Philox.Generate(counters[4 * i], counters[(4 * i) + 1], counters[(4 * i) + 2], counters[(4 * i) + 3], keys[i]);
            words[4 * i] = block.X;
            words[(4 * i) + 1] = block.Y;
            words[(4 * i) + 2] = block.Z;
            words[(4 * i) + 3] = block.W;
        }
    }

    internal readonly struct UniformBody(ArrayView<float> uniforms, int width, uint low) : IElementBody
    {
        public void At(int i) => uniforms[i] = Philox.Uniform(((uint)(i * width) << 9) + low);
    }
}
