using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace IlgpuVae.Kernels;

/// <summary>Random words as numbers, sixteen at a time on a processor.</summary>
internal static class SixteenWords
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Those of a row's elements from <paramref name="column"/> on, a multiple of sixteen, as signed whole numbers.</summary>
    [MethodImpl(Inline)]
    internal static T OfRow<T>(RandomRow row, int column)
        where T : struct, ISixteen<T> => OfBlocks<T>(Philox.Generate(
            FourWords.CountFrom((uint)column / 4), FourWords.Fill((uint)row.Row), FourWords.Fill((uint)row.Step), FourWords.Fill((uint)row.Stream), row.Seed));

    /// <summary>
    /// The same of sixteen elements of neighbouring rows of <paramref name="k"/> (2, 4 or 8) elements each, from the beginning of <paramref name="first"/> on.
    /// </summary>
    [MethodImpl(Inline)]
    internal static T OfPackedRows<T>(RandomRow first, int k)
        where T : struct, ISixteen<T>
    {
        if (k == 2)
        {
            var rows = BlocksFrom(first, (uint)first.Row, 0);
            var others = BlocksFrom(first, (uint)first.Row + 4, 0);
            return T.Of(Signed(FourWords.Interleaved(rows.X, rows.Y)), Signed(FourWords.Interleaved(others.X, others.Y)));
        }

        // Blocks count all rows' blocks: one a row, or two.
        int halves = k == 8 ? 1 : 0;
        return OfBlocks<T>(BlocksFrom(first, (uint)first.Row << halves, halves));
    }

    /// <summary>The upper 23 bits of the first words of sixteen neighbouring blocks of a row, from <paramref name="block"/> on.</summary>
    internal static T OfFirstWords<T>(in RandomRow row, uint block)
        where T : struct, ISixteen<T> => T.Of(
            Upper(FourWords.Joined(FirstWords(row, block), FirstWords(row, block + 4))), Upper(
                FourWords.Joined(FirstWords(row, block + 8), FirstWords(row, block + 12))));

    private static FourWords FirstWords(in RandomRow row, uint block) => Philox.Generate(
        FourWords.CountFrom(block), FourWords.Fill((uint)row.Row), FourWords.Fill((uint)row.Step), FourWords.Fill((uint)row.Stream), row.Seed).X;

    [MethodImpl(Inline)]
    private static (FourWords X, FourWords Y, FourWords Z, FourWords W) BlocksFrom(RandomRow row, uint block, int halves)
    {
        FourWords blocks = FourWords.CountFrom(block);
        return Philox.Generate(
            blocks.Masked((uint)halves), blocks.ShiftedRight(halves), FourWords.Fill((uint)row.Step), FourWords.Fill((uint)row.Stream), row.Seed);
    }

    // The four words of the first block, then those of the second, and so on.
    [MethodImpl(Inline)]
    private static T OfBlocks<T>((FourWords X, FourWords Y, FourWords Z, FourWords W) blocks)
        where T : struct, ISixteen<T>
    {
        Vector256<ulong> first = FourWords.Interleaved(blocks.X, blocks.Y).AsUInt64(), second = FourWords.Interleaved(blocks.Z, blocks.W).AsUInt64();
        Vector256<ulong> isFirst = Vector256.Create(ulong.MaxValue, 0, ulong.MaxValue, 0);
        Vector256<ulong> lower = Vector256.ConditionalSelect(
            isFirst, Vector256.Shuffle(first, Vector256.Create(0ul, 0, 1, 1)), Vector256.Shuffle(second, Vector256.Create(0ul, 0, 1, 1)));
        Vector256<ulong> upper = Vector256.ConditionalSelect(
            isFirst, Vector256.Shuffle(first, Vector256.Create(2ul, 2, 3, 3)), Vector256.Shuffle(second, Vector256.Create(2ul, 2, 3, 3)));
        return T.Of(Signed(lower.AsUInt32()), Signed(upper.AsUInt32()));
    }

    [MethodImpl(Inline)]
    private static Vector256<float> Signed(Vector256<uint> words) => Vector256.ConvertToSingle(words.AsInt32());

    [MethodImpl(Inline)]
    private static Vector256<float> Upper(Vector256<uint> words) => Vector256.ConvertToSingle((words >>> Philox.UnusedBits).AsInt32());
}
