using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace IlgpuVae.Kernels;

/// <summary>A row of a packed panel in registers: as many neighbouring columns of a product as leave room for the sums of six rows.</summary>
/// <typeparam name="TSelf">The row itself.</typeparam>
internal unsafe interface IPanelVector<TSelf>
    where TSelf : struct, IPanelVector<TSelf>
{
    /// <summary>How many columns.</summary>
    static abstract int Width { get; }

    /// <summary>Zeros.</summary>
    static abstract TSelf Zero { get; }

    /// <summary>The numbers from an address on.</summary>
    static abstract TSelf Load(float* at);

    /// <summary>Writes the numbers from an address on.</summary>
    static abstract void Store(TSelf value, float* at);

    /// <summary>a + b.</summary>
    static abstract TSelf operator +(TSelf a, TSelf b);

    /// <summary>a row + sum, rounded once.</summary>
    static abstract TSelf MultiplyAdd(float a, TSelf row, TSelf sum);
}

/// <summary>Two vectors of 512 bits: twelve of the thirty-two registers hold sums.</summary>
internal readonly unsafe struct ThirtyTwoColumns(Vector512<float> lower, Vector512<float> upper) : IPanelVector<ThirtyTwoColumns>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private const int Half = 16;

    private readonly Vector512<float> lower = lower, upper = upper;

    /// <inheritdoc/>
    public static int Width => 2 * Half;

    /// <inheritdoc/>
    public static ThirtyTwoColumns Zero
    {
        [MethodImpl(Inline)]
        get => new(Vector512<float>.Zero, Vector512<float>.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static ThirtyTwoColumns Load(float* at) => new(Vector512.Load(at), Vector512.Load(at + Half));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(ThirtyTwoColumns value, float* at)
    {
        value.lower.Store(at);
        value.upper.Store(at + Half);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static ThirtyTwoColumns operator +(ThirtyTwoColumns a, ThirtyTwoColumns b) => new(a.lower + b.lower, a.upper + b.upper);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static ThirtyTwoColumns MultiplyAdd(float a, ThirtyTwoColumns row, ThirtyTwoColumns sum)
    {
        Vector512<float> all = Vector512.Create(a);
        return new(Vector512.FusedMultiplyAdd(all, row.lower, sum.lower), Vector512.FusedMultiplyAdd(all, row.upper, sum.upper));
    }
}

/// <summary>
/// Two vectors of 256 bits: twelve of the sixteen registers hold sums, two a row of the panel and one a number of A. Of 128 bits, .NET makes four vectors of
/// them.
/// </summary>
internal readonly unsafe struct SixteenColumns(Vector256<float> lower, Vector256<float> upper) : IPanelVector<SixteenColumns>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private const int Half = 8;

    private readonly Vector256<float> lower = lower, upper = upper;

    /// <inheritdoc/>
    public static int Width => 2 * Half;

    /// <inheritdoc/>
    public static SixteenColumns Zero
    {
        [MethodImpl(Inline)]
        get => new(Vector256<float>.Zero, Vector256<float>.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SixteenColumns Load(float* at) => new(Vector256.Load(at), Vector256.Load(at + Half));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Store(SixteenColumns value, float* at)
    {
        value.lower.Store(at);
        value.upper.Store(at + Half);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SixteenColumns operator +(SixteenColumns a, SixteenColumns b) => new(a.lower + b.lower, a.upper + b.upper);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static SixteenColumns MultiplyAdd(float a, SixteenColumns row, SixteenColumns sum)
    {
        Vector256<float> all = Vector256.Create(a);
        return new(Vector256.FusedMultiplyAdd(all, row.lower, sum.lower), Vector256.FusedMultiplyAdd(all, row.upper, sum.upper));
    }
}
