using System.Runtime.Intrinsics;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Appends row kernels to a list of launches.</summary>
internal static class RowLaunches
{
    /// <summary>Appends a kernel over R rows of K elements, held as <see cref="RowShape"/> says.</summary>
    internal static void Rows<TKernel>(this LaunchList list, string name, int rows, int k, TKernel kernel, KernelCost cost, RowTraits traits = RowTraits.None)
        where TKernel : struct, IRowKernel
    {
        RowShape shape = RowShape.For(list.Device, rows, k, traits, TKernel.LongestRowOfALane);
        switch (shape.Holding)
        {
            case RowHolding.Packed or RowHolding.Paired or RowHolding.Single when Vector512.IsHardwareAccelerated:
                InSixteens<OneOf512>();
                break;
            case RowHolding.Packed or RowHolding.Paired or RowHolding.Single:
                InSixteens<TwoOf256>();
                break;
            case RowHolding.Lane when shape.Width == Scalar.Width:
                OnTeam<OneLane, Scalar>();
                break;
            case RowHolding.Lane:
                OnTeam<OneLane, LooseFour>();
                break;
            case RowHolding.LaneOfWarp:
                OnLanesOfWarps();
                break;
            case RowHolding.QuarterWarp:
                InVectors<QuarterWarp>();
                break;
            case RowHolding.HalfWarp:
                InVectors<HalfWarp>();
                break;
            case RowHolding.Warp:
                InVectors<OneWarp>();
                break;
            default:
                InVectors<OneGroup>();
                break;
        }

        list.DescribeLast(shape.ToString());

        void InSixteens<T>()
            where T : struct, ISixteen<T>
        {
            bool areWhole = k % T.Width == 0;
            if (shape.Holding == RowHolding.Packed)
                OnProcessor<PackedRows<T>>();
            else if (shape.Holding == RowHolding.Paired && areWhole)
                OnProcessor<PairedRows<T, WholeVectors>>();
            else if (shape.Holding == RowHolding.Paired)
                OnProcessor<PairedRows<T, PartVectors>>();
            else if (areWhole)
                OnProcessor<SingleRow<T, WholeVectors>>();
            else
                OnProcessor<SingleRow<T, PartVectors>>();
        }

        void OnLanesOfWarps()
        {
            if (shape.Width == LooseFour.Width)
                OnLaneOfWarp<LooseFour>();
            else if (shape.Width == Joined<LooseFour, LooseFour>.Width)
                OnLaneOfWarp<Joined<LooseFour, LooseFour>>();
            else if (shape.Width == Joined<LooseFour, Joined<LooseFour, LooseFour>>.Width)
                OnLaneOfWarp<Joined<LooseFour, Joined<LooseFour, LooseFour>>>();
            else
                OnLaneOfWarp<Joined<Joined<LooseFour, LooseFour>, Joined<LooseFour, LooseFour>>>();
        }

        void OnLaneOfWarp<TVector>()
            where TVector : struct, IVector<TVector> => list.RowPerLaneOfWarp(name, rows, new RowBody<TKernel, LaneRow<TVector>>(kernel), cost);

        void InVectors<TTeam>()
            where TTeam : struct, ITeam
        {
            if (k % Vector4.Width == 0)
                OnTeam<TTeam, Vector4>();
            else if (shape.Width == Scalar.Width)
                OnTeam<TTeam, Scalar>();
            else
                OnTeam<TTeam, LooseFour>();
        }

        void OnTeam<TTeam, TVector>()
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector> =>
            list.Rows<TTeam, RowBody<TKernel, TeamRow<TTeam, TVector>>>(name, rows, (k + TVector.Width - 1) / TVector.Width, new(kernel), cost);

        void OnProcessor<T>()
            where T : struct, IRows<T> => list.RowPerLane(name, T.Units(rows, k), new RowBody<TKernel, T>(kernel), cost);
    }
}
