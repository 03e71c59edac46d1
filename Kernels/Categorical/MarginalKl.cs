using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>What the KL of the aggregate posterior reads and writes, for B examples of N variables of K categories.</summary>
internal sealed record MarginalKlTerms
{
    /// <summary>The pass whose posterior [B N, K], prior [N, K] or [B N, K], gradients and objective these are.</summary>
    public required CategoricalTerms Pass { get; init; }

    /// <summary>log q of every example, [B N, K].</summary>
    public required Matrix LogPosterior { get; init; }

    /// <summary>log p, of the prior's shape; needed with a prior.</summary>
    public Matrix? LogPrior { get; init; }

    /// <summary>r = log q' - log p' of the two means, [N, K].</summary>
    public required Matrix LogRatio { get; init; }

    /// <summary>M = KL(q' || p') of each variable, [N, 1], nats.</summary>
    public required Matrix MarginalKl { get; init; }

    /// <summary>I = mean_b KL(q_b || q') of each variable, [N, 1], nats.</summary>
    public required Matrix Information { get; init; }
}

/// <summary>
/// The KL of the aggregate posterior of a batch, for each variable:
/// <code>
/// q'_k = 1/B sum_b q_bk      p'_k = 1/B sum_b p_bk      r_k = log q'_k - log p'_k
/// M = sum_k q'_k r_k         I = sum_k (1/B sum_b q_bk log q_bk - q'_k log q'_k)
/// dM/dl_bk = 1/B q_bk (r_k - sum_j q_bj r_j)      dM/dprior_bk = 1/B (p_bk sum_j t_bj - t_bk),  t_bk = p_bk q'_k / p'_k
/// </code>
/// All in logarithms, so that a category rarer than a float can be costs what it should and t never divides by nothing.
/// </summary>
internal static partial class MarginalKl
{
    /// <summary>Records M and I, and adds beta (w_M - w_I) M's gradients to those of the pass.</summary>
    /// <param name="list">Where to record, behind the pass.</param>
    /// <param name="terms">What to read and write.</param>
    /// <param name="state">Its Beta weighs the KL.</param>
    /// <exception cref="ArgumentException">Shapes do not fit together.</exception>
    public static void Record(LaunchList list, MarginalKlTerms terms, ArrayView<StepState> state)
    {
        CategoricalTerms pass = terms.Pass;
        (int rows, int k, int n) = (pass.Logits.Rows, pass.Logits.Columns, terms.LogRatio.Rows);
        if (n == 0 || rows % n != 0)
            throw new ArgumentException($"{rows} rows of the posterior are no whole examples of {n} variables.", nameof(terms));
        terms.LogPosterior.Require(rows, k, nameof(terms.LogPosterior));
        terms.LogRatio.Require(n, k, nameof(terms.LogRatio));
        terms.MarginalKl.Require(n, 1, nameof(terms.MarginalKl));
        terms.Information.Require(n, 1, nameof(terms.Information));
        Softmax.LogForward(list, pass.Logits, terms.LogPosterior);
        if (pass.Prior is { } prior)
        {
            if (prior.Rows != n && prior.Rows != rows)
                throw new ArgumentException($"the prior has {prior.Rows} rows, and needs one for each of {n} variables or of {rows} rows.", nameof(terms));
            Softmax.LogForward(list, prior, terms.LogPrior ?? throw new ArgumentException("LogPrior goes with a prior.", nameof(terms)));
        }

        KernelCost forward = KernelCost.Floats(pass.Logits.Length + (terms.LogPrior?.Length ?? 0), 6 * pass.Logits.Length);
        if (list.Device.Style == LaunchStyle.Processor)
            list.Rows("marginal-kl.forward", n, k, new ForwardKernel(terms), forward);
        else
            list.Tiles("marginal-kl.forward", n, list.Device.GroupSize, GroupsAtOnce, new ForwardTile(list.Device, terms), forward);
        float extra = pass.Objective.MarginalWeight - pass.Objective.InformationWeight;
        if (extra == 0f || pass.LogitsGrad is null)
            return;
        float scale = extra * n / rows;
        KernelCost backward = KernelCost.Floats(3 * pass.Logits.Length, 8 * pass.Logits.Length);
        RowTraits traits = RowShape.ByTurns(terms.LogRatio, rows);
        list.Rows("marginal-kl.backward", rows, k, new BackwardKernel(terms, state, scale), backward, traits);
        if (pass.PriorGrad is not null && pass.Prior is not null)
            list.Rows("marginal-kl.prior-backward", rows, k, new PriorBackwardKernel(terms, state, scale), backward, traits);
    }

    internal readonly struct BackwardKernel(MarginalKlTerms terms, ArrayView<StepState> state, float scale) : IRowKernel
    {
        private readonly Cells logPosterior = terms.LogPosterior, logRatio = terms.LogRatio, logitsGrad = Cells.Of(terms.Pass.LogitsGrad);
        private readonly int rows = terms.LogPosterior.Rows, variables = terms.LogRatio.Rows, k = terms.LogRatio.Columns;
        private readonly float scale = scale * terms.Pass.Objective.PosteriorWeight;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice row = T.Slice(at, k), ratio = T.Slice(at.Within(variables), k);
            T weight = T.Fill(state[0].Scheduled.Beta * scale), sum = T.Fill(0f);
            for (int i = T.First; i < k; i += T.Step)
                sum += CategoricalPass.Weighted(T.Exp(T.Load(logPosterior, row, i, float.NegativeInfinity)), T.Load(logRatio, ratio, i, 0f));
            T mean = T.SumByRow(sum, k);
            for (int i = T.First; i < k; i += T.Step)
            {
                T q = T.Exp(T.Load(logPosterior, row, i, float.NegativeInfinity));
                T.Store(T.Load(logitsGrad, row, i, 0f) + CategoricalPass.Weighted(q, weight * (T.Load(logRatio, ratio, i, 0f) - mean)), logitsGrad, row, i);
            }
        }
    }

    internal readonly struct PriorBackwardKernel(MarginalKlTerms terms, ArrayView<StepState> state, float scale) : IRowKernel
    {
        private readonly Cells logPrior = Cells.Of(terms.LogPrior), logRatio = terms.LogRatio, priorGrad = Cells.Of(terms.Pass.PriorGrad);
        private readonly int rows = terms.LogPosterior.Rows, variables = terms.LogRatio.Rows, k = terms.LogRatio.Columns, priorRows = terms.LogPrior?.Rows ?? 1;
        private readonly float scale = scale * terms.Pass.Objective.PriorWeight;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice row = T.Slice(at, k), ratio = T.Slice(at.Within(variables), k), prior = T.Slice(at.Within(priorRows), k);
            T weight = T.Fill(state[0].Scheduled.Beta * scale), sum = T.Fill(0f);
            for (int i = T.First; i < k; i += T.Step)
                sum += T.Exp(T.Load(logPrior, prior, i, float.NegativeInfinity) + T.Load(logRatio, ratio, i, 0f));
            T total = T.SumByRow(sum, k);
            for (int i = T.First; i < k; i += T.Step)
            {
                T logP = T.Load(logPrior, prior, i, float.NegativeInfinity);
                T grad = weight * ((T.Exp(logP) * total) - T.Exp(logP + T.Load(logRatio, ratio, i, 0f)));
                T.Store(T.Load(priorGrad, row, i, 0f) + grad, priorGrad, row, i);
            }
        }
    }
}
