using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>A straight-through rule.</summary>
internal sealed class StraightThroughOperation(StraightThroughRule rule) : RowOperation(typeof(StraightThrough.Kernel), variant: rule)
{
    public override InputKind[] Kinds => [InputKind.Outliers, InputKind.Masked, InputKind.NanRow];

    public override RowArray[] Inputs(InputKind kind, int rows, int k) =>
        [RowArray.Of(RowInputs.Make(kind, rows, k, 1), k), RowArray.Of(Normal(rows, k, 2), k), RowArray.Codes(Categories(rows, k, 3))];

    public override RowArray[] Outputs(int rows, int k) => [RowArray.Of(Normal(rows, k, 4), k)];

    public override void Record(RowRun run) =>
        StraightThrough.Backward(run.List, rule, run.State, run.In(0), run.CodesIn(2, 1), run.In(1), run.Out(0));

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k)
    {
        T[] Pulled(int row)
        {
            (T[] l, T[] g, T[] z) = (ByRow.Row(inputs[0], row, k), ByRow.Row(inputs[1], row, k), OneHot.Row(inputs[2][row], k));
            return rule == StraightThroughRule.Plain ? EstimatorReference.Plain(l, g, Temperature) : EstimatorReference.ReinMax(l, z, g, Temperature);
        }

        return [Sum(before[0], Each(rows, Pulled))];
    }

    // Gradients less their mean under a distribution.
    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k) => ByRow.Largest(inputs[1], k);
}

/// <summary>The score function of two samples an example, with logits of each example's own or shared by all.</summary>
internal sealed class ScoreFunctionOperation(bool hard, bool accumulate, bool shared)
    : RowOperation(typeof(ScoreFunction.Kernel), RowTraits.Apart, $"{(hard ? "hard" : "relaxed")}{(accumulate ? ", added" : "")}{(shared ? ", shared" : "")}")
{
    private const int Samples = 2;
    private const float Scale = 0.37f;

    public override InputKind[] Kinds => shared ? [] : [InputKind.Outliers, InputKind.Masked, InputKind.NanRow];

    public override RowArray[] Inputs(InputKind kind, int rows, int k)
    {
        float[] logits = RowInputs.Make(kind, LogitsRows(rows), k, 1), advantages = Normal(rows / Variables(rows) * Samples, 1, 2);
        RowArray codes = hard ? RowArray.Codes(Categories(rows * Samples, k, 3)) : RowArray.Of(Draws.Uniform(new Random(3), rows * Samples * k), k);
        return [shared ? RowArray.Shared(logits, k) : RowArray.Of(logits, k), RowArray.Shared(advantages, 1), codes with { RowOf = null }];
    }

    public override RowArray[] Outputs(int rows, int k) => [accumulate ? RowArray.Of(Normal(rows, k, 4), k) : new(rows, k)];

    public override void Record(RowRun run)
    {
        int n = Variables(run.Rows), examples = run.Rows / n;
        Codes codes = hard ? run.CodesIn(2, n) : Codes.Relaxed(run.In(2, examples * Samples), n);
        ScoreFunction.Backward(run.List, codes, run.In(1), run.In(0, shared ? 1 : examples), run.Out(0, examples), Scale, accumulate);
    }

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k)
    {
        T[] Score(int row, int s)
        {
            int n = Variables(rows), sample = (row / n * Samples) + s, code = (sample * n) + (row % n);
            T[] z = hard ? OneHot.Row(inputs[2][code], k) : ByRow.Row(inputs[2], code, k);
            T[] score = EstimatorReference.Score(ByRow.Row(inputs[0], row % LogitsRows(rows), k), z, inputs[1][sample]);
            return Array.ConvertAll(score, value => -T.CreateChecked(Scale) * value);
        }

        T[] sum = Each(rows, row => Enumerable.Range(0, Samples).Select(s => Score(row, s)).Aggregate(Sum));
        return [accumulate ? Sum(before[0], sum) : sum];
    }

    // Advantages of either sign times at most 1.
    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k) => Each(rows, row => new[]
    {
        Scale * Enumerable.Range(row / Variables(rows) * Samples, Samples).Sum(sample => Math.Abs(inputs[1][sample])),
    });

    private int LogitsRows(int rows) => shared ? Variables(rows) : rows;
}

/// <summary>The Gumbel-Rao pull-back of three draws.</summary>
internal sealed class GumbelRaoOperation() : RowOperation(typeof(GumbelRao.Kernel), RowTraits.Draws)
{
    private const int DrawsPerRow = 3;

    public override InputKind[] Kinds => [InputKind.Masked, InputKind.NanRow];

    public override RowArray[] Inputs(InputKind kind, int rows, int k)
    {
        float[] logits = RowInputs.Make(kind, rows, k, 1);

        // What is masked is never drawn.
        int[] codes = [.. Enumerable.Range(0, rows).Select(row => Array.FindLastIndex(ByRow.Row(logits, row, k), l => !float.IsNegativeInfinity(l)))];
        return [RowArray.Of(logits, k), RowArray.Of(Normal(rows, k, 2), k), RowArray.Codes(codes)];
    }

    public override RowArray[] Outputs(int rows, int k) => [RowArray.Of(Normal(rows, k, 4), k)];

    public override void Record(RowRun run) => GumbelRao.Backward(
        run.List, run.State, run.In(0), run.CodesIn(2, 1), run.In(1), run.Out(0), run.Scratch(run.Rows, run.K), DrawsPerRow, Seed);

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k)
    {
        T[] noise = PhiloxReference.Gumbel<T>(Seed, (int)Randomness.ConditionalCodes, Step, DrawsPerRow * rows, k);
        return [Each(rows, row => GumbelRaoReference.Backward(
            ByRow.Row(inputs[0], row, k),
            int.CreateChecked(inputs[2][row]),
            ByRow.Row(inputs[1], row, k),
            [.. Enumerable.Range(0, DrawsPerRow).Select(draw => ByRow.Row(noise, (draw * rows) + row, k))],
            T.CreateChecked(Temperature),
            ByRow.Row(before[0], row, k)))];
    }

    // Gradients less their mean, and relaxed codes as good as the perturbed logits that they are made from.
    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k)
    {
        double[] logits = ByRow.Largest(inputs[0], k);
        return [.. ByRow.Largest(inputs[1], k).Select((g, row) => g * (1 + logits[row]) / Temperature)];
    }
}

/// <summary>What comes back from the rows of local expectation.</summary>
internal sealed class LocalExpectationBackward() : RowOperation(typeof(LocalExpectation.BackwardKernel))
{
    private const float Scale = 0.37f;

    public override RowArray[] Inputs(InputKind kind, int rows, int k) =>
        [RowArray.Of(ByRow.Map<float>(Normal(rows, k, 1), k, SoftmaxReference.Softmax), k), RowArray.Of(RowInputs.LogLikelihoods(rows, k, 2), k)];

    public override RowArray[] Outputs(int rows, int k) => [RowArray.Of(Normal(rows, k, 3), k)];

    public override void Record(RowRun run) =>
        LocalExpectation.Backward(run.List, run.In(0), run.In(1, run.Rows * run.K), run.Out(0), Scale);

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k) =>
    [
        [
            .. before[0].Zip(
                Each(inputs[0], inputs[1], k, (q, f) => SoftmaxReference.Backward(q, f)), (start, grad) => start - (T.CreateChecked(Scale) * grad)),
        ],
    ];

    // Log-likelihoods less their mean.
    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k) => [.. ByRow.Largest(inputs[1], k).Select(f => Scale * f)];
}

/// <summary>The expectation of local expectation, three variables an example.</summary>
internal sealed class LocalReconstruction() : RowOperation(typeof(LocalExpectation.ReconstructionKernel))
{
    private const int N = 3;

    public override RowArray[] Inputs(InputKind kind, int rows, int k) =>
        [RowArray.Of(ByRow.Map<float>(Normal(rows, k, 1), k, SoftmaxReference.Softmax), k), RowArray.Of(RowInputs.LogLikelihoods(rows, k, 2), k)];

    public override RowArray[] Outputs(int rows, int k) => [new(rows, 1)];

    public override void Record(RowRun run) =>
        LocalExpectation.Reconstruction(run.List, run.In(0), run.In(1, run.Rows * run.K), run.Out(0), N);

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k) =>
        [Each(inputs[0], inputs[1], k, (q, f) => [SoftmaxReference.Sum(q.Zip(f, (p, value) => p * value)) / T.CreateChecked(N)])];

    // As good as the mean size of what is averaged.
    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k) => ByRow.Largest(inputs[1], k);
}
