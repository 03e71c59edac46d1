using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// REBAR: the score function with the relaxation as control variate, unbiased for any eta and t. With c(y) = eta f(y), and RELAX's + r(y),
/// <code>
/// dE[f]/dl = E[ (f(b) - c(y~)) d log q(b)/dl + dc(y)/dl - dc(y~)/dl ],     y = softmax(s / t),  y~ = softmax(s~ / t),  s~ distributed as s given b
/// </code>
/// s~ may be coupled to s as one likes. Here its noise is the one that makes s~ = s, as the paper ties them, so that y~ = y is decoded once and the two differ
/// only
/// in how they move with l. Given the winner, s~_w = logsumexp(l) - log E_w and e^-s~_i = E_i e^-l_i + e^-s~_w, so with e_i = e^(s_i - s_w)
/// <code>
/// ds~_i/dl_j = (1 - e_i) [i = j] + e_i q_j,      dc(y)/dl_j - dc(y~)/dl_j = u_j e_j - q_j sum_i u_i e_i,      u = (1/t) y (g - sum(y g)),  g = dc/dy
/// </code>
/// </summary>
/// <remarks>
/// G. Tucker, A. Mnih, C. J. Maddison, D. Lawson, J. Sohl-Dickstein, NeurIPS 2017; W. Grathwohl, D. Choi, Y. Wu, G. Roeder, D. Duvenaud, ICLR 2018.
/// </remarks>
internal static class Rebar
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
        RebarPull.Record(list, state, sample, signals, n);
        long read = (4L * sample.Logits.Length) + ((signals.Network is null ? 2L : 3L) * sample.Probes.Length);
        KernelCost cost = KernelCost.Floats(read, (10L * sample.Logits.Length) + (12L * sample.Probes.Length));
        list.Rows("rebar.backward", rows, k, new BackwardKernel(state, sample, signals, n, scale), cost, RowTraits.Apart);
    }

    /// <summary>1 / t of a probe.</summary>
    internal static float InverseTemperature(float temperature, float logFactor, int probe) =>
        Elementary.Exp(-logFactor - (probe * TemperatureStep)) / temperature;

    /// <summary>Where the probes of rows [example, variable] lie among the rows [example, probe, variable].</summary>
    internal static RowPlace Probe(RowPlace at, int probe, int probesPerExample, int n) =>
        new(Probe(at.First, probe, probesPerExample, n), Probe(at.Second, probe, probesPerExample, n), at.Count);

    private static int Probe(int row, int probe, int probesPerExample, int n) => (((row / n * probesPerExample) + probe) * n) + (row % n);

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
            GumbelNoise.Perturb(
                logits, row, new RandomRow(seed, Randomness.Codes, state[0].Step, 0), at, k, gaps, keeps: true, out T max, out T maxAt, out T _);
            T rowMax = T.MaxByRow(max, k);
            T.StoreByRow(CategoricalSample.Winner(max, maxAt, rowMax, k), numbers, at, k);
            for (int i = T.First; i < k; i += T.Step)
                T.Store(T.Load(gaps, row, i, 0f) - rowMax, gaps, row, i);
            for (int probe = 0; probe < probesPerExample; probe++)
            {
                T inverse = T.Fill(InverseTemperature(state[0].Scheduled.Temperature, control[1], probe)), total = T.Fill(0f);
                RowSlice y = T.Slice(Probe(at, probe, probesPerExample, n), k);
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
    }

    internal readonly struct BackwardKernel(ArrayView<StepState> state, RebarSample sample, RebarSignals signals, int n, float scale) : IRowKernel
    {
        // [B, N K] or, of probes, [B P, N K]; f [B, 1], f of probes and r [B P, 1].
        private readonly Cells logits = sample.Logits, gaps = sample.Gaps, probes = sample.Probes, f = signals.LogLikelihood,
            probeF = signals.ProbeLogLikelihood, sums = signals.Sums;
        private readonly Cells probesGrad = signals.ProbesGrad, network = Cells.Of(signals.Network), networkGrad = Cells.Of(signals.NetworkGrad);
        private readonly Cells logitsGrad = signals.LogitsGrad, estimate = Cells.Of(signals.Estimate), slopes = Cells.Of(signals.ControlSlopes);
        private readonly ArrayView<int> numbers = sample.Codes.Numbers;
        private readonly ArrayView<float> control = sample.Control.View;
        private readonly ArrayView<StepState> state = state;
        private readonly int rows = sample.Logits.Rows * n, n = n, k = sample.Logits.Columns / n, probesPerExample = sample.ProbesPerExample;
        private readonly float initialScale = sample.InitialScale, scale = scale;

        // It keeps a dozen rows, and with more elements they leave the registers: 864 bytes of them with sixteen, as ptxas says.
        public static int LongestRowOfALane => 2 * Vector4.Width;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice row = T.Slice(at, k);
            Softmax.Exponentials(logits, row, k, logits, keeps: false, out T max, out T sum, out _);
            T reciprocal = T.ReciprocalByRow(sum), eta = T.Fill(initialScale + control[0]), weight = T.Fill(scale), one = T.Fill(1f), none = T.Fill(0f);
            T number = T.LoadByRow(numbers, at, k), reward = T.LoadByRow(f, at.Over(n), k);

            // The second temperature shows which way the variance falls; where there is none it is the first once more.
            Path<T> path = At<T>(at, 0), other = At<T>(at, probesPerExample - 1);
            T advantage = (eta * path.F) + path.R - (weight * reward), temperatureAdvantage = (eta * (other.F - path.F)) + other.R - path.R;
            T etaSlope = none, temperatureSlope = none;
            for (int i = T.First; i < k; i += T.Step)
            {
                T q = T.Exp(T.Load(logits, row, i, float.NegativeInfinity) - max) * reciprocal;
                T score = T.WhereEqual(T.CountFrom(i, k), number, one, none) - q;
                T winner = T.Exp(T.Load(gaps, row, i, float.NegativeInfinity));
                T pull = Decoder(path, i, winner, q), networkPull = Network(path, i, winner, q);
                T grad = (advantage * score) + (eta * pull) + networkPull;
                T.Store(T.Load(logitsGrad, row, i, 0f) + grad, logitsGrad, row, i);
                if (estimate.AreThere)
                    T.Store(grad, estimate, row, i);
                if (slopes.AreThere)
                {
                    etaSlope += grad * ((path.F * score) + pull);
                    temperatureSlope += grad * (
                        (temperatureAdvantage * score) + (eta * (Decoder(other, i, winner, q) - pull)) + Network(other, i, winner, q) - networkPull);
                }
            }

            etaSlope = T.SumByRow(etaSlope, k);
            temperatureSlope = T.SumByRow(temperatureSlope, k);
            if (slopes.AreThere)
            {
                T.StoreByRow(T.Fill(2f) * etaSlope, slopes, at.Entry(2, 0), k);
                T.StoreByRow(T.Fill(2f / TemperatureStep) * temperatureSlope, slopes, at.Entry(2, 1), k);
            }
        }

        // u_j e_j - q_j sum_i u_i e_i for df/dy.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private T Decoder<T>(in Path<T> path, int i, T winner, T q)
            where T : struct, IRows<T> =>
            (
                path.InverseTemperature * T.Load(probes, path.Probe, i, 0f) * (
                    T.Load(probesGrad, path.Probe, i, 0f) - path.DecoderInner) * winner) - (q * path.DecoderTotal);

        // The same for dr/dy.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private T Network<T>(in Path<T> path, int i, T winner, T q)
            where T : struct, IRows<T>
        {
            T pull = T.Fill(0f);
            if (networkGrad.AreThere)
                pull = (
                    path.InverseTemperature * T.Load(probes, path.Probe, i, 0f) * (
                        T.Load(networkGrad, path.Probe, i, 0f) - path.NetworkInner) * winner) - (q * path.NetworkTotal);
            return pull;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Path<T> At<T>(RowPlace at, int probe)
            where T : struct, IRows<T>
        {
            RowPlace probeAt = Rebar.Probe(at, probe, probesPerExample, n);
            T weight = T.Fill(scale), none = T.Fill(0f);
            Path<T> path = new()
            {
                Probe = T.Slice(probeAt, k),
                InverseTemperature = T.Fill(InverseTemperature(state[0].Scheduled.Temperature, control[1], probe)),
                F = weight * T.LoadByRow(probeF, probeAt.Over(n), k),
                DecoderInner = T.LoadByRow(sums, probeAt.Entry(RebarPull.SumsPerRow, 0), k),
                DecoderTotal = T.LoadByRow(sums, probeAt.Entry(RebarPull.SumsPerRow, 1), k),
                R = none,
                NetworkInner = none,
                NetworkTotal = none,
            };
            if (networkGrad.AreThere)
            {
                path.R = weight * T.LoadByRow(network, probeAt.Over(n), k);
                path.NetworkInner = T.LoadByRow(sums, probeAt.Entry(RebarPull.SumsPerRow, 2), k);
                path.NetworkTotal = T.LoadByRow(sums, probeAt.Entry(RebarPull.SumsPerRow, 3), k);
            }

            return path;
        }
    }

    // One probe's way back to the logits: where its values are, what it was worth, times the scale, and the sums of the pull-back for f and for r.
    private struct Path<T>
        where T : struct, IRows<T>
    {
        internal RowSlice Probe;
        internal T InverseTemperature, F, R, DecoderInner, DecoderTotal, NetworkInner, NetworkTotal;
    }
}
