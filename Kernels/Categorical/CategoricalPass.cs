using ILGPU;
using ILGPU.Util;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// What the fused categorical pass reads and writes. R rows of K categories: R = B for one latent variable, R = B N for the KL of several.
/// </summary>
public sealed record CategoricalTerms
{
    /// <summary>Posterior logits l [R, K]; minus infinity masks a category.</summary>
    public required Matrix Logits { get; init; }

    /// <summary>Prior logits [P, K] with P a divisor of R: row r uses prior row r mod P. Null for the uniform prior.</summary>
    public Matrix? Prior { get; init; }

    /// <summary>Log-likelihood of each row's example under each code, F [R, K], nats. Null leaves only the KL.</summary>
    public Matrix? LogLikelihoods { get; init; }

    /// <summary>KL(q || p) of each row, [R, 1], nats.</summary>
    public required Matrix Kl { get; init; }

    /// <summary>Expected reconstruction sum_k q_k F_k of each row, [R, 1], nats; needed with <see cref="LogLikelihoods"/>.</summary>
    public Matrix? Reconstruction { get; init; }

    /// <summary>Gradient of the loss with respect to the logits, [R, K]. Null computes the terms alone.</summary>
    public Matrix? LogitsGrad { get; init; }

    /// <summary>Gradient with respect to each row's prior logits, [R, K]; a prior shared by rows sums them. Null where the prior is fixed.</summary>
    public Matrix? PriorGrad { get; init; }

    /// <summary>Gradient with respect to F, [R, K]; may be the memory of F itself.</summary>
    public Matrix? LogLikelihoodsGrad { get; init; }

    /// <summary>How the KL weighs in the gradients; its marginal part is <see cref="MarginalKl"/>'s.</summary>
    public KlObjective Objective { get; init; } = new();
}

/// <summary>
/// The fused categorical pass: for q = softmax(l), p = softmax(prior), per row
/// <code>
/// KL = sum_k q_k (log q_k - log p_k)        E = sum_k q_k F_k        L = scale (beta KL - E)
/// dL/dl_k = scale q_k (beta a_q (log q_k - log p_k - KL) - (F_k - E))
/// dL/dprior_k = scale beta a_p (p_k - q_k)      dL/dF_k = -scale q_k
/// </code>
/// with 0 log 0 = 0; a_q and a_p are the <see cref="KlObjective"/>'s weights of the two sides times w_I, and 0 where the row's KL is below its free bits. Softmax, KL, expectation and the whole backward pass read each row from memory once; the later sweeps find it in cache.
/// </summary>
public static partial class CategoricalPass
{
    private const string Name = "categorical-pass";

    /// <summary>The variant that rows of <paramref name="k"/> categories get.</summary>
    public static RowVariant VariantFor(ComputeDevice device, int k) => LaunchListExtensions.RowVariantFor(device, k);

    /// <summary>Records the pass.</summary>
    /// <param name="list">Where to record.</param>
    /// <param name="terms">What to read and write.</param>
    /// <param name="state">Its Beta weighs the KL.</param>
    /// <param name="scale">Weight of each row in the loss: 1 / B for a mean over examples.</param>
    /// <exception cref="ArgumentException">Shapes do not fit together.</exception>
    public static void Record(LaunchList list, CategoricalTerms terms, ArrayView<StepState> state, float scale)
    {
        (int rows, int k) = (terms.Logits.Rows, terms.Logits.Columns);
        terms.Kl.Require(rows, 1, nameof(terms.Kl));
        terms.LogLikelihoods?.Require(rows, k, nameof(terms.LogLikelihoods));
        terms.LogitsGrad?.Require(rows, k, nameof(terms.LogitsGrad));
        terms.PriorGrad?.Require(rows, k, nameof(terms.PriorGrad));
        terms.LogLikelihoodsGrad?.Require(rows, k, nameof(terms.LogLikelihoodsGrad));
        terms.Reconstruction?.Require(rows, 1, nameof(terms.Reconstruction));
        if (terms.Prior is { } prior && (prior.Columns != k || prior.Rows == 0 || rows % prior.Rows != 0))
            throw new ArgumentException($"the prior is [{prior.Rows}, {prior.Columns}] but the posterior's logits are [{rows}, {k}]: it needs {k} columns and a divisor of {rows} rows.", nameof(terms));
        if ((terms.LogLikelihoods is null) != (terms.Reconstruction is null))
            throw new ArgumentException("LogLikelihoods and Reconstruction go together.", nameof(terms));
        if (terms.LogLikelihoodsGrad is not null && terms.LogLikelihoods is null)
            throw new ArgumentException("LogLikelihoodsGrad needs LogLikelihoods.", nameof(terms));
        if ((terms.PriorGrad is not null && terms.Prior is null) || (terms.LogitsGrad is null && (terms.PriorGrad ?? terms.LogLikelihoodsGrad) is not null))
            throw new ArgumentException("PriorGrad needs Prior, and both other gradients need LogitsGrad.", nameof(terms));

        if (!RowGroups.TryRecord(list.Device, k, Packs(terms), new GroupLaunch(list, terms, state, scale)))
            VectorRows.Record(list.Device, rows, k, new Launch(list, terms, state, scale));
    }

    /// <summary>Each matrix that is there once; an exponential and about a dozen operations an element.</summary>
    public static KernelCost Cost(CategoricalTerms terms)
    {
        long elements = terms.Logits.Length;
        Matrix?[] others = [terms.LogLikelihoods, terms.LogitsGrad, terms.PriorGrad, terms.LogLikelihoodsGrad];
        return KernelCost.Floats(elements * (1 + others.Count(matrix => matrix is not null)) + (terms.Prior?.Length ?? 0), 12 * elements);
    }

    // A KL of 0 may come out a rounding below it, and nothing is to be free where nothing was asked for.
    private static float FreeNats(KlObjective objective) => objective.FreeBits > 0f ? objective.FreeBits : float.NegativeInfinity;

    private readonly struct Launch(LaunchList list, CategoricalTerms terms, ArrayView<StepState> state, float scale) : IRowLaunch
    {
        public void Record<TTeam, TVector>()
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            (int rows, int k) = (terms.Logits.Rows, terms.Logits.Columns);
            list.Rows<TTeam, Rows<TTeam, TVector>>(Name, rows, VectorRows.Count<TVector>(k), new(terms, state, scale, VectorRows.Held<TTeam, TVector>(list.Device, k)), Cost(terms));
        }
    }

    internal readonly struct Rows<TTeam, TVector> : IRowBody
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        private readonly ArrayView<float> logits, prior, logLikelihoods, kl, reconstruction, logitsGrad, priorGrad, logLikelihoodsGrad;
        private readonly ArrayView<StepState> state;
        private readonly int k, priorRows, hasPrior, hasLogLikelihoods, hasLogitsGrad, hasPriorGrad, hasLogLikelihoodsGrad, held;
        private readonly float scale, uniformLogProbability, posteriorWeight, priorWeight, freeNats;

        internal Rows(CategoricalTerms terms, ArrayView<StepState> state, float scale, int held)
        {
            this.held = held;
            k = terms.Logits.Columns;
            logits = terms.Logits.View;
            prior = terms.Prior?.View ?? default;
            hasPrior = terms.Prior is null ? 0 : 1;

            // Never 0: the division by it may be carried out even where its result is not used, and traps on processors.
            priorRows = terms.Prior?.Rows ?? 1;
            logLikelihoods = terms.LogLikelihoods?.View ?? default;
            hasLogLikelihoods = terms.LogLikelihoods is null ? 0 : 1;
            kl = terms.Kl.View;
            reconstruction = terms.Reconstruction?.View ?? default;
            logitsGrad = terms.LogitsGrad?.View ?? default;
            hasLogitsGrad = terms.LogitsGrad is null ? 0 : 1;
            priorGrad = terms.PriorGrad?.View ?? default;
            hasPriorGrad = terms.PriorGrad is null ? 0 : 1;
            logLikelihoodsGrad = terms.LogLikelihoodsGrad?.View ?? default;
            hasLogLikelihoodsGrad = terms.LogLikelihoodsGrad is null ? 0 : 1;
            this.state = state;
            this.scale = scale;
            uniformLogProbability = -MathF.Log(k);
            KlObjective objective = terms.Objective;
            posteriorWeight = objective.PosteriorWeight * objective.InformationWeight;
            priorWeight = objective.PriorWeight * objective.InformationWeight;
            freeNats = FreeNats(objective);
        }

        public void Row(int row)
        {
            long start = (long)row * k;
            ArrayView<float> l = logits.SubView(start, k);
            ArrayView<float> m = hasPrior == 1 ? prior.SubView((long)(row % priorRows) * k, k) : l;
            ArrayView<float> f = hasLogLikelihoods == 1 ? logLikelihoods.SubView(start, k) : l;
            ArrayView<float> grad = hasLogitsGrad == 1 ? logitsGrad.SubView(start, k) : l;
            (Distribution posterior, TVector last) = Posterior(l, grad);
            Distribution priorRow = posterior;
            if (hasPrior == 1)
                priorRow = Distribution.Of(Softmax.Normaliser<TTeam, TVector>(m, k));
            TVector klTerms = TVector.Fill(0f), expectedTerms = TVector.Fill(0f);
            for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
            {
                TVector q = Probability(posterior, last, l, grad, i);
                klTerms += Weighted(q, Ratio(posterior, priorRow, l, m, i));
                if (hasLogLikelihoods == 1)
                    expectedTerms += Weighted(q, TVector.LoadPart(f, i, k - i, 0f));
            }

            float ratio = TTeam.Sum(TVector.Sum(klTerms));
            float expected = TTeam.Sum(TVector.Sum(expectedTerms));
            float klSum = ratio - posterior.LogSum - (hasPrior == 1 ? -priorRow.LogSum : uniformLogProbability);
            if (TTeam.Lane == 0)
            {
                kl[row] = klSum;
                if (hasLogLikelihoods == 1)
                    reconstruction[row] = expected;
            }

            if (hasLogitsGrad == 1)
                Backward(start, l, m, f, grad, posterior, last, priorRow, ratio, klSum, expected);
        }

        // Each exponential is computed once: a lane keeps e^(l - max) in a register where one vector is all it has of the row, and in the gradient's memory, until the gradient takes its place,
        // where it has the row to itself. In a group with more the memory's traffic would cost more than the arithmetic.
        private (Distribution Posterior, TVector Last) Posterior(ArrayView<float> l, ArrayView<float> grad)
        {
            (float Max, float Sum, TVector Last) sums;
            if (TTeam.SharesRow || held == 1 || hasLogitsGrad == 0)
                sums = Softmax.HeldNormaliser<TTeam, TVector>(l, k);
            else
                sums = Softmax.Exponentials<TTeam, TVector>(l, grad, k);
            return (Distribution.Of((sums.Max, sums.Sum)), sums.Last);
        }

        private TVector Probability(Distribution posterior, TVector last, ArrayView<float> l, ArrayView<float> grad, int i)
        {
            TVector q;
            if (held == 1)
                q = last * TVector.Fill(posterior.Reciprocal);
            else if (TTeam.SharesRow || hasLogitsGrad == 0)
                q = posterior.Probability(TVector.LoadPart(l, i, k - i, float.NegativeInfinity));
            else
                q = TVector.LoadPart(grad, i, k - i, 0f) * TVector.Fill(posterior.Reciprocal);
            return q;
        }

        private void Backward(
            long start, ArrayView<float> l, ArrayView<float> m, ArrayView<float> f, ArrayView<float> grad, Distribution posterior, TVector last, Distribution priorRow, float ratio, float klSum, float expected)
        {
            // A KL that is not a number is not below anything, and shows.
            // Chosen without a branch, which ILGPU would think all lanes take (see PTX-TRAPS.md).
            float beta = Utilities.Select(klSum < freeNats, 0f, state[0].Beta);
            TVector posteriorBeta = TVector.Fill(beta * posteriorWeight), priorBeta = TVector.Fill(scale * beta * priorWeight);
            TVector rowScale = TVector.Fill(scale), meanRatio = TVector.Fill(ratio), mean = TVector.Fill(expected);
            for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
            {
                TVector q = Probability(posterior, last, l, grad, i);
                TVector inner = posteriorBeta * (Ratio(posterior, priorRow, l, m, i) - meanRatio);
                if (hasLogLikelihoods == 1)
                    inner -= TVector.LoadPart(f, i, k - i, 0f) - mean;
                TVector.StorePart(Weighted(rowScale * q, inner), grad, i, k - i);
                if (hasPriorGrad == 1)
                    TVector.StorePart(priorBeta * (priorRow.Probability(TVector.LoadPart(m, i, k - i, float.NegativeInfinity)) - q), priorGrad.SubView(start, k), i, k - i);

                // Written after F was read: the gradient may lie over F.
                if (hasLogLikelihoodsGrad == 1)
                    TVector.StorePart(TVector.Fill(-scale) * q, logLikelihoodsGrad.SubView(start, k), i, k - i);
            }
        }

        // A masked category has q = 0 and log q = minus infinity: its terms are 0, not 0 times infinity.
        private static TVector Weighted(TVector probability, TVector value) =>
            TVector.WherePositive(probability, probability * value, probability * TVector.Fill(0f));

        // log q - log p but for what is the same in the whole row: it cancels in the gradient, so no element has to wait for the row's logarithms.
        private TVector Ratio(Distribution posterior, Distribution priorRow, ArrayView<float> l, ArrayView<float> m, int i)
        {
            TVector logit = TVector.LoadPart(l, i, k - i, float.NegativeInfinity) - TVector.Fill(posterior.Max);
            if (hasPrior == 1)
                logit -= TVector.LoadPart(m, i, k - i, float.NegativeInfinity) - TVector.Fill(priorRow.Max);
            return logit;
        }

        // The maximum stays apart from the logarithm of the sum: added to a maximum of 1e4, the logarithm would lose ten bits.
        private struct Distribution
        {
            internal float Max, LogSum, Reciprocal;

            internal static Distribution Of((float Max, float Sum) normaliser) =>
                new() { Max = normaliser.Max, LogSum = Elementary.Log(normaliser.Sum), Reciprocal = 1f / normaliser.Sum };

            internal readonly TVector Probability(TVector logit) => Elementary.Exp(logit - TVector.Fill(Max)) * TVector.Fill(Reciprocal);
        }
    }
}
