using System.Numerics;
using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The pull-back, with or without RELAX's network; with a second probe also the slopes of the estimate's square.</summary>
internal sealed class RebarBackward(int probes, bool network) : RebarOperation(variant: $"{probes} probes{(network ? " and a network" : string.Empty)}")
{
    public override RowLaunch[] Launches(int rows, int k) =>
        [new(typeof(RebarPull.Kernel), rows, RowTraits.Apart), new(typeof(Rebar.BackwardKernel), rows, RowTraits.Apart)];

    // Logits, gaps, df/dy, dr/dy, relaxed codes, hard ones; f, f of probes, r; the control.
    public override RowArray[] Inputs(InputKind kind, int rows, int k)
    {
        (float[] logits, int[] codes, float[] gaps, float[] relaxed) = Sample(kind, rows, k, probes);
        int n = Variables(rows), examples = rows / n;
        float[] decoder = Array.ConvertAll(Normal(rows * probes, k, 2), g => -Scale * g);
        float[] other = Array.ConvertAll(Normal(rows * probes, k, 3), g => -Scale * g);
        return
        [
            RowArray.Of(logits, k),
            RowArray.Of(gaps, k),
            OfProbes(decoder),
            network ? OfProbes(other) : RowArray.Shared(new float[other.Length], k),
            OfProbes(relaxed),
            RowArray.Codes(codes),
            RowArray.Shared(Normal(examples, 1, 4), 1),
            RowArray.Shared(Normal(examples * probes, 1, 5), 1),
            RowArray.Shared(network ? Normal(examples * probes, 1, 6) : new float[examples * probes], 1),
            RowArray.Shared(Control, 2),
        ];

        RowArray OfProbes(float[] values) => RowArray.Of(values, k) with { RowOf = row => RowOfProbe(row, probes, n) };
    }

    public override RowArray[] Outputs(int rows, int k)
    {
        RowArray sums = RowArray.Of(new float[4 * rows * probes], 4) with { RowOf = row => RowOfProbe(row, probes, Variables(rows)) };
        RowArray[] gradients = [sums, RowArray.Of(Normal(rows, k, 7), k), new(rows, k)];
        return probes == 1 ? gradients : [.. gradients, new(2 * rows, 1) { RowOf = row => row / 2 }];
    }

    public override void Record(RowRun run)
    {
        int n = Variables(run.Rows), examples = run.Rows / n;
        RebarSignals signals = new()
        {
            Sums = run.Out(0),
            LogLikelihood = run.In(6),
            ProbeLogLikelihood = run.In(7),
            ProbesGrad = run.In(2, examples * probes),
            Network = network ? run.In(8) : null,
            NetworkGrad = network ? run.In(3, examples * probes) : null,
            LogitsGrad = run.Out(1, examples),
            Estimate = run.Out(2, examples),
            ControlSlopes = probes == 1 ? null : run.Out(3, run.Rows),
        };
        Rebar.Backward(run.List, run.State, SampleOf(run, run.CodesIn(5, n), run.In(1), run.In(4), 9, probes), signals, n, Scale);
    }

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k)
    {
        Path<T>[][] paths = [.. Enumerable.Range(0, rows).Select(row =>
            Enumerable.Range(0, probes).Select(probe => new Path<T>(inputs, row, probe, probes, Variables(rows), k)).ToArray())];
        T[] estimate = [.. paths.SelectMany(path => path[0].Estimate)];
        T[] sums = Each(rows * probes, row => paths[RowOfProbe(row, probes, Variables(rows))][row / Variables(rows) % probes].Sums);
        return [sums, Sum(before[1], estimate), estimate, [.. paths.SelectMany(path => path[0].Slopes(path[^1]))]];
    }

    // Terms of either sign: rewards times at most 1, gradients less their mean over the temperature. A slope sums the estimate times another such sum of terms,
    // or times the difference of two over the step between them.
    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k)
    {
        int n = Variables(rows);
        if (output == 0)
            return [.. ByRow.Largest(inputs[2], k).Zip(ByRow.Largest(inputs[3], k), (f, r) => Math.Max(f, r) / TemperatureOf<double>(0))];
        return Each(rows, row =>
        {
            Path<double> path = new(inputs, row, 0, probes, n, k), other = new(inputs, row, probes - 1, probes, n, k);
            double twice = 2 * path.Estimate.Sum(Math.Abs);
            return output == 3 ? [twice * path.Size, twice * Math.Max(path.Size, other.Size) / Rebar.TemperatureStep] : new[] { path.Size };
        });
    }

    // One row's way from a probe to the logits.
    private sealed class Path<T>
        where T : struct, IFloatingPointIeee754<T>
    {
        private readonly T advantage, scaledF;
        private readonly T[] score, pull;

        internal Path(T[][] inputs, int row, int probe, int probes, int n, int k)
        {
            int at = ProbeRow(row, probe, probes, n), example = row / n, probeExample = (example * probes) + probe;
            T scale = T.CreateChecked(Scale), t = TemperatureOf<T>(probe);
            T[] logits = ByRow.Row(inputs[0], row, k), gaps = ByRow.Row(inputs[1], row, k), y = ByRow.Row(inputs[4], at, k);
            T[] f = ByRow.Row(inputs[2], at, k), r = ByRow.Row(inputs[3], at, k);
            score = EstimatorReference.Score(logits, OneHot.Row(inputs[5][row], k), T.One);
            pull = RebarReference.Pull(logits, gaps, y, f, t);
            scaledF = scale * inputs[7][probeExample];
            advantage = (Eta<T>() * scaledF) + (scale * inputs[8][probeExample]) - (scale * inputs[6][example]);
            T[] networkPull = RebarReference.Pull(logits, gaps, y, r, t);
            Estimate = [.. Enumerable.Range(0, k).Select(i => (advantage * score[i]) + (Eta<T>() * pull[i]) + networkPull[i])];
            Sums = [.. Totals(f), .. Totals(r)];
            T largest = f.Concat(r).Select(T.Abs).Max();
            Size = T.Abs(scaledF) + (scale * (T.Abs(inputs[8][probeExample]) + T.Abs(inputs[6][example]))) + (largest / t);

            IEnumerable<T> Totals(T[] g)
            {
                yield return SoftmaxReference.Sum(y.Zip(g, (a, b) => a * b));
                yield return SoftmaxReference.Sum(SoftmaxReference.Backward(y, g).Zip(gaps, (u, gap) => u / t * T.Exp(gap)));
            }
        }

        /// <summary>h.</summary>
        internal T[] Estimate { get; }

        /// <summary>sum(y g) and sum(u e), of f and of r.</summary>
        internal T[] Sums { get; }

        /// <summary>The size of the terms.</summary>
        internal T Size { get; }

        /// <summary>2 h dh/d eta, and 2 h dh/d log t with dh over the step to <paramref name="other"/>.</summary>
        internal T[] Slopes(Path<T> other)
        {
            T two = T.CreateChecked(2);
            T eta = SoftmaxReference.Sum(Estimate.Select((h, i) => h * ((scaledF * score[i]) + pull[i])));
            T temperature = SoftmaxReference.Sum(Estimate.Zip(other.Estimate, (h, moved) => h * (moved - h)));
            return [two * eta, two * temperature / T.CreateChecked(Rebar.TemperatureStep)];
        }
    }
}
