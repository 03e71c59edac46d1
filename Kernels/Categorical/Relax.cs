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
public static class Relax
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
        list.Rows(
            "relax.directions",
            rows,
            k,
            new DirectionRows<OneLane>(state, sample, estimate.View, directions.View, parts.View, n),
            new DirectionRows<OneGroup>(state, sample, estimate.View, directions.View, parts.View, n),
            cost);
    }

    /// <summary>
    /// Records the training rows [3 B, N K], rows [example, (y, y + eps d, y - eps d)], and their weights [3 B, 1], dL/dr of each row with L = |h|^2 / 2.
    /// </summary>
    public static void TrainingRows(LaunchList list, RebarSample sample, Matrix directions, Matrix parts, Matrix rows, Matrix weights, int n, float scale)
    {
        (int batch, int width) = (sample.Logits.Rows, sample.Logits.Columns);
        rows.Require(3 * batch, width, nameof(rows));
        weights.Require(3 * batch, 1, nameof(weights));
        list.RowPerLane(
            "relax.training-rows",
            batch,
            new TrainingRowsBody(sample.Probes.View, directions.View, parts.View, rows.View, weights.View, sample.ProbesPerExample, n, width, scale),
            KernelCost.Floats(5 * directions.Length, 4 * directions.Length));
    }

    internal readonly struct DirectionRows<TTeam>(
        ArrayView<StepState> state, RebarSample sample, ArrayView<float> estimate, ArrayView<float> directions, ArrayView<float> parts, int n) : IRowBody
        where TTeam : struct, ILaneOrGroup
    {
        private readonly ArrayView<float> logits = sample.Logits.View, gaps = sample.Gaps.View, probes = sample.Probes.View;
        private readonly ArrayView<int> numbers = sample.Codes.Numbers;
        private readonly ArrayView<float> control = sample.Control.View, estimate = estimate, directions = directions, parts = parts;
        private readonly ArrayView<StepState> state = state;
        private readonly int n = n, k = sample.Logits.Columns / n, probesPerExample = sample.ProbesPerExample;

        public void Row(int row)
        {
            long start = (long)row * k;
            ArrayView<float> l = logits.SubView(start, k);
            ArrayView<float> v = estimate.SubView(start, k);
            ArrayView<float> gap = gaps.SubView(start, k);
            ArrayView<float> y = probes.SubView(((long)(row / n) * probesPerExample * n * k) + (row % n * k), k);
            (float max, float sum) = Softmax.Normaliser<TTeam, Scalar>(l, k);
            float reciprocal = 1f / sum;
            float inverse = Rebar.InverseTemperature(state[0].Temperature, control[1], 0);
            float posteriorInner = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                posteriorInner += Elementary.Exp(l[i] - max) * reciprocal * v[i];
            posteriorInner = TTeam.Sum(posteriorInner);
            float inner = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                inner += y[i] * Elementary.Exp(gap[i]) * (v[i] - posteriorInner);
            inner = TTeam.Sum(inner);
            float largest = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
            {
                float d = inverse * y[i] * ((Elementary.Exp(gap[i]) * (v[i] - posteriorInner)) - inner);
                directions[start + i] = d;
                largest = Elementary.Max(largest, Elementary.Max(d, -d));
            }

            largest = TTeam.Max(largest);
            if (TTeam.Lane == 0)
            {
                parts[2L * row] = v[numbers[row]] - posteriorInner;
                parts[(2L * row) + 1] = largest;
            }
        }
    }

    internal readonly struct TrainingRowsBody(
        ArrayView<float> probes, ArrayView<float> directions, ArrayView<float> parts, ArrayView<float> rows, ArrayView<float> weights, int probesPerExample, int n, int width, float scale)
        : IRowBody
    {
        public void Row(int row)
        {
            float score = 0f;
            float largest = 0f;
            for (int variable = 0; variable < n; variable++)
            {
                score += parts[2L * ((row * n) + variable)];
                largest = Elementary.Max(largest, parts[(2L * ((row * n) + variable)) + 1]);
            }

            // Where nothing moves there is no direction to take a slope along.
            float epsilon = largest > SmallestDirection ? LargestChange / largest : 0f;
            float slope = largest > SmallestDirection ? scale * largest / (2f * LargestChange) : 0f;
            weights[3L * row] = scale * score;
            weights[(3L * row) + 1] = -slope;
            weights[(3L * row) + 2] = slope;
            ArrayView<float> y = probes.SubView((long)row * probesPerExample * width, width);
            ArrayView<float> d = directions.SubView((long)row * width, width);
            ArrayView<float> target = rows.SubView(3L * row * width, 3 * width);
            for (int i = 0; i < width; i++)
            {
                target[i] = y[i];
                target[width + i] = y[i] + (epsilon * d[i]);
                target[(2 * width) + i] = y[i] - (epsilon * d[i]);
            }
        }
    }
}
