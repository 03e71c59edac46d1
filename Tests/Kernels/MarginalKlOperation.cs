using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The KL of the batch's mean posterior, its gradients and the mutual information: R variables of three examples.</summary>
internal sealed class MarginalKlOperation(PriorRows prior) : RowOperation(variant: prior)
{
    private const int Examples = 3;

    private static readonly KlObjective Objective = new() { PosteriorWeight = 0.6f, PriorWeight = 1.5f, InformationWeight = 0.5f, MarginalWeight = 2f };

    private static float Extra => Beta * (Objective.MarginalWeight - Objective.InformationWeight);

    public override InputKind[] Kinds => [InputKind.Outliers, InputKind.AllEqual, InputKind.Masked];

    public override RowLaunch[] Launches(int rows, int k)
    {
        RowTraits traits = rows * k % 16 == 0 ? RowTraits.None : RowTraits.Apart;
        RowLaunch posterior = new(typeof(Softmax.ForwardKernel), Examples * rows);
        RowLaunch forward = new(typeof(MarginalKl.ForwardKernel), rows) { OnGroups = typeof(MarginalKl.ForwardTile) },
            backward = new(typeof(MarginalKl.BackwardKernel), Examples * rows, traits);
        return prior == PriorRows.None
            ? [posterior, forward, backward]
            : [posterior, posterior with { Rows = Count(rows) }, forward, backward, new(typeof(MarginalKl.PriorBackwardKernel), Examples * rows, traits)];
    }

    public override RowArray[] Inputs(InputKind kind, int rows, int k)
    {
        RowArray logits = ByTurns(RowInputs.Make(kind, Examples * rows, k, 1), rows, k);
        return prior == PriorRows.None ? [logits] : [logits, ByTurns(Normal(Count(rows), k, 2), rows, k)];
    }

    public override RowArray[] Outputs(int rows, int k)
    {
        RowArray column = new(rows, 1), logitsGrad = ByTurns(Normal(Examples * rows, k, 3), rows, k);
        return prior == PriorRows.None ? [column, column, logitsGrad] : [column, column, logitsGrad, ByTurns(Normal(Examples * rows, k, 4), rows, k)];
    }

    public override void Record(RowRun run)
    {
        bool isUniform = prior == PriorRows.None;
        MarginalKlTerms terms = new()
        {
            Pass = new CategoricalTerms
            {
                Logits = run.In(0),
                Prior = isUniform ? null : run.In(1),
                Kl = run.Scratch(Examples * run.Rows, 1),
                LogitsGrad = run.Out(2),
                PriorGrad = isUniform ? null : run.Out(3),
                Objective = Objective,
            },
            LogPosterior = run.Scratch(Examples * run.Rows, run.K),
            LogPrior = isUniform ? null : run.Scratch(Count(run.Rows), run.K),
            LogRatio = run.Scratch(run.Rows, run.K),
            MarginalKl = run.Out(0),
            Information = run.Out(1),
        };
        MarginalKl.Record(run.List, terms, run.State);
    }

    public override T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k)
    {
        T posterior = T.CreateChecked(Extra * Objective.PosteriorWeight), other = T.CreateChecked(Extra * Objective.PriorWeight);
        MarginalKlReference<T> terms = MarginalKlReference<T>.Of(inputs[0], prior == PriorRows.None ? null : inputs[1], rows, k, posterior, other);
        return
        [
            terms.MarginalKl, terms.Information, Sum(before[2], terms.LogitsGrad), prior == PriorRows.None ? [] : Sum(before[3], terms.PriorGrad),
        ];
    }

    // Differences of logarithms of the size of the largest difference of logits, weighed by probabilities.
    public override double[]? Magnitudes(int output, double[][] inputs, int rows, int k)
    {
        double largest = Math.Log(k) + inputs.Sum(Spread);
        return output < 2 ? [.. Enumerable.Repeat(largest, rows)] : [.. Enumerable.Repeat(Extra * largest / Examples, Examples * rows)];
    }

    private static RowArray ByTurns(float[] values, int rows, int k) => RowArray.Of(values, k) with { RowOf = row => row % rows };

    private static double Spread(double[] values)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        return finite.Max() - finite.Min();
    }

    private int Count(int rows) => prior == PriorRows.Variables ? rows : Examples * rows;
}
