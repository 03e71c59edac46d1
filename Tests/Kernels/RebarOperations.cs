using System.Numerics;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>What REBAR's operations share: rows [example, variable], probe rows [example, probe, variable], and samples made on the host.</summary>
internal abstract class RebarOperation(Type? kernel = null, RowTraits traits = RowTraits.None, object? variant = null)
    : RowOperation(kernel, traits, variant)
{
    protected const float InitialScale = 0.9f, Scale = 0.37f;

    protected static readonly float[] Control = [-0.3f, 0.2f];

    public override InputKind[] Kinds => [InputKind.Masked];

    protected static T Eta<T>()
        where T : INumber<T> => T.CreateChecked(InitialScale) + T.CreateChecked(Control[0]);

    protected static T TemperatureOf<T>(int probe)
        where T : IFloatingPointIeee754<T> =>
        T.CreateChecked(Temperature) * T.Exp(T.CreateChecked(Control[1]) + (T.CreateChecked(probe) * T.CreateChecked(Rebar.TemperatureStep)));

    /// <summary>The row of a probe of row [example, variable].</summary>
    protected static int ProbeRow(int row, int probe, int probes, int n) => (((row / n * probes) + probe) * n) + (row % n);

    /// <summary>The row [example, variable] that a probe's row belongs to.</summary>
    protected static int RowOfProbe(int row, int probes, int n) => (row / (probes * n) * n) + (row % n);

    /// <summary>Logits, and a sample of them: winners, what each category lost by, relaxed codes.</summary>
    protected static (float[] Logits, int[] Codes, float[] Gaps, float[] Relaxed) Sample(InputKind kind, int rows, int k, int probes)
    {
        float[] logits = RowInputs.Make(kind, rows, k, 1), noise = PhiloxReference.Gumbel<float>(Seed + 1, 0, Step, rows, k);
        float[] gaps = Each(Sum(logits, noise), k, s => s.Select(x => x - s.Max()));
        int n = Variables(rows);
        float[] relaxed = Each(rows * probes, row => EstimatorReference.Softmax(
            ByRow.Row(gaps, RowOfProbe(row, probes, n), k), TemperatureOf<float>(row / n % probes)));
        return (logits, [.. Enumerable.Range(0, rows).Select(row => Array.IndexOf(ByRow.Row(gaps, row, k), 0f))], gaps, relaxed);
    }

    protected static RebarSample SampleOf(RowRun run, Codes codes, Matrix gaps, Matrix probes, int control, int probesPerExample)
    {
        int examples = run.Rows / Variables(run.Rows);
        return new()
        {
            Logits = run.In(0, examples),
            Codes = codes,
            Gaps = gaps.Reshape(examples, (int)gaps.Length / examples),
            Probes = probes.Reshape(examples * probesPerExample, (int)gaps.Length / examples),
            Control = run.In(control),
            InitialScale = InitialScale,
        };
    }
}

/// <summary>The sample: winners, gaps and relaxed codes.</summary>
internal sealed class RebarSampling(int probes) : RebarOperation(variant: $"{probes} probes")
{
    public override RowLaunch[] Launches(int rows, int k) =>
        [new(typeof(Rebar.SampleKernel), rows, RowTraits.Draws | (probes == 1 ? RowTraits.None : RowTraits.Apart))];

    public override RowArray[] Inputs(InputKind kind, int rows, int k) => [RowArray.Of(RowInputs.Make(kind, rows, k, 1), k), RowArray.Shared(Control, 2)];

    public override RowArray[] Outputs(int rows, int k) =>
    [
        new(rows, 1) { AreCodes = true },
        new(rows, k),
        new(rows * probes, k) { RowOf = row => RowOfProbe(row, probes, Variables(rows)) },
    ];

    public override void Record(RowRun run)
    {
        int n = Variables(run.Rows);
        Rebar.Sample(run.List, run.State, SampleOf(run, run.CodesOut(0, n), run.Out(1), run.Out(2), 1, probes), n, Seed);
    }

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k)
    {
        T[] scores = Sum(inputs[0], PhiloxReference.Gumbel<T>(Seed, (int)Randomness.Codes, Step, rows, k));
        T[] gaps = Each(scores, k, s => s.Select(x => x - s.Max()));
        int n = Variables(rows);
        return [scores, gaps, Each(rows * probes, row => SoftmaxReference.Softmax(
            [.. ByRow.Row(gaps, RowOfProbe(row, probes, n), k).Select(gap => gap / TemperatureOf<T>(row / n % probes))]))];
    }

    // As good as the logits and the noise, itself as good as a logarithm near 1, and a relaxed code as its own change with them.
    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k)
    {
        double[] noise = PhiloxReference.Gumbel<double>(Seed, (int)Randomness.Codes, Step, rows, k);
        int n = Variables(rows);
        double[] largest = [.. ByRow.Largest(inputs[0], k).Zip(ByRow.Largest(noise, k), (l, g) => Math.Max(1, Math.Max(l, g)))];
        return output == 1 ? largest : Each(rows * probes, row => new[]
        {
            GumbelSoftmaxReference.Magnitude(
                ByRow.Row(inputs[0], RowOfProbe(row, probes, n), k), ByRow.Row(noise, RowOfProbe(row, probes, n), k), TemperatureOf<double>(row / n % probes)),
        });
    }
}

/// <summary>RELAX's directions, in which the two relaxed samples part.</summary>
internal sealed class RelaxDirections() : RebarOperation(typeof(Relax.DirectionsKernel), RowTraits.Apart)
{
    public override RowArray[] Inputs(InputKind kind, int rows, int k)
    {
        (float[] logits, int[] codes, float[] gaps, float[] relaxed) = Sample(kind, rows, k, 1);
        return
        [
            RowArray.Of(logits, k), RowArray.Of(gaps, k), RowArray.Of(relaxed, k), RowArray.Of(Normal(rows, k, 2), k), RowArray.Codes(codes),
            RowArray.Shared(Control, 2),
        ];
    }

    public override RowArray[] Outputs(int rows, int k) => [new(rows, k), new(rows, 2)];

    public override void Record(RowRun run)
    {
        int n = Variables(run.Rows), examples = run.Rows / n;
        RebarSample sample = SampleOf(run, run.CodesIn(4, n), run.In(1), run.In(2), 5, 1);
        Relax.Directions(run.List, run.State, sample, run.In(3, examples), run.Out(0, examples), run.Out(1), n);
    }

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k)
    {
        T[] directions = Each(rows, row => RebarReference.ClosedDirection(
            ByRow.Row(inputs[0], row, k), ByRow.Row(inputs[1], row, k), ByRow.Row(inputs[2], row, k), ByRow.Row(inputs[3], row, k), TemperatureOf<T>(0)));
        return [directions, Each(rows, row => new[]
        {
            SoftmaxReference.Sum(EstimatorReference
                .Score(ByRow.Row(inputs[0], row, k), OneHot.Row(inputs[4][row], k), T.One)
                .Zip(ByRow.Row(inputs[3], row, k), (s, v) => s * v)),
            ByRow.Row(directions, row, k).Select(T.Abs).Aggregate(T.Max),
        })];
    }

    // Slopes less their means.
    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k) =>
        [.. ByRow.Largest(inputs[3], k).Select(v => v / Math.Min(1, TemperatureOf<double>(0)))];
}
