using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>What the KL of the aggregate posterior reads and writes, for B examples of N variables of K categories.</summary>
public sealed record MarginalKlTerms
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
public static class MarginalKl
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
        list.Rows("marginal-kl.forward", n, k, new Forward<OneLane>(terms), new Forward<OneGroup>(terms), forward);
        float extra = pass.Objective.MarginalWeight - pass.Objective.InformationWeight;
        if (extra == 0f || pass.LogitsGrad is null)
            return;
        float scale = extra * n / rows;
        KernelCost backward = KernelCost.Floats(3 * pass.Logits.Length, 8 * pass.Logits.Length);
        list.Rows("marginal-kl.backward", rows, k, new Backward<OneLane>(terms, state, scale), new Backward<OneGroup>(terms, state, scale), backward);
        if (pass.PriorGrad is not null && pass.Prior is not null)
            list.Rows("marginal-kl.prior-backward", rows, k, new PriorBackward<OneLane>(terms, state, scale), new PriorBackward<OneGroup>(terms, state, scale), backward);
    }

    internal readonly struct Forward<TTeam>(MarginalKlTerms terms) : IRowBody
        where TTeam : struct, ILaneOrGroup
    {
        private readonly ArrayView<float> logPosterior = terms.LogPosterior.View, logPrior = terms.LogPrior?.View ?? default;
        private readonly ArrayView<float> logRatio = terms.LogRatio.View, marginalKl = terms.MarginalKl.View, information = terms.Information.View;
        private readonly int variables = terms.LogRatio.Rows, k = terms.LogRatio.Columns;
        private readonly int examples = terms.LogPosterior.Rows / terms.LogRatio.Rows;
        private readonly int priorExamples = terms.LogPrior is { } prior ? prior.Rows / terms.LogRatio.Rows : 0;
        private readonly float uniformLogProbability = -MathF.Log(terms.LogRatio.Columns);

        public void Row(int row)
        {
            float klSum = 0f;
            float informationSum = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
            {
                (float logMean, float negentropy) = Mean(logPosterior, row, i, examples);
                float logPriorMean = uniformLogProbability;
                if (priorExamples > 0)
                    (logPriorMean, _) = Mean(logPrior, row, i, priorExamples);
                float mean = Elementary.Exp(logMean);

                // What no example uses costs nothing, whatever the prior says.
                float ratio = mean > 0f ? logMean - logPriorMean : float.NegativeInfinity;
                logRatio[((long)row * k) + i] = ratio;
                klSum += mean > 0f ? mean * ratio : mean * 0f;
                informationSum += mean > 0f ? negentropy - (mean * logMean) : mean * 0f;
            }

            klSum = TTeam.Sum(klSum);
            informationSum = TTeam.Sum(informationSum);
            if (TTeam.Lane == 0)
            {
                marginalKl[row] = klSum;
                information[row] = informationSum;
            }
        }

        /// <summary>log (1/B sum_b p_b) and 1/B sum_b p_b log p_b of one category.</summary>
        private (float LogMean, float Negentropy) Mean(ArrayView<float> logProbabilities, int variable, int category, int count)
        {
            // Not minus infinity: less itself that is no number. A category that nobody uses comes to a sum of 0, whose logarithm it is.
            float max = float.MinValue;
            for (int b = 0; b < count; b++)
                max = Elementary.Max(max, logProbabilities[At(b, variable, category)]);
            float sum = 0f;
            float negentropy = 0f;
            for (int b = 0; b < count; b++)
            {
                float logP = logProbabilities[At(b, variable, category)];
                float p = Elementary.Exp(logP);
                sum += Elementary.Exp(logP - max);
                negentropy += p > 0f ? p * logP : p * 0f;
            }

            return (max + Elementary.Log(sum / count), negentropy / count);
        }

        private long At(int example, int variable, int category) => ((((long)example * variables) + variable) * k) + category;
    }

    internal readonly struct Backward<TTeam>(MarginalKlTerms terms, ArrayView<StepState> state, float scale) : IRowBody
        where TTeam : struct, ILaneOrGroup
    {
        private readonly ArrayView<float> logPosterior = terms.LogPosterior.View, logRatio = terms.LogRatio.View, logitsGrad = terms.Pass.LogitsGrad!.Value.View;
        private readonly int variables = terms.LogRatio.Rows, k = terms.LogRatio.Columns;
        private readonly float scale = scale * terms.Pass.Objective.PosteriorWeight;

        public void Row(int row)
        {
            float weight = state[0].Beta * scale;
            ArrayView<float> logQ = logPosterior.SubView((long)row * k, k);
            ArrayView<float> r = logRatio.SubView((long)(row % variables) * k, k);
            float mean = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
            {
                float q = Elementary.Exp(logQ[i]);
                mean += q > 0f ? q * r[i] : q * 0f;
            }

            mean = TTeam.Sum(mean);
            ArrayView<float> grad = logitsGrad.SubView((long)row * k, k);
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
            {
                float q = Elementary.Exp(logQ[i]);
                grad[i] += q > 0f ? weight * q * (r[i] - mean) : q * 0f;
            }
        }
    }

    internal readonly struct PriorBackward<TTeam>(MarginalKlTerms terms, ArrayView<StepState> state, float scale) : IRowBody
        where TTeam : struct, ILaneOrGroup
    {
        private readonly ArrayView<float> logPrior = terms.LogPrior!.Value.View, logRatio = terms.LogRatio.View, priorGrad = terms.Pass.PriorGrad!.Value.View;
        private readonly int variables = terms.LogRatio.Rows, k = terms.LogRatio.Columns, priorRows = terms.LogPrior!.Value.Rows;
        private readonly float scale = scale * terms.Pass.Objective.PriorWeight;

        public void Row(int row)
        {
            float weight = state[0].Beta * scale;
            ArrayView<float> logP = logPrior.SubView((long)(row % priorRows) * k, k);
            ArrayView<float> r = logRatio.SubView((long)(row % variables) * k, k);
            float total = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                total += Elementary.Exp(logP[i] + r[i]);
            total = TTeam.Sum(total);
            ArrayView<float> grad = priorGrad.SubView((long)row * k, k);
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                grad[i] += weight * ((Elementary.Exp(logP[i]) * total) - Elementary.Exp(logP[i] + r[i]));
        }
    }
}
