using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// REBAR: the score function with the relaxation as control variate, unbiased for any eta and t. With c(y) = eta f(y), and RELAX's + r(y),
/// <code>
/// dE[f]/dl = E[ (f(b) - c(y~)) d log q(b)/dl + dc(y)/dl - dc(y~)/dl ],     y = softmax(s / t),  y~ = softmax(s~ / t),  s~ distributed as s given b
/// </code>
/// s~ may be coupled to s as one likes. Here its noise is the one that makes s~ = s, as the paper ties them, so that y~ = y is decoded once and the two differ only
/// in how they move with l. Given the winner, s~_w = logsumexp(l) - log E_w and e^-s~_i = E_i e^-l_i + e^-s~_w, so with e_i = e^(s_i - s_w)
/// <code>
/// ds~_i/dl_j = (1 - e_i) [i = j] + e_i q_j,      dc(y)/dl_j - dc(y~)/dl_j = u_j e_j - q_j sum_i u_i e_i,      u = (1/t) y (g - sum(y g)),  g = dc/dy
/// </code>
/// </summary>
/// <remarks>
/// G. Tucker, A. Mnih, C. J. Maddison, D. Lawson, J. Sohl-Dickstein, NeurIPS 2017; W. Grathwohl, D. Choi, Y. Wu, G. Roeder, D. Duvenaud, ICLR 2018.
/// </remarks>
public static class Rebar
{
    /// <summary>The difference in log t over which the slope of the variance with the temperature is taken.</summary>
    public const float TemperatureStep = 0.05f;

    /// <summary>Records the sample; its noise comes from <see cref="Randomness.Codes"/>.</summary>
    public static void Sample(LaunchList list, ArrayView<StepState> state, RebarSample sample, int n, ulong seed)
    {
        int k = sample.Logits.Columns / n;
        int rows = sample.Logits.Rows * n;
        sample.Codes.Require(sample.Logits.Rows, n, k, nameof(sample.Codes));
        sample.Gaps.Require(sample.Logits.Rows, n * k, nameof(sample.Gaps));
        sample.Probes.Require(sample.Codes.Rows * sample.ProbesPerExample, n * k, nameof(sample.Probes));
        sample.Control.Require(1, 2, nameof(sample.Control));
        KernelCost cost = KernelCost.Floats((2L + sample.ProbesPerExample) * rows * k, (5L + (3L * sample.ProbesPerExample)) * rows * k);

        // Rows of a vector have their probes side by side where there is one an example.
        RowTraits traits = RowTraits.Draws | (sample.ProbesPerExample == 1 ? RowTraits.None : RowTraits.Apart);
        list.Rows("rebar.sample", rows, k, new SampleKernel(state, sample, rows, n, seed), cost, traits);
    }

    /// <summary>Records logitsGrad += -<paramref name="scale"/> dE[f]/dl, and what the tuning needs; scale is the one in ProbesGrad, 1 / B.</summary>
    public static void Backward(LaunchList list, ArrayView<StepState> state, RebarSample sample, RebarSignals signals, int n, float scale)
    {
        int k = sample.Logits.Columns / n;
        int rows = sample.Logits.Rows * n;
        signals.LogLikelihood.Require(sample.Codes.Rows, 1, nameof(signals.LogLikelihood));
        signals.ProbeLogLikelihood.Require(sample.Probes.Rows, 1, nameof(signals.ProbeLogLikelihood));
        signals.ProbesGrad.Require(sample.Probes.Rows, n * k, nameof(signals.ProbesGrad));
        signals.Network?.Require(sample.Probes.Rows, 1, nameof(signals.Network));
        signals.NetworkGrad?.Require(sample.Probes.Rows, n * k, nameof(signals.NetworkGrad));
        signals.LogitsGrad.Require(sample.Codes.Rows, n * k, nameof(signals.LogitsGrad));
        signals.Estimate?.Require(sample.Codes.Rows, n * k, nameof(signals.Estimate));
        signals.ControlSlopes?.Require(rows, 2, nameof(signals.ControlSlopes));
        if ((signals.Network is null) != (signals.NetworkGrad is null))
            throw new ArgumentException("Network and NetworkGrad go together.", nameof(signals));
        bool hasNetwork = signals.Network is not null;
        RebarPull.Record(list, state, sample, signals, n);
        KernelCost cost = KernelCost.Floats((4L * sample.Logits.Length) + ((hasNetwork ? 3L : 2L) * sample.Probes.Length), (10L * sample.Logits.Length) + (12L * sample.Probes.Length));
        list.Rows("rebar.backward", rows, k, new BackwardRows<OneLane>(state, sample, signals, n, scale), new BackwardRows<OneGroup>(state, sample, signals, n, scale), cost);
    }

    /// <summary>1 / t of a probe.</summary>
    internal static float InverseTemperature(float temperature, float logFactor, int probe) =>
        Elementary.Exp(-logFactor - (probe * TemperatureStep)) / temperature;

    internal readonly struct SampleKernel(ArrayView<StepState> state, RebarSample sample, int rows, int n, ulong seed) : IRowKernel
    {
        private readonly Cells logits = sample.Logits, gaps = sample.Gaps, probes = sample.Probes;
        private readonly ArrayView<int> numbers = sample.Codes.Numbers;
        private readonly ArrayView<float> control = sample.Control.View;
        private readonly ArrayView<StepState> state = state;
        private readonly int rows = rows, n = n, k = sample.Logits.Columns / n, probesPerExample = sample.ProbesPerExample;
        private readonly ulong seed = seed;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice row = T.Slice(at, k);
            GumbelNoise.Perturb(logits, row, new RandomRow(seed, Randomness.Codes, state[0].Step, 0), at, k, gaps, keeps: true, out T max, out T maxAt, out T _);
            T rowMax = T.MaxByRow(max, k);
            T.StoreByRow(CategoricalSample.Winner(max, maxAt, rowMax, k), numbers, at, k);
            for (int i = T.First; i < k; i += T.Step)
                T.Store(T.Load(gaps, row, i, 0f) - rowMax, gaps, row, i);
            for (int probe = 0; probe < probesPerExample; probe++)
            {
                T inverse = T.Fill(InverseTemperature(state[0].Temperature, control[1], probe)), total = T.Fill(0f);
                RowSlice y = T.Slice(new RowPlace(ProbeRow(at.First, probe), ProbeRow(at.Second, probe), at.Count), k);
                for (int i = T.First; i < k; i += T.Step)
                {
                    T exponential = T.Exp(T.Load(gaps, row, i, float.NegativeInfinity) * inverse);
                    T.Store(exponential, probes, y, i);
                    total += exponential;
                }

                T scale = T.ReciprocalByRow(T.SumByRow(total, k));
                for (int i = T.First; i < k; i += T.Step)
                    T.Store(T.Load(probes, y, i, 0f) * scale, probes, y, i);
            }
        }

        // Rows of probes are [example, probe, variable].
        private int ProbeRow(int row, int probe) => (((row / n * probesPerExample) + probe) * n) + (row % n);
    }

    internal readonly struct BackwardRows<TTeam>(ArrayView<StepState> state, RebarSample sample, RebarSignals signals, int n, float scale) : IRowBody
        where TTeam : struct, ILaneOrGroup
    {
        private readonly ArrayView<float> logits = sample.Logits.View, gaps = sample.Gaps.View, probes = sample.Probes.View;
        private readonly ArrayView<int> numbers = sample.Codes.Numbers;
        private readonly ArrayView<float> control = sample.Control.View, f = signals.LogLikelihood.View, probeF = signals.ProbeLogLikelihood.View, sums = signals.Sums.View;
        private readonly ArrayView<float> probesGrad = signals.ProbesGrad.View, network = signals.Network?.View ?? default, networkGrad = signals.NetworkGrad?.View ?? default;
        private readonly ArrayView<float> logitsGrad = signals.LogitsGrad.View, estimate = signals.Estimate?.View ?? default, slopes = signals.ControlSlopes?.View ?? default;
        private readonly ArrayView<StepState> state = state;
        private readonly int n = n, k = sample.Logits.Columns / n, probesPerExample = sample.ProbesPerExample;
        private readonly int hasNetwork = signals.Network is null ? 0 : 1, hasEstimate = signals.Estimate is null ? 0 : 1, hasSlopes = signals.ControlSlopes is null ? 0 : 1;
        private readonly float initialScale = sample.InitialScale, scale = scale;

        public void Row(int row)
        {
            int example = row / n;
            ArrayView<float> l = logits.SubView((long)row * k, k);
            (float max, float sum) = Softmax.Normaliser<TTeam, Scalar>(l, k);
            float reciprocal = 1f / sum;
            float eta = initialScale + control[0];

            // The second temperature shows which way the variance falls; where there is none it is the first once more.
            Path path = At(row, 0);
            Path other = At(row, probesPerExample - 1);
            float etaSlope = 0f;
            float temperatureSlope = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
            {
                long at = ((long)row * k) + i;
                float q = Elementary.Exp(l[i] - max) * reciprocal;
                float score = (i == numbers[row] ? 1f : 0f) - q;
                float winner = Elementary.Exp(gaps[at]);
                float pull = Decoder(path, i, winner, q);
                float networkPull = Network(path, i, winner, q);
                float grad = (-scale * (f[example] - (eta * path.F) - path.R) * score) + (eta * pull) + networkPull;
                logitsGrad[at] += grad;
                if (hasEstimate == 1)
                    estimate[at] = grad;
                etaSlope += grad * ((scale * path.F * score) + pull);
                temperatureSlope += grad
                    * ((scale * ((eta * (other.F - path.F)) + other.R - path.R) * score) + (eta * (Decoder(other, i, winner, q) - pull)) + Network(other, i, winner, q) - networkPull);
            }

            etaSlope = TTeam.Sum(etaSlope);
            temperatureSlope = TTeam.Sum(temperatureSlope);
            if (hasSlopes == 1 && TTeam.Lane == 0)
            {
                slopes[2L * row] = 2f * etaSlope;
                slopes[(2L * row) + 1] = 2f / TemperatureStep * temperatureSlope;
            }
        }

        // u_j e_j - q_j sum_i u_i e_i for df/dy.
        private float Decoder(Path path, int i, float winner, float q) =>
            (path.InverseTemperature * probes[path.Start + i] * (probesGrad[path.Start + i] - path.DecoderInner) * winner) - (q * path.DecoderTotal);

        // The same for dr/dy.
        private float Network(Path path, int i, float winner, float q)
        {
            float pull = 0f;
            if (hasNetwork == 1)
                pull = (path.InverseTemperature * probes[path.Start + i] * (networkGrad[path.Start + i] - path.NetworkInner) * winner) - (q * path.NetworkTotal);
            return pull;
        }

        private Path At(int row, int probe)
        {
            int probeRow = (row / n * probesPerExample) + probe;
            int sumsRow = (probeRow * n) + (row % n);
            return new Path
            {
                Start = (long)sumsRow * k,
                InverseTemperature = InverseTemperature(state[0].Temperature, control[1], probe),
                F = probeF[probeRow],
                R = hasNetwork == 1 ? network[probeRow] : 0f,
                DecoderInner = sums[4L * sumsRow],
                DecoderTotal = sums[(4L * sumsRow) + 1],
                NetworkInner = sums[(4L * sumsRow) + 2],
                NetworkTotal = sums[(4L * sumsRow) + 3],
            };
        }
    }

    // One probe's way back to the logits: where its values start, and the sums of the pull-back for f and for r.
    private struct Path
    {
        internal long Start;
        internal float InverseTemperature, F, R, DecoderInner, DecoderTotal, NetworkInner, NetworkTotal;
    }
}
