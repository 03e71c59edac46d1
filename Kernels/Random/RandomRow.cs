namespace IlgpuVae.Kernels;

/// <summary>
/// The random words of a row: its key and what of the counter the whole row has in common. Block i of four words belongs to its elements 4 i to 4 i + 3.
/// </summary>
/// <param name="Seed">The key.</param>
/// <param name="Stream">Who draws.</param>
/// <param name="Step">The training step.</param>
/// <param name="Row">The row.</param>
internal readonly record struct RandomRow(ulong Seed, Randomness Stream, int Step, int Row)
{
    /// <summary>The words for the elements from 4 <paramref name="block"/> on.</summary>
    public Philox4 Block(int block) => Philox.Generate((uint)block, (uint)Row, (uint)Step, (uint)Stream, Seed);
}
