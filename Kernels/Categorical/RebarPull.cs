using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The sums over categories in <see cref="Rebar"/>'s pull-back, for each variable of each probe: sum(y g) and sum(u e) with u = (1/t) y (g - sum(y g)), for g =
/// df/dy and for g = dr/dy. A launch of its own: with these reductions and the pull-back's in one kernel, OpenCL's compilers for processors take minutes.
/// </summary>
internal static class RebarPull
{
    /// <summary>How many sums a row of probes has: of f the inner one and the total, and of r.</summary>
    internal const int SumsPerRow = 4;

    /// <summary>Records <see cref="RebarSignals.Sums"/> [B P N, 4].</summary>
    internal static void Record(LaunchList list, ArrayView<StepState> state, RebarSample sample, RebarSignals signals, int n)
    {
        int k = sample.Logits.Columns / n;
        int rows = sample.Logits.Rows * n;
        signals.Sums.Require(sample.Probes.Rows * n, SumsPerRow, nameof(signals.Sums));
        KernelCost cost = KernelCost.Floats((signals.NetworkGrad is null ? 3L : 4L) * sample.Probes.Length, 12L * sample.Probes.Length);
        list.Rows("rebar.pull", rows, k, new Kernel(state, sample, signals, n), cost, RowTraits.Apart);
    }

    internal readonly struct Kernel(ArrayView<StepState> state, RebarSample sample, RebarSignals signals, int n) : IRowKernel
    {
        private readonly Cells gaps = sample.Gaps, probes = sample.Probes, probesGrad = signals.ProbesGrad, networkGrad = Cells.Of(signals.NetworkGrad),
            sums = signals.Sums;
        private readonly ArrayView<float> control = sample.Control.View;
        private readonly ArrayView<StepState> state = state;
        private readonly int rows = sample.Logits.Rows * n, n = n, k = sample.Logits.Columns / n, probesPerExample = sample.ProbesPerExample;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            for (int probe = 0; probe < probesPerExample; probe++)
            {
                RowPlace probeAt = Rebar.Probe(at, probe, probesPerExample, n);
                T inverse = T.Fill(Rebar.InverseTemperature(state[0].Scheduled.Temperature, control[1], probe));
                Sums(at, probeAt, inverse, probesGrad, 0);
                if (networkGrad.AreThere)
                {
                    Sums(at, probeAt, inverse, networkGrad, 2);
                    T.Sync();
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Sums<T>(in RowPlace at, in RowPlace probeAt, in T inverse, in Cells grad, int first)
            where T : struct, IRows<T>
        {
            RowSlice gap = T.Slice(at, k), y = T.Slice(probeAt, k);
            T products = T.Fill(0f), weighted = products;
            for (int i = T.First; i < k; i += T.Step)
                products = T.MultiplyAdd(T.Load(probes, y, i, 0f), T.Load(grad, y, i, 0f), products);
            T inner = T.SumByRow(products, k);
            for (int i = T.First; i < k; i += T.Step)
            {
                T weight = inverse * T.Load(probes, y, i, 0f) * T.Exp(T.Load(gaps, gap, i, float.NegativeInfinity));
                weighted = T.MultiplyAdd(weight, T.Load(grad, y, i, 0f) - inner, weighted);
            }

            T.StoreByRow(inner, sums, probeAt.Entry(SumsPerRow, first), k);
            T.StoreByRow(T.SumByRow(weighted, k), sums, probeAt.Entry(SumsPerRow, first + 1), k);
        }
    }
}
