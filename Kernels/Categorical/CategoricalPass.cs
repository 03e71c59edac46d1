using System.Runtime.CompilerServices;
using ILGPU;
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
/// with 0 log 0 = 0; a_q and a_p are the <see cref="KlObjective"/>'s weights of the two sides times w_I, and 0 where the row's KL is below its free bits.
/// Softmax, KL, expectation and the whole backward pass read each row from memory once; the later sweeps find it in cache.
/// </summary>
public static class CategoricalPass
{
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
            throw new ArgumentException(
                $"the prior is [{prior.Rows}, {prior.Columns}] but the posterior's logits are [{rows}, {k}]: it needs {k} columns and a divisor of {rows} "
                    + "rows.",
                nameof(terms));
        if ((terms.LogLikelihoods is null) != (terms.Reconstruction is null))
            throw new ArgumentException("LogLikelihoods and Reconstruction go together.", nameof(terms));
        if (terms.LogLikelihoodsGrad is not null && terms.LogLikelihoods is null)
            throw new ArgumentException("LogLikelihoodsGrad needs LogLikelihoods.", nameof(terms));
        if ((terms.PriorGrad is not null && terms.Prior is null) || (terms.LogitsGrad is null && (terms.PriorGrad ?? terms.LogLikelihoodsGrad) is not null))
            throw new ArgumentException("PriorGrad needs Prior, and both other gradients need LogitsGrad.", nameof(terms));

        list.Rows("categorical-pass", rows, k, new Kernel(terms, state, scale), Cost(terms), RowShape.ByTurns(terms.Prior, rows));
    }

    /// <summary>Each matrix that is there once; an exponential and about a dozen operations an element.</summary>
    public static KernelCost Cost(CategoricalTerms terms)
    {
        long elements = terms.Logits.Length;
        Matrix?[] others = [terms.LogLikelihoods, terms.LogitsGrad, terms.PriorGrad, terms.LogLikelihoodsGrad];
        return KernelCost.Floats(elements * (1 + others.Count(matrix => matrix is not null)) + (terms.Prior?.Length ?? 0), 12 * elements);
    }

    /// <summary>
    /// probability times value, where 0 times anything is 0: a masked category has q = 0 and log q = minus infinity, and its terms are nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Weighted<T>(T probability, T value)
        where T : struct, IRows<T> => T.WherePositive(probability, probability * value, probability * T.Fill(0f));

    // A KL of 0 may come out a rounding below it, and nothing is to be free where nothing was asked for.
    private static float FreeNats(KlObjective objective) => objective.FreeBits > 0f ? objective.FreeBits : float.NegativeInfinity;

    internal readonly struct Kernel : IRowKernel
    {
        // [R, K], prior [P, K], kl and reconstruction [R, 1].
        private readonly Cells logits, prior, logLikelihoods, kl, reconstruction, logitsGrad, priorGrad, logLikelihoodsGrad;
        private readonly ArrayView<StepState> state;
        private readonly int rows, k, priorRows;
        private readonly float scale, uniformLogProbability, posteriorWeight, priorWeight, freeNats;

        internal Kernel(CategoricalTerms terms, ArrayView<StepState> state, float scale)
        {
            (rows, k) = (terms.Logits.Rows, terms.Logits.Columns);
            logits = terms.Logits;
            prior = Cells.Of(terms.Prior);
            priorRows = terms.Prior?.Rows ?? rows;
            logLikelihoods = Cells.Of(terms.LogLikelihoods);
            kl = terms.Kl;
            reconstruction = Cells.Of(terms.Reconstruction);
            logitsGrad = Cells.Of(terms.LogitsGrad);
            priorGrad = Cells.Of(terms.PriorGrad);
            logLikelihoodsGrad = Cells.Of(terms.LogLikelihoodsGrad);
            this.state = state;
            this.scale = scale;
            uniformLogProbability = -MathF.Log(k);
            KlObjective objective = terms.Objective;
            posteriorWeight = objective.PosteriorWeight * objective.InformationWeight;
            priorWeight = objective.PriorWeight * objective.InformationWeight;
            freeNats = FreeNats(objective);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice row = T.Slice(at, k), priorRow = row;
            if (priorRows != rows)
                priorRow = T.Slice(at.Within(priorRows), k);

            // The exponentials stay in the gradient's memory until the gradient takes their place.
            bool keeps = T.KeepsInMemory && logitsGrad.AreThere && k > T.Step;
            Softmax.Exponentials(logits, row, k, logitsGrad, keeps, out T max, out T sum, out T last);
            T reciprocal = T.ReciprocalByRow(sum), logPrior = T.Fill(uniformLogProbability), priorMax = T.Fill(0f), priorReciprocal = priorMax;
            if (prior.AreThere)
            {
                Softmax.Exponentials(prior, priorRow, k, prior, keeps: false, out priorMax, out T priorSum, out _);
                (logPrior, priorReciprocal) = (T.Fill(0f) - T.LogByRow(priorSum), T.ReciprocalByRow(priorSum));
                T.Sync();
            }

            Means(row, priorRow, keeps, max, reciprocal, last, priorMax, out T ratio, out T expected);
            T klSum = ratio - T.LogByRow(sum) - logPrior;
            T.StoreByRow(klSum, kl, at, k);
            if (logLikelihoods.AreThere)
                T.StoreByRow(expected, reconstruction, at, k);
            if (logitsGrad.AreThere)
            {
                // A KL that is not a number is not below anything, and shows.
                T beta = T.WherePositive(T.Fill(freeNats) - klSum, T.Fill(0f), T.Fill(state[0].Scheduled.Beta));
                Backward(row, priorRow, keeps, max, reciprocal, last, priorMax, priorReciprocal, ratio, expected, beta);
            }
        }

        // sum_k q_k (log q_k - log p_k) but for what is the same in the whole row, and sum_k q_k F_k.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Means<T>(
            in RowSlice row, in RowSlice priorRow, bool keeps, in T max, in T reciprocal, in T last, in T priorMax, out T ratio, out T expected)
            where T : struct, IRows<T>
        {
            T ratios = T.Fill(0f), expectations = T.Fill(0f);
            for (int i = T.First; i < k; i += T.Step)
            {
                T q = Softmax.Exponential(logits, row, i, k, logitsGrad, keeps, max, last) * reciprocal;
                ratios += Weighted(q, Ratio(row, priorRow, i, max, priorMax));
                if (logLikelihoods.AreThere)
                    expectations += Weighted(q, T.Load(logLikelihoods, row, i, 0f));
            }

            ratio = T.SumByRow(ratios, k);
            expected = T.SumByRow(expectations, k);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Backward<T>(
            in RowSlice row, in RowSlice priorRow, bool keeps,
            in T max, in T reciprocal, in T last, in T priorMax, in T priorReciprocal, in T ratio, in T expected, in T beta)
            where T : struct, IRows<T>
        {
            T posteriorBeta = beta * T.Fill(posteriorWeight), priorBeta = beta * T.Fill(scale * priorWeight), rowScale = T.Fill(scale), weight = T.Fill(-scale);
            for (int i = T.First; i < k; i += T.Step)
            {
                T q = Softmax.Exponential(logits, row, i, k, logitsGrad, keeps, max, last) * reciprocal;
                T inner = posteriorBeta * (Ratio(row, priorRow, i, max, priorMax) - ratio);
                if (logLikelihoods.AreThere)
                    inner -= T.Load(logLikelihoods, row, i, 0f) - expected;
                T.Store(Weighted(rowScale * q, inner), logitsGrad, row, i);
                if (priorGrad.AreThere)
                    T.Store(priorBeta * ((T.Exp(T.Load(prior, priorRow, i, float.NegativeInfinity) - priorMax) * priorReciprocal) - q), priorGrad, row, i);

                // Written after F was read: the gradient may lie over F.
                if (logLikelihoodsGrad.AreThere)
                    T.Store(weight * q, logLikelihoodsGrad, row, i);
            }
        }

        // log q - log p but for what is the same in the whole row: it cancels in the gradient, so no element has to wait for the row's logarithms.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private T Ratio<T>(in RowSlice row, in RowSlice priorRow, int i, T max, T priorMax)
            where T : struct, IRows<T>
        {
            T logit = T.Load(logits, row, i, float.NegativeInfinity) - max;
            if (prior.AreThere)
                logit -= T.Load(prior, priorRow, i, float.NegativeInfinity) - priorMax;
            return logit;
        }
    }
}
