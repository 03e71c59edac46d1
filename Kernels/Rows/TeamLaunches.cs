using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// A kernel over rows whose pieces are more than neighbouring elements, so that it reads them itself: a lane's pieces are Lane, Lane + Lanes, ...
/// </summary>
internal interface ITeamKernel
{
    /// <summary>Computes a row.</summary>
    void Row<TTeam, TVector>(int row)
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>;
}

/// <summary>A team kernel for one team and one vector.</summary>
internal readonly struct TeamBody<TKernel, TTeam, TVector>(TKernel kernel) : IRowBody
    where TKernel : struct, ITeamKernel
    where TTeam : struct, ITeam
    where TVector : struct, IVector<TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Row(int row) => kernel.Row<TTeam, TVector>(row);
}

/// <summary>
/// Appends team kernels to a list of launches: a row a thread on the processor, a row a group or, where rows are short, a lane on graphics processors.
/// </summary>
internal static class TeamLaunches
{
    // As of row kernels.
    private const int LongestRowOfALane = 16;

    /// <summary>Appends a kernel over rows of <paramref name="k"/> numbers that are cut into vectors every <paramref name="run"/> elements.</summary>
    internal static void TeamRows<TKernel>(this LaunchList list, string name, int rows, int k, int run, TKernel kernel, KernelCost cost)
        where TKernel : struct, ITeamKernel
    {
        if (list.Device.Style == LaunchStyle.Processor && Vector512.IsHardwareAccelerated)
            In<OneLane, OneOf512>();
        else if (list.Device.Style == LaunchStyle.Processor)
            In<OneLane, TwoOf256>();
        else if (k <= LongestRowOfALane)
            In<OneLane, Scalar>();
        else if (run % Vector4.Width == 0)
            In<OneGroup, Vector4>();
        else
            In<OneGroup, Scalar>();

        void In<TTeam, TVector>()
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector> => list.Rows<TTeam, TeamBody<TKernel, TTeam, TVector>>(
                name, rows, VectorLaunches.Count<TVector>(k), new(kernel), cost);
    }
}
