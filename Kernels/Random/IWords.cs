namespace IlgpuVae.Kernels;

/// <summary>
/// 32-bit integers that a lane works on together, for counter-based random numbers: one (<see cref="Word"/>), or four (<see cref="FourWords"/>) on processors.
/// </summary>
/// <typeparam name="TSelf">The words themselves.</typeparam>
internal interface IWords<TSelf>
    where TSelf : struct, IWords<TSelf>
{
    /// <summary>The same value throughout.</summary>
    static abstract TSelf Fill(uint value);

    /// <summary>a xor b.</summary>
    static abstract TSelf operator ^(TSelf a, TSelf b);

    /// <summary>The lower 32 bits of each product.</summary>
    static abstract TSelf MultiplyLow(TSelf a, uint b);

    /// <summary>The upper 32 bits of each product.</summary>
    static abstract TSelf MultiplyHigh(TSelf a, uint b);
}
