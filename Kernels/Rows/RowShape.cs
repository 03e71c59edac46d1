using System.Diagnostics.CodeAnalysis;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>A way to hold rows; the table in Kernels/README.md says when and why.</summary>
internal enum RowHolding
{
    /// <summary>Several short rows in a processor's vector.</summary>
    Packed,

    /// <summary>Two rows at a time on a processor.</summary>
    Paired,

    /// <summary>One row at a time on a processor.</summary>
    [SuppressMessage(
        "Naming", "CA1720:Identifier contains type name",
            Justification = "A single row, beside packed and paired ones; nothing here is of another type than float.")]
    Single,

    /// <summary>A row a lane.</summary>
    Lane,

    /// <summary>A row a lane, brought and taken by the whole warp.</summary>
    LaneOfWarp,

    /// <summary>Four rows a warp.</summary>
    QuarterWarp,

    /// <summary>Two rows a warp.</summary>
    HalfWarp,

    /// <summary>A row a warp.</summary>
    Warp,

    /// <summary>A row a group.</summary>
    Group,
}

/// <summary>What a row kernel asks of the way its rows are held.</summary>
[Flags]
internal enum RowTraits
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Rows that are neighbours in one of its matrices lie apart in another: they cannot share a vector.</summary>
    Apart = 1,

    /// <summary>It draws random words, which come four at a time.</summary>
    Draws = 2,
}

/// <summary>How a row kernel holds its rows on a device: what dispatch switches on, profiles print and tests assert.</summary>
/// <param name="Holding">The way.</param>
/// <param name="Width">How many neighbouring elements a lane works on together.</param>
internal readonly record struct RowShape(RowHolding Holding, int Width)
{
    // Longer rows of a few matrices leave the first-level cache before they are read again.
    private const int LongestPair = 256;

    // Rows up to this long are read faster by one lane: a group would mostly wait at its barriers.
    private const int LongestRowOfALane = 16;

    /// <summary>How many elements a processor's vector has, and all rows together that share one.</summary>
    internal const int PackedElements = 16;

    /// <summary>The shape for <paramref name="rows"/> rows of <paramref name="k"/> elements, of which a lane of a warp holds so many at most.</summary>
    public static RowShape For(
        ComputeDevice device, int rows, int k, RowTraits traits = RowTraits.None, int longestOfWarpsLane = LaneRow<Scalar>.MostElements)
    {
        if (device.Style == LaunchStyle.Processor)
            return new(OnProcessor(k, traits), PackedElements);

        // In 128-bit accesses where rows are whole multiples of four, which the arena's alignment puts on 16-byte boundaries.
        bool draws = traits.HasFlag(RowTraits.Draws);
        if (device.HasWarps && k >= LaneRow<Scalar>.FewestElements && k <= longestOfWarpsLane)
            return new(RowHolding.LaneOfWarp, (k + Vector4.Width - 1) / Vector4.Width * Vector4.Width);
        int width = draws || k % Vector4.Width == 0 ? Vector4.Width : Scalar.Width;
        RowHolding holding = OnGraphics(device, rows, k, (k + width - 1) / width);
        return new(holding, holding == RowHolding.Lane && !draws ? Scalar.Width : width);
    }

    /// <summary>
    /// What a matrix of as many columns that serves R rows by turns asks for: it lies beside them in a vector where a vector's rows are a part of it.
    /// </summary>
    internal static RowTraits ByTurns(Matrix? shared, int rows) =>
        shared is not { } there || there.Rows == rows || there.Length % PackedElements == 0 ? RowTraits.None : RowTraits.Apart;

    private static RowHolding OnProcessor(int k, RowTraits traits)
    {
        if (k is 2 or 4 or 8 && !traits.HasFlag(RowTraits.Apart))
            return RowHolding.Packed;
        return k <= LongestPair ? RowHolding.Paired : RowHolding.Single;
    }

    // A part of a warp where each of its lanes then has one vector at most, and the launch has whole warps of rows.
    private static RowHolding OnGraphics(ComputeDevice device, int rows, int k, int vectors)
    {
        if (!device.HasWarps || vectors > OneWarp.Lanes || k < LaneRow<Scalar>.FewestElements)
            return k <= LongestRowOfALane ? RowHolding.Lane : RowHolding.Group;
        if (vectors <= QuarterWarp.Lanes && rows % (OneWarp.Lanes / QuarterWarp.Lanes) == 0)
            return RowHolding.QuarterWarp;
        return vectors <= HalfWarp.Lanes && rows % (OneWarp.Lanes / HalfWarp.Lanes) == 0 ? RowHolding.HalfWarp : RowHolding.Warp;
    }
}
