using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Softmax, log-softmax or logsumexp.</summary>
internal sealed class SoftmaxForward(Softmax.Output part) : RowOperation(typeof(Softmax.ForwardKernel), variant: part)
{
    public override InputKind[] Kinds => Enum.GetValues<InputKind>();
    public override int LongestRow => int.MaxValue;
    public override (int Input, int Output)[] InPlace => part == Softmax.Output.LogSumExp ? [] : [(0, 0)];

    public override RowArray[] Outputs(int rows, int k) => [new(rows, part == Softmax.Output.LogSumExp ? 1 : k)];

    public override void Record(RowRun run)
    {
        if (part == Softmax.Output.Probabilities)
            Softmax.Forward(run.List, run.In(0), run.Out(0));
        else if (part == Softmax.Output.LogProbabilities)
            Softmax.LogForward(run.List, run.In(0), run.Out(0));
        else
            Softmax.LogSumExp(run.List, run.In(0), run.Out(0));
    }

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k) => [Each(inputs[0], k, l => part switch
    {
        Softmax.Output.Probabilities => SoftmaxReference.Softmax(l),
        Softmax.Output.LogProbabilities => SoftmaxReference.LogSoftmax(l),
        _ => [SoftmaxReference.LogSumExp(l)],
    })];

    // max + log sum: where the two cancel, the result is as good as the larger of them.
    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k) =>
        part == Softmax.Output.LogSumExp ? Each(inputs[0], k, l => [Math.Abs(l.Max())]) : null;
}

/// <summary>The gradient through a softmax; the kinds are the gradient's.</summary>
internal sealed class SoftmaxBackward() : RowOperation(typeof(Softmax.BackwardKernel))
{
    public override InputKind[] Kinds => [InputKind.Outliers, InputKind.AllEqual, InputKind.Hundreds, InputKind.NanRow];
    public override int LongestRow => int.MaxValue;
    public override (int Input, int Output)[] InPlace => [(0, 0)];

    public override RowArray[] Inputs(InputKind kind, int rows, int k) =>
        [RowArray.Of(RowInputs.Make(kind, rows, k, 3), k), RowArray.Of(ByRow.Map<float>(Normal(rows, k, 2), k, SoftmaxReference.Softmax), k)];

    public override void Record(RowRun run) => Softmax.Backward(run.List, run.In(1), run.In(0), run.Out(0));

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k) => [Each(inputs[1], inputs[0], k, SoftmaxReference.Backward)];

    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k) =>
        Each(inputs[0], inputs[1], k, (g, p) => [g.Zip(p, (a, b) => Math.Abs(a) * b).Max()]);
}

/// <summary>A posterior mixed with the uniform distribution.</summary>
internal sealed class UniformMixForward(float share) : RowOperation(typeof(UniformMix.ForwardKernel), variant: share)
{
    public override InputKind[] Kinds => Enum.GetValues<InputKind>();
    public override (int Input, int Output)[] InPlace => [(0, 0)];

    public override void Record(RowRun run) => UniformMix.Forward(run.List, run.In(0), run.Out(0), share);

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k) =>
        [Each(inputs[0], k, l => UniformMixReference.LogMixed(l, T.CreateChecked(share)))];

    // A logarithm near 0 is as good as the probability near 1 that it is taken of.
    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k) => [.. Enumerable.Repeat(1.0, rows)];
}

/// <summary>Its gradient.</summary>
internal sealed class UniformMixBackward(float share) : RowOperation(typeof(UniformMix.BackwardKernel), variant: share)
{
    public override InputKind[] Kinds => [InputKind.Outliers, InputKind.Masked, InputKind.AllEqual, InputKind.NanRow];
    public override (int Input, int Output)[] InPlace => [(1, 0)];

    public override RowArray[] Inputs(InputKind kind, int rows, int k) =>
        [RowArray.Of(RowInputs.Make(kind, rows, k, 1), k), RowArray.Of(Normal(rows, k, 2), k)];

    public override void Record(RowRun run) => UniformMix.Backward(run.List, run.In(0), run.In(1), run.Out(0), share);

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k) =>
        [Each(inputs[0], inputs[1], k, (l, g) => UniformMixReference.Backward(l, g, T.CreateChecked(share)))];

    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k) => ByRow.Largest(inputs[1], k);
}

/// <summary>Gumbel noise alone.</summary>
internal sealed class Noise() : RowOperation(typeof(GumbelNoise.Kernel), RowTraits.Draws)
{
    public override RowArray[] Inputs(InputKind kind, int rows, int k) => [];

    public override void Record(RowRun run) => GumbelNoise.Record(run.List, run.State, run.Out(0), Seed, Randomness.Codes);

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k) =>
        [PhiloxReference.Gumbel<T>(Seed, (int)Randomness.Codes, Step, rows, k)];

    // The inner logarithm of a number near 1 is as large as its distance from 1.
    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k) => [.. Enumerable.Repeat(1.0, rows)];
}

/// <summary>Samples of each row's category.</summary>
internal sealed class Samples(int samples) : RowOperation(variant: $"{samples} a row")
{
    public override InputKind[] Kinds => Enum.GetValues<InputKind>();

    public override RowLaunch[] Launches(int rows, int k)
    {
        bool packs = samples == 1 || Variables(rows) * k % 16 == 0;
        return [new(typeof(CategoricalSample.Kernel), rows * samples, RowTraits.Draws | (packs ? RowTraits.None : RowTraits.Apart))];
    }

    public override RowArray[] Outputs(int rows, int k) =>
        [new(rows * samples, 1) { AreCodes = true, RowOf = row => LogitsRow(row, Variables(rows)) }];

    public override void Record(RowRun run)
    {
        int n = Variables(run.Rows);
        CategoricalSample.Record(run.List, run.State, run.In(0), run.CodesOut(0, n), Seed, Randomness.Codes, samples);
    }

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k)
    {
        T[] noise = PhiloxReference.Gumbel<T>(Seed, (int)Randomness.Codes, Step, rows * samples, k);
        return [Each(rows * samples, row => Sum(ByRow.Row(inputs[0], LogitsRow(row, Variables(rows)), k), ByRow.Row(noise, row, k)))];
    }

    // Rows of samples are [example, sample, variable].
    private int LogitsRow(int row, int n) => (row / (samples * n) * n) + (row % n);
}

/// <summary>The Gumbel-Softmax relaxation, soft and hard.</summary>
internal sealed class GumbelSoftmaxForward(float temperature) : RowOperation(typeof(GumbelSoftmax.ForwardKernel), RowTraits.Draws, variant: temperature)
{
    public override InputKind[] Kinds => temperature == Temperature ? Enum.GetValues<InputKind>() : [InputKind.Outliers];
    public override int LongestRow => temperature == Temperature ? int.MaxValue : base.LongestRow;
    public override StepState State => base.State with { Scheduled = base.State.Scheduled with { Temperature = temperature } };

    public override RowArray[] Outputs(int rows, int k) => [new(rows, k), new(rows, 1) { AreCodes = true }];

    public override void Record(RowRun run) =>
        GumbelSoftmax.Forward(run.List, run.State, run.In(0), run.Out(0), run.CodesOut(1, 1), Seed, Randomness.Codes);

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k)
    {
        T[] noise = PhiloxReference.Gumbel<T>(Seed, (int)Randomness.Codes, Step, rows, k);
        return [Each(inputs[0], noise, k, (l, g) => GumbelSoftmaxReference.Soft(l, g, T.CreateChecked(temperature))), Sum(inputs[0], noise)];
    }

    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k)
    {
        double[] noise = PhiloxReference.Gumbel<double>(Seed, (int)Randomness.Codes, Step, rows, k);
        return Each(inputs[0], noise, k, (l, g) => [GumbelSoftmaxReference.Magnitude(l, g, temperature)]);
    }
}

/// <summary>Its gradient, added to what was there; the kinds are the gradient's.</summary>
internal sealed class GumbelSoftmaxBackward(float temperature) : RowOperation(typeof(GumbelSoftmax.BackwardKernel), variant: temperature)
{
    public override InputKind[] Kinds => [InputKind.Outliers, InputKind.NanRow];
    public override int LongestRow => temperature == Temperature ? int.MaxValue : base.LongestRow;
    public override StepState State => base.State with { Scheduled = base.State.Scheduled with { Temperature = temperature } };

    public override RowArray[] Inputs(InputKind kind, int rows, int k) =>
        [RowArray.Of(RowInputs.Make(kind, rows, k, 4), k), RowArray.Of(ByRow.Map<float>(Normal(rows, k, 3), k, SoftmaxReference.Softmax), k)];

    public override RowArray[] Outputs(int rows, int k) => [RowArray.Of(Normal(rows, k, 5), k)];

    public override void Record(RowRun run) => GumbelSoftmax.Backward(run.List, run.State, run.In(1), run.In(0), run.Out(0));

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k) => [Each(rows, row => GumbelSoftmaxReference.Backward(
        ByRow.Row(inputs[1], row, k), ByRow.Row(inputs[0], row, k), T.CreateChecked(temperature), ByRow.Row(before[0], row, k)))];

    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k) =>
        Each(inputs[0], inputs[1], k, (g, y) => [g.Zip(y, (a, b) => Math.Abs(a) * b).Max() / temperature]);
}
