using ILGPU;

namespace IlgpuVae.Runtime;

/// <summary>
/// A row a warp, whose lanes exchange numbers without memory or barriers: rows of a few dozen vectors on CUDA. A type for each part of a warp, since the number
/// of lanes has to be a constant of the code: loops over it are then unrolled.
/// </summary>
internal readonly struct OneWarp : ITeam
{
    /// <summary>The lanes of a warp, as a constant.</summary>
    internal const int LaneCount = ComputeDevice.LanesOfAWarp;

    private const int Width = LaneCount;

    /// <inheritdoc/>
    public static int Lane => WarpExchange.Lane(Width);

    /// <inheritdoc/>
    public static int Lanes => Width;

    /// <inheritdoc/>
    public static bool SharesRow => true;

    /// <inheritdoc/>
    public static float Sum(float value) => WarpExchange.Sum(value, Width);

    /// <inheritdoc/>
    public static float Max(float value) => WarpExchange.Max(value, Width);

    /// <inheritdoc/>
    public static int Min(int value) => WarpExchange.Min(value, Width);

    /// <inheritdoc/>
    public static void Sync() => Warp.Barrier();
}

/// <summary>Two rows a warp.</summary>
internal readonly struct HalfWarp : ITeam
{
    private const int Width = 16;

    /// <inheritdoc/>
    public static int Lane => WarpExchange.Lane(Width);

    /// <inheritdoc/>
    public static int Lanes => Width;

    /// <inheritdoc/>
    public static bool SharesRow => true;

    /// <inheritdoc/>
    public static float Sum(float value) => WarpExchange.Sum(value, Width);

    /// <inheritdoc/>
    public static float Max(float value) => WarpExchange.Max(value, Width);

    /// <inheritdoc/>
    public static int Min(int value) => WarpExchange.Min(value, Width);

    /// <inheritdoc/>
    public static void Sync() => Warp.Barrier();
}

/// <summary>Four rows a warp.</summary>
internal readonly struct QuarterWarp : ITeam
{
    private const int Width = 8;

    /// <inheritdoc/>
    public static int Lane => WarpExchange.Lane(Width);

    /// <inheritdoc/>
    public static int Lanes => Width;

    /// <inheritdoc/>
    public static bool SharesRow => true;

    /// <inheritdoc/>
    public static float Sum(float value) => WarpExchange.Sum(value, Width);

    /// <inheritdoc/>
    public static float Max(float value) => WarpExchange.Max(value, Width);

    /// <inheritdoc/>
    public static int Min(int value) => WarpExchange.Min(value, Width);

    /// <inheritdoc/>
    public static void Sync() => Warp.Barrier();
}
