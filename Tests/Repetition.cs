namespace IlgpuVae.Tests;

/// <summary>Runs the same thing again and again and demands the same bits.</summary>
public static class Repetition
{
    private const int Times = 20;

    /// <summary>Checks that every call of <paramref name="run"/> gives the bits of the first.</summary>
    public static void IsBitIdentical(Func<float[][]> run)
    {
        float[][] first = run();
        for (int time = 1; time < Times; time++)
        {
            float[][] again = run();
            for (int output = 0; output < first.Length; output++)
            {
                int[] expected = Bits(first[output]), actual = Bits(again[output]);
                Assert.That(actual.AsSpan().SequenceEqual(expected), $"run {time + 1} of {Times} differs from the first in output {output}");
            }
        }
    }

    private static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}
