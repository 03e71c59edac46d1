namespace IlgpuVae.Bench;

/// <summary>
/// A state that every side of a comparison can make for itself: numbers from an integer hash of (stream, index), in C# here and in NumPy in the Python peers.
/// A parameter's stream is its place among the model's tensors, its index the place in PyTorch's layout ([out, in] for a weight).
/// </summary>
internal static class SameState
{
    /// <summary>Steps of Adam between the first loss that is compared and the last.</summary>
    internal const int Steps = 20;

    private const uint PixelStream = 1000;
    private const uint LogitStream = 2000;
    private const uint LogLikelihoodStream = 2001;
    private const float ParameterScale = 0.1f;
    private const float LogitScale = 4f;
    private const float LogLikelihoodScale = 20f;
    private const float InkShare = 0.2f;

    /// <summary>The values of a model's tensor number <paramref name="tensor"/>, in (-0.1, 0.1).</summary>
    internal static float[] Parameter(int tensor, int length) => Signed((uint)tensor, length, ParameterScale);

    /// <summary>Pixels [examples, width], a fifth of them 1 and the others 0.</summary>
    internal static float[] Pixels(int examples, int width)
    {
        float[] pixels = new float[examples * width];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = Uniform(PixelStream, (uint)i) < InkShare ? 1f : 0f;
        return pixels;
    }

    /// <summary>Logits of the categorical pass, in (-4, 4).</summary>
    internal static float[] Logits(int length) => Signed(LogitStream, length, LogitScale);

    /// <summary>Log-likelihoods of the categorical pass, in (-20, 20).</summary>
    internal static float[] LogLikelihoods(int length) => Signed(LogLikelihoodStream, length, LogLikelihoodScale);

    private static float[] Signed(uint stream, int length, float scale)
    {
        float[] values = new float[length];
        for (int i = 0; i < length; i++)
            values[i] = scale * ((2f * Uniform(stream, (uint)i)) - 1f);
        return values;
    }

    // The upper 24 bits of MurmurHash3's finaliser are exact in a float.
    private static float Uniform(uint stream, uint index)
    {
        uint h = unchecked((index * 0x9E3779B1u) + (stream * 0x85EBCA77u));
        h = unchecked((h ^ (h >> 16)) * 0x85EBCA6Bu);
        h = unchecked((h ^ (h >> 13)) * 0xC2B2AE35u);
        return ((h ^ (h >> 16)) >> 8) * (1f / (1 << 24));
    }
}
