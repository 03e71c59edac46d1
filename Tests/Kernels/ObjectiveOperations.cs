using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>How many rows of a prior there are for R rows.</summary>
public enum PriorRows
{
    /// <summary>None: the uniform prior.</summary>
    None,

    /// <summary>One, shared by all rows.</summary>
    One,

    /// <summary>One for each variable, again and again.</summary>
    Variables,

    /// <summary>One for each row.</summary>
    Each,
}

/// <summary>The fused pass of the ELBO's terms and gradients; with an objective of its own, the kinds are the prior's.</summary>
internal sealed class CategoricalPassOperation(PriorRows prior, KlObjective? objective = null)
    : RowOperation(variant: $"prior rows: {prior}{(objective is null ? string.Empty : ", free bits")}")
{
    private const float Scale = 0.125f;

    public override InputKind[] Kinds => objective is not null ? [InputKind.Outliers, InputKind.Hundreds, InputKind.Huge, InputKind.NanRow]
        : prior is PriorRows.None or PriorRows.Each ? Enum.GetValues<InputKind>() : [];

    public override int LongestRow => prior is PriorRows.None or PriorRows.Each ? int.MaxValue : base.LongestRow;
    public override (int Input, int Output)[] InPlace => [(1, 3)];

    public override RowLaunch[] Launches(int rows, int k)
    {
        int priorRows = prior == PriorRows.None ? rows : Count(rows);
        return [new(typeof(CategoricalPass.Kernel), rows, priorRows == rows || priorRows * k % 16 == 0 ? RowTraits.None : RowTraits.Apart)];
    }

    public override RowArray[] Inputs(InputKind kind, int rows, int k)
    {
        RowArray logits = RowArray.Of(RowInputs.Make(objective is null ? kind : InputKind.Normal, rows, k, 1), k);
        RowArray f = RowArray.Of(RowInputs.LogLikelihoods(rows, k, 2), k);
        RowArray priors = RowArray.Of(RowInputs.Make(objective is null ? InputKind.Normal : kind, Math.Max(1, Count(rows)), k, 3), k);
        return prior == PriorRows.None ? [logits, f] : [logits, f, prior == PriorRows.Each ? priors : priors with { RowOf = null }];
    }

    public override RowArray[] Outputs(int rows, int k)
    {
        RowArray column = new(rows, 1), matrix = new(rows, k);
        return prior == PriorRows.None ? [column, column, matrix, matrix] : [column, column, matrix, matrix, matrix];
    }

    public override void Record(RowRun run)
    {
        CategoricalTerms terms = new()
        {
            Logits = run.In(0),
            LogLikelihoods = run.In(1),
            Prior = prior == PriorRows.None ? null : run.In(2),
            Kl = run.Out(0),
            Reconstruction = run.Out(1),
            LogitsGrad = run.Out(2),
            LogLikelihoodsGrad = run.Out(3),
            PriorGrad = prior == PriorRows.None ? null : run.Out(4),
            Objective = objective ?? new(),
        };
        CategoricalPass.Record(run.List, terms, run.State, Scale);
    }

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k)
    {
        CategoricalPassReference<T>[] terms = [.. Enumerable.Range(0, rows).Select(row => CategoricalPassReference<T>.Of(
            ByRow.Row(inputs[0], row, k),
            PriorOf(inputs, row, rows, k),
            ByRow.Row(inputs[1], row, k),
            T.CreateChecked(Beta),
            T.CreateChecked(Scale),
            objective))];
        return
        [
            [.. terms.Select(term => term.Kl)],
            [.. terms.Select(term => term.Reconstruction)],
            [.. terms.SelectMany(term => term.LogitsGrad)],
            [.. terms.SelectMany(term => term.LogLikelihoodsGrad)],
            [.. terms.SelectMany(term => term.PriorGrad)],
        ];
    }

    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k) => output switch
    {
        3 => null,
        4 => Each(inputs[0], k, l => [Scale * Beta * SoftmaxReference.Softmax(l).Max()]),
        _ => Each(rows, row =>
        {
            (double kl, double reconstruction, double grad) = CategoricalPassReference<double>.Magnitudes(
                ByRow.Row(inputs[0], row, k), PriorOf(inputs, row, rows, k), ByRow.Row(inputs[1], row, k), Beta, Scale);
            return new[] { output switch { 0 => kl, 1 => reconstruction, _ => grad } };
        }),
    };

    private int Count(int rows) => prior switch { PriorRows.None => 0, PriorRows.One => 1, PriorRows.Variables => Variables(rows), _ => rows };

    private T[]? PriorOf<T>(T[][] inputs, int row, int rows, int k) => prior == PriorRows.None ? null : ByRow.Row(inputs[2], row % Count(rows), k);
}

/// <summary>The exact log-likelihood.</summary>
internal sealed class LogMarginalOperation(PriorRows prior) : RowOperation(variant: prior)
{
    public override InputKind[] Kinds => prior == PriorRows.Each ? Enum.GetValues<InputKind>() : [];
    public override int LongestRow => int.MaxValue;

    public override RowLaunch[] Launches(int rows, int k) =>
        [new(typeof(LogMarginal.Kernel), rows, Count(rows) == rows || Count(rows) * k % 16 == 0 ? RowTraits.None : RowTraits.Apart)];

    public override RowArray[] Inputs(InputKind kind, int rows, int k)
    {
        RowArray f = RowArray.Of(RowInputs.Make(kind, rows, k, 5), k);
        RowArray logPrior = RowArray.Of(ByRow.Map<float>(Normal(Count(rows), k, 6), k, SoftmaxReference.LogSoftmax), k);
        return [f, prior == PriorRows.Each ? logPrior : logPrior with { RowOf = null }];
    }

    public override RowArray[] Outputs(int rows, int k) => [new(rows, 1)];

    public override void Record(RowRun run) => LogMarginal.Record(run.List, run.In(0), run.In(1), run.Out(0));

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k) => [Each(rows, row => new[]
    {
        SoftmaxReference.LogSumExp(Sum(ByRow.Row(inputs[0], row, k), ByRow.Row(inputs[1], row % Count(rows), k))),
    })];

    // The sum of a log-likelihood and a log-prior is as good as the larger of them, before and after the maximum is taken away.
    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k)
    {
        double[] priors = ByRow.Largest(inputs[1], k);
        return [.. ByRow.Largest(inputs[0], k).Select((f, row) => Math.Max(f, priors[row % priors.Length]))];
    }

    private int Count(int rows) => prior switch { PriorRows.One => 1, PriorRows.Variables => Variables(rows), _ => rows };
}

/// <summary>The importance-weighted bound of K samples an example.</summary>
internal sealed class ImportanceBoundOperation() : RowOperation(typeof(ImportanceBound.Kernel))
{
    private const float Scale = 0.25f;

    public override InputKind[] Kinds => [InputKind.Outliers, InputKind.AllEqual, InputKind.Hundreds, InputKind.NanRow];

    public override RowArray[] Outputs(int rows, int k) => [new(rows, 1), new(rows, k)];

    public override void Record(RowRun run) =>
        ImportanceBound.Record(run.List, run.In(0, run.Rows * run.K), run.Out(0), run.Out(1, run.Rows * run.K), Scale);

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k) =>
    [
        Each(inputs[0], k, w => [SoftmaxReference.LogSumExp(w) - T.Log(T.CreateChecked(k))]),
        Each(inputs[0], k, w => SoftmaxReference.Softmax(w).Select(v => -T.CreateChecked(Scale) * v)),
    ];

    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k) =>
        output == 0 ? [.. ByRow.Largest(inputs[0], k).Select(w => w + Math.Log(k))] : null;
}

/// <summary>The expectation over joint codes, whose probabilities take the place of their logarithms.</summary>
internal sealed class JointExpectation() : RowOperation(typeof(JointCodes.ExpectationKernel))
{
    public override RowArray[] Inputs(InputKind kind, int rows, int k) => [RowArray.Of(RowInputs.LogLikelihoods(rows, k, 2), k)];

    public override RowArray[] Outputs(int rows, int k) =>
        [RowArray.Of(ByRow.Map<float>(Normal(rows, k, 1), k, SoftmaxReference.LogSoftmax), k), new(rows, 1)];

    public override void Record(RowRun run) => JointCodes.Expectation(run.List, run.Out(0), run.In(0), run.Out(1));

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k) =>
        [Array.ConvertAll(before[0], T.Exp), Each(before[0], inputs[0], k, (log, f) => [JointCodesReference.Expectation(log, f)])];

    // As good as the mean size of what is averaged.
    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k) => output == 1 ? ByRow.Largest(inputs[0], k) : null;
}
