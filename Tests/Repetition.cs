namespace IlgpuVae.Tests;

/// <summary>Demands the same bits of two arrays, and of the same thing run again and again.</summary>
public static class Repetition
{
    /// <summary>Checks that every call of <paramref name="run"/> gives the bits of the first.</summary>
    public static void IsBitIdentical(Func<float[][]> run, int times = 20)
    {
        float[][] first = run();
        for (int time = 1; time < times; time++)
            VerifyBits(run(), first, $"run {time + 1} of {times} differs from the first");
    }

    /// <inheritdoc cref="IsBitIdentical(Func{float[][]}, int)"/>
    public static void IsBitIdentical(Func<float[]> run) => IsBitIdentical(() => new[] { run() });

    /// <summary>Checks that every output has the bits it should have.</summary>
    public static void VerifyBits(float[][] actual, float[][] expected, string what)
    {
        for (int output = 0; output < expected.Length; output++)
            VerifyBits(actual[output], expected[output], $"{what}, output {output}");
    }

    /// <summary>Checks that an array has the bits of another.</summary>
    public static void VerifyBits(float[] actual, float[] expected, string what = "result")
    {
        int[] bits = Bits(actual), wanted = Bits(expected);
        int same = bits.AsSpan().CommonPrefixLength(wanted);
        if (same < Math.Max(bits.Length, wanted.Length))
            Assert.Fail($"{what}: {actual.ElementAtOrDefault(same):g9} instead of {expected.ElementAtOrDefault(same):g9} at {same} of {wanted.Length}");
    }

    private static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}
