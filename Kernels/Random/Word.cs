namespace IlgpuVae.Kernels;

/// <summary>One 32-bit integer.</summary>
/// <param name="value">The integer.</param>
internal readonly struct Word(uint value) : IWords<Word>
{
    /// <summary>The integer.</summary>
    public uint Value { get; } = value;

    /// <inheritdoc/>
    public static Word Fill(uint value) => new(value);

    /// <inheritdoc/>
    public static Word operator ^(Word a, Word b) => new(a.Value ^ b.Value);

    /// <inheritdoc/>
    public static Word MultiplyLow(Word a, uint b) => new(a.Value * b);

    /// <inheritdoc/>
    public static Word MultiplyHigh(Word a, uint b) => new((uint)(((ulong)a.Value * b) >> 32));
}
