using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The rows on which RELAX's control variate network r learns to lower the variance of the estimate h. E[h] does not depend on r, so its variance falls along
/// d|h|^2 / dphi = 2 h . dh/dphi, and with v = h, S = b - q and d = (dy/dl - dy~/dl) v, the direction in which y and y~ part when l moves along v,
/// <code>
/// v . dh/dphi = (1 / B) (v . S) dr(y)/dphi - (1 / B) d/dphi [dr(y)/dy . d],     dr(y)/dy . d = (r(y + eps d) - r(y - eps d)) / (2 eps)
/// d_i = (1/t) y_i (a_i - sum(y a)),   a_i = e_i (v_i - sum(q v)),   e_i = e^(s_i - s_w)
/// </code>
/// so three weighted rows an example, y, y + eps d and y - eps d, give the network its gradient without second derivatives.
/// </summary>
/// <remarks>W. Grathwohl et al., ICLR 2018, section 3.</remarks>
internal static class Relax
{
    // The largest change of a probability between y and y +- eps d.
    private const float LargestChange = 0.02f;

    // Directions below it are none: dividing by them would leave float32.
    private const float SmallestDirection = 1e-30f;

    /// <summary>
    /// Records directions d [B, N K] from the estimate v [B, N K], and parts [B N, 2]: each variable's v . S and the largest |d_i|.
    /// </summary>
    public static void Directions(LaunchList list, ArrayView<StepState> state, RebarSample sample, Matrix estimate, Matrix directions, Matrix parts, int n)
    {
        int k = sample.Logits.Columns / n;
        int rows = sample.Logits.Rows * n;
        estimate.Require(sample.Logits.Rows, n * k, nameof(estimate));
        directions.Require(sample.Logits.Rows, n * k, nameof(directions));
        parts.Require(rows, 2, nameof(parts));
        KernelCost cost = KernelCost.Floats(6L * rows * k, 20L * rows * k);
        list.Rows("relax.directions", rows, k, new DirectionsKernel(state, sample, estimate, directions, parts, n), cost, RowTraits.Apart);
    }

    /// <summary>
    /// Records the training rows [3 B, N K], rows [example, (y, y + eps d, y - eps d)], and their weights [3 B, 1], dL/dr of each row with L = |h|^2 / 2.
    /// </summary>
    public static void TrainingRows(LaunchList list, RebarSample sample, Matrix directions, Matrix parts, Matrix rows, Matrix weights, int n, float scale)
    {
        (int batch, int width) = (sample.Logits.Rows, sample.Logits.Columns);
        rows.Require(3 * batch, width, nameof(rows));
        weights.Require(3 * batch, 1, nameof(weights));
        list.TeamRows(
            "relax.training-rows",
            batch,
            width,
            width,
            new TrainingRowsKernel(sample.Probes.View, directions.View, parts.View, rows.View, weights.View, sample.ProbesPerExample, n, width, scale),
            KernelCost.Floats(5 * directions.Length, 4 * directions.Length));
    }

    internal readonly struct DirectionsKernel(ArrayView<StepState> state, RebarSample sample, Cells estimate, Cells directions, Cells parts, int n) : IRowKernel
    {
        private readonly Cells logits = sample.Logits, gaps = sample.Gaps, probes = sample.Probes, estimate = estimate, directions = directions, parts = parts;
        private readonly ArrayView<int> numbers = sample.Codes.Numbers;
        private readonly ArrayView<float> control = sample.Control.View;
        private readonly ArrayView<StepState> state = state;
        private readonly int rows = sample.Logits.Rows * n, n = n, k = sample.Logits.Columns / n, probesPerExample = sample.ProbesPerExample;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice row = T.Slice(at, k), y = T.Slice(Rebar.Probe(at, 0, probesPerExample, n), k);
            Softmax.Exponentials(logits, row, k, logits, keeps: false, out T max, out T sum, out _);
            T reciprocal = T.ReciprocalByRow(sum), inverse = T.Fill(Rebar.InverseTemperature(state[0].Scheduled.Temperature, control[1], 0));
            T none = T.Fill(0f), number = T.LoadByRow(numbers, at, k), expected = none, chosen = none, moved = none, largest = none;
            for (int i = T.First; i < k; i += T.Step)
            {
                T v = T.Load(estimate, row, i, 0f);
                expected = T.MultiplyAdd(T.Exp(T.Load(logits, row, i, float.NegativeInfinity) - max) * reciprocal, v, expected);
                chosen += T.WhereEqual(T.CountFrom(i, k), number, v, none);
            }

            // sum(q v), and v . S = v_b - sum(q v).
            T mean = T.SumByRow(expected, k), score = T.SumByRow(chosen, k) - mean;
            for (int i = T.First; i < k; i += T.Step)
                moved = T.MultiplyAdd(T.Load(probes, y, i, 0f), Part(row, i, mean), moved);
            T inner = T.SumByRow(moved, k);
            for (int i = T.First; i < k; i += T.Step)
            {
                T d = inverse * T.Load(probes, y, i, 0f) * (Part(row, i, mean) - inner);
                T.Store(d, directions, row, i);
                largest = T.Max(largest, T.Max(d, none - d));
            }

            T.StoreByRow(score, parts, at.Entry(2, 0), k);
            T.StoreByRow(T.MaxByRow(largest, k), parts, at.Entry(2, 1), k);
        }

        // a_i.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private T Part<T>(in RowSlice row, int i, T mean)
            where T : struct, IRows<T> => T.Exp(T.Load(gaps, row, i, float.NegativeInfinity)) * (T.Load(estimate, row, i, 0f) - mean);
    }

    internal readonly struct TrainingRowsKernel(
        ArrayView<float> probes, ArrayView<float> directions, ArrayView<float> parts, ArrayView<float> rows, ArrayView<float> weights, int probesPerExample,
            int n, int width, float scale)
        : ITeamKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<TTeam, TVector>(int row)
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            float score = 0f, largest = 0f;
            for (int variable = TTeam.Lane; variable < n; variable += TTeam.Lanes)
            {
                long at = 2 * (((long)row * n) + variable);
                score += parts[at];
                largest = Elementary.Max(largest, parts[at + 1]);
            }

            score = TTeam.Sum(score);
            largest = TTeam.Max(largest);

            // Where nothing moves there is no direction to take a slope along.
            float epsilon = largest > SmallestDirection ? LargestChange / largest : 0f;
            float slope = largest > SmallestDirection ? scale * largest / (2f * LargestChange) : 0f;
            if (TTeam.Lane == 0)
            {
                weights[3L * row] = scale * score;
                weights[(3L * row) + 1] = -slope;
                weights[(3L * row) + 2] = slope;
            }

            ArrayView<float> y = probes.SubView((long)row * probesPerExample * width, width), d = directions.SubView((long)row * width, width);
            ArrayView<float> same = rows.SubView(3L * row * width, width), forth = rows.SubView(((3L * row) + 1) * width, width);
            ArrayView<float> back = rows.SubView(((3L * row) + 2) * width, width);
            for (int i = TTeam.Lane * TVector.Width; i < width; i += TTeam.Lanes * TVector.Width)
            {
                TVector start = TVector.LoadPart(y, i, width - i, 0f), step = TVector.Fill(epsilon) * TVector.LoadPart(d, i, width - i, 0f);
                TVector.StorePart(start, same, i, width - i);
                TVector.StorePart(start + step, forth, i, width - i);
                TVector.StorePart(start - step, back, i, width - i);
            }
        }
    }
}
