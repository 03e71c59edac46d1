using ILGPU;
using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Which lanes and vectors a row kernel gets on a device.</summary>
internal static class VectorRows
{
    // Rows up to this long are a lane's own even where warps could share them: most of a warp would have nothing to do.
    private const int LongestRowOfALane = 4;

    /// <summary>Records a row kernel with the lanes and vectors that fit <paramref name="rows"/> rows of <paramref name="k"/> elements on <paramref name="device"/>.</summary>
    /// <remarks>
    /// Processors on OpenCL: a lane a row in vector registers. The CPU accelerator, and short rows on graphics processors: a lane a row, an element at a time. Graphics processors:
    /// a group a row, or on CUDA a part of a warp where each of its lanes then has one vector at most; in 128-bit accesses where rows are whole multiples of four, which the arena's
    /// alignment puts on 16-byte boundaries.
    /// </remarks>
    internal static void Record<TLaunch>(ComputeDevice device, int rows, int k, TLaunch launch)
        where TLaunch : IRowLaunch
    {
        int width = k % Vector4.Width == 0 ? Vector4.Width : Scalar.Width;
        int lanes = WarpLanes(device, rows, k, k / width);
        if (OnProcessor(device))
            launch.Record<OneLane, ProcessorVector>();
        else if (lanes == QuarterWarp.Lanes)
            Vectors<QuarterWarp>();
        else if (lanes == HalfWarp.Lanes)
            Vectors<HalfWarp>();
        else if (lanes == OneWarp.Lanes)
            Vectors<OneWarp>();
        else if (LaunchListExtensions.RowVariantFor(device, k) == RowVariant.RowPerLane)
            launch.Record<OneLane, Scalar>();
        else
            Vectors<OneGroup>();

        void Vectors<TTeam>()
            where TTeam : struct, ITeam
        {
            if (width == Vector4.Width)
                launch.Record<TTeam, Vector4>();
            else
                launch.Record<TTeam, Scalar>();
        }
    }

    /// <summary>1 where every lane of a team has at most one vector of a row of <paramref name="k"/> elements, and so can keep it in registers; otherwise 0.</summary>
    internal static int Held<TTeam, TVector>(ComputeDevice device, int k)
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector> =>
        Count<TVector>(k) <= (typeof(TTeam) == typeof(OneGroup) ? device.GroupSize : TTeam.Lanes) ? 1 : 0;

    /// <summary>Runs the one of a row kernel's launches that fits rows of <paramref name="k"/> pieces that are cut into vectors every <paramref name="run"/> elements.</summary>
    /// <param name="device">The device.</param>
    /// <param name="k">Pieces of a row.</param>
    /// <param name="run">How many elements lie without a gap.</param>
    /// <param name="processor">A lane a row in vector registers: processors on OpenCL.</param>
    /// <param name="lane">A lane a row, an element at a time: the CPU accelerator, short rows on graphics processors.</param>
    /// <param name="fours">A group a row in 128-bit accesses: rows of whole multiples of four.</param>
    /// <param name="group">A group a row, an element a lane.</param>
    internal static void Record(ComputeDevice device, int k, int run, Action processor, Action lane, Action fours, Action group)
    {
        if (LaunchListExtensions.RowVariantFor(device, k) == RowVariant.RowPerLane)
            (OnProcessor(device) ? processor : lane)();
        else
            (run % Vector4.Width == 0 ? fours : group)();
    }

    /// <summary>
    /// Runs the one of an elementwise kernel's launches that fits vectors of <paramref name="n"/> elements in these places on <paramref name="device"/>, or matrices
    /// there with rows of <paramref name="n"/>.
    /// </summary>
    internal static void RecordElements(ComputeDevice device, long n, ReadOnlySpan<ArrayView<float>> places, Action processor, Action fours, Action single)
    {
        bool aligned = n % Vector4.Width == 0;
        foreach (ArrayView<float> place in places)
            aligned &= place.LoadEffectiveAddressAsPtr() % (Vector4.Width * sizeof(float)) == 0;
        (OnProcessor(device) ? processor : device.Style == LaunchStyle.Groups && aligned ? fours : single)();
    }

    /// <summary>Whether rows can be worked on in vector registers: processors on OpenCL.</summary>
    internal static bool OnProcessor(ComputeDevice device) => device.IsOpenClProcessor;

    /// <summary>How many vectors a row of <paramref name="k"/> elements takes, the last one perhaps in part.</summary>
    internal static int Count<TVector>(int k)
        where TVector : struct, IVector<TVector> => (k + TVector.Width - 1) / TVector.Width;

    // The smallest part of a warp with a lane for each of a row's vectors, and whole warps of rows; 0 where there is none.
    private static int WarpLanes(ComputeDevice device, int rows, int k, int vectors)
    {
        if (!device.HasWarps || k <= LongestRowOfALane || vectors > OneWarp.Lanes)
            return 0;
        int lanes = QuarterWarp.Lanes;
        while (lanes < vectors || rows % (OneWarp.Lanes / lanes) != 0)
            lanes *= 2;
        return lanes;
    }
}
