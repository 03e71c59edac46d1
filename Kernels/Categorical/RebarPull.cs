using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The sums over categories in <see cref="Rebar"/>'s pull-back, for each variable of each probe: sum(y g) and sum(u e) with u = (1/t) y (g - sum(y g)), for g = df/dy
/// and for g = dr/dy. A launch of its own: with these reductions and the pull-back's in one kernel, compilers for processors take minutes.
/// </summary>
internal static class RebarPull
{
    /// <summary>Records <see cref="RebarSignals.Sums"/> [B P N, 4].</summary>
    internal static void Record(LaunchList list, ArrayView<StepState> state, RebarSample sample, RebarSignals signals, int n)
    {
        int k = sample.Logits.Columns / n;
        int rows = sample.Probes.Rows * n;
        signals.Sums.Require(rows, 4, nameof(signals.Sums));
        KernelCost cost = KernelCost.Floats((signals.NetworkGrad is null ? 3L : 4L) * rows * k, 12L * rows * k);
        list.Rows("rebar.pull", rows, k, new Rows<OneLane>(state, sample, signals, n), new Rows<OneGroup>(state, sample, signals, n), cost);
    }

    internal readonly struct Rows<TTeam>(ArrayView<StepState> state, RebarSample sample, RebarSignals signals, int n) : IRowBody
        where TTeam : struct, ILaneOrGroup
    {
        private readonly ArrayView<float> gaps = sample.Gaps.View, probes = sample.Probes.View, control = sample.Control.View, sums = signals.Sums.View;
        private readonly ArrayView<float> probesGrad = signals.ProbesGrad.View, networkGrad = signals.NetworkGrad?.View ?? signals.ProbesGrad.View;
        private readonly ArrayView<StepState> state = state;
        private readonly int n = n, k = sample.Logits.Columns / n, probesPerExample = sample.ProbesPerExample;

        public void Row(int row)
        {
            int probeRow = row / n;
            int variable = row % n;
            long start = (long)row * k;
            ArrayView<float> y = probes.SubView(start, k);
            ArrayView<float> gap = gaps.SubView((((long)(probeRow / probesPerExample) * n) + variable) * k, k);
            ArrayView<float> g = probesGrad.SubView(start, k);
            ArrayView<float> r = networkGrad.SubView(start, k);
            float inverse = Rebar.InverseTemperature(state[0].Temperature, control[1], probeRow % probesPerExample);
            float inner = 0f;
            float networkInner = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
            {
                inner += y[i] * g[i];
                networkInner += y[i] * r[i];
            }

            inner = TTeam.Sum(inner);
            networkInner = TTeam.Sum(networkInner);
            float total = 0f;
            float networkTotal = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
            {
                float weight = inverse * y[i] * Elementary.Exp(gap[i]);
                total += weight * (g[i] - inner);
                networkTotal += weight * (r[i] - networkInner);
            }

            total = TTeam.Sum(total);
            networkTotal = TTeam.Sum(networkTotal);
            if (TTeam.Lane == 0)
            {
                sums[4L * row] = inner;
                sums[(4L * row) + 1] = total;
                sums[(4L * row) + 2] = networkInner;
                sums[(4L * row) + 3] = networkTotal;
            }
        }
    }
}
