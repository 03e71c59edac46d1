using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// Noise in every way to hold rows against that of single random words, at the widths where one way gives way to the next and with numbers of rows that fill no
/// vector, pair or warp.
/// </summary>
public class RowHoldingTests(Target target) : AcceleratorSuite(target)
{
    private const ulong Seed = 5;

    private static readonly int[] Widths = [2, 3, 4, 8, 10, 16, 17, 64, 100, 256, 257, 1024];

    private int[] Heights => Target.IsSimulatedGroup ? [1, 5] : [1, 2, 7, 8, 33];

    [Test]
    public void Noise_IsThatOfSingleWords([ValueSource(nameof(Widths))] int k)
    {
        const int Step = 4;
        foreach (int rows in Heights)
        {
            GuardedMatrix noise = new(Device, Arena, rows, k);
            Run(list => GumbelNoise.Record(list, Upload(new StepState { Step = Step }), noise.Matrix, Seed, Randomness.Codes));
            float[] actual = noise.Download();
            for (int i = 0; i < actual.Length; i++)
            {
                (int row, int column) = (i / k, i % k);
                float expected = OfSingleWord(Step, row, column);

                // Two logarithms, each within two units of its own last place; that of a number near 1 is as large as its distance from 1.
                Assert.That(actual[i], Is.EqualTo(expected).Within(8 * Tolerance.Ulp(Math.Max(1, Math.Abs(expected)))), $"[{row}, {column}] of {rows} rows");
            }
        }
    }

    /// <summary>On the processor the width of the vectors changes no bit, nor does the way rows are held change what a single word makes.</summary>
    [Test]
    public void Noise_HasTheBitsOfSingleWordsOnTheProcessor([ValueSource(nameof(Widths))] int k)
    {
        if (Device.Style != LaunchStyle.Processor)
            Assert.Pass("other devices round in their own way");
        GuardedMatrix noise = new(Device, Arena, 7, k);
        Run(list => GumbelNoise.Record(list, Upload(new StepState { Step = 2 }), noise.Matrix, Seed, Randomness.Codes));
        float[] expected = [.. Enumerable.Range(0, 7 * k).Select(i => OfSingleWord(2, i / k, i % k))];
        Assert.That(Array.ConvertAll(noise.Download(), BitConverter.SingleToInt32Bits), Is.EqualTo(Array.ConvertAll(expected, BitConverter.SingleToInt32Bits)));
    }

    private static float OfSingleWord(int step, int row, int column) =>
        GumbelNoise.At(Philox.Word(GumbelNoise.Block(Seed, Randomness.Codes, step, row, column / 4), column % 4));
}
