using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Chunks of joint codes: the same codes as in the whole enumeration, and tables filled and read piece by piece.</summary>
[SuiteOf(typeof(CodeChunk), typeof(JointCodesReference))]
public class CodeChunkTests(Target target) : AcceleratorSuite(target)
{
    [TestCase(1, 5, 2)]
    [TestCase(3, 3, 4)]
    [TestCase(4, 2, 16)]
    [TestCase(2, 19, 50)]
    public void Codes_AreThoseOfTheEnumeration(int n, int k, int perExample)
    {
        const int Examples = 3;
        int count = JointCodes.Count(n, k)!.Value;
        GuardedCodes all = new(Device, Arena, count, n, k);
        Run(list => Assert.That(JointCodes.Enumerate(list, all.Codes).Range, Is.EqualTo(new CodeRange(0, count))));
        int[] expected = all.Download();
        for (int first = 0; first < count; first += perExample)
        {
            int here = Math.Min(perExample, count - first), start = first;
            GuardedCodes chunk = new(Device, Arena, Examples * here, n, k);
            Run(list => Assert.That(CodeChunk.Enumerate(list, chunk.Codes, start, here).Range, Is.EqualTo(new CodeRange(start, here))));
            int[] part = expected[(first * n)..((first + here) * n)];
            Assert.That(chunk.Download(), Is.EqualTo(Enumerable.Repeat(part, Examples).SelectMany(codes => codes)), $"codes from {first} on");
        }
    }

    [TestCase(3, 7, 2)]
    [TestCase(1, 5, 5)]
    [TestCase(4, 33, 16)]
    public void Table_IsFilledAndReadInPieces(int examples, int codes, int perExample)
    {
        float[] table = Draws.Normal(new Random(3), examples * codes);
        GuardedMatrix filled = new(Device, Arena, examples, codes);
        Matrix source = Upload(table, examples, codes);
        for (int first = 0; first < codes; first += perExample)
        {
            int here = Math.Min(perExample, codes - first), start = first;
            GuardedMatrix piece = new(Device, Arena, examples * here, 1);
            Run(list =>
            {
                CodeChunk.Gather(list, source, piece.Matrix, start);
                CodeChunk.Scatter(list, piece.Matrix, filled.Matrix, start);
            });
            Repetition.VerifyBits(
                piece.Download(),
                [.. Enumerable.Range(0, examples).SelectMany(b => table[((b * codes) + first)..((b * codes) + first + here)])],
                $"gathered from {first} on");
        }

        Repetition.VerifyBits(filled.Download(), table, "scattered");
    }

    [Test]
    public void PiecesBesideTheTable_AreRefused()
    {
        LaunchList list = new(Device);
        Matrix table = Arena.Matrix(2, 5, MemoryUse.Activations), piece = Arena.Matrix(4, 1, MemoryUse.Activations),
            odd = Arena.Matrix(3, 1, MemoryUse.Activations);
        Assert.That(() => CodeChunk.Gather(list, table, piece, 4), Throws.ArgumentException);
        Assert.That(() => CodeChunk.Scatter(list, piece, table, -1), Throws.ArgumentException);
        Assert.That(() => CodeChunk.Scatter(list, odd, table, 0), Throws.ArgumentException);
        Assert.That(() => CodeChunk.Gather(list, table, piece, 3), Throws.Nothing);
        Codes codes = Codes.Hard(Arena.Allocate<int>(12, MemoryUse.Codes), 6, 2, 3), relaxed = Codes.Relaxed(Arena.Matrix(6, 6, MemoryUse.Codes), 2);
        foreach ((int first, int perExample) in new[] { (0, 4), (0, 0), (-1, 3), (7, 3) })
            Assert.That(() => CodeChunk.Enumerate(list, codes, first, perExample), Throws.ArgumentException, $"{perExample} codes from {first} on");
        Assert.That(() => CodeChunk.Enumerate(list, relaxed, 0, 3), Throws.InvalidOperationException.With.Message.Contains("hard"));
        Assert.That(() => CodeChunk.Enumerate(list, codes, 6, 3), Throws.Nothing);
    }
}
