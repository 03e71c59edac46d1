using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <content>The pass on processors: the same formulas over several rows at a time.</content>
public static partial class CategoricalPass
{
    // A prior of packed rows that comes again and again has to come in whole vectors.
    private static bool Packs(CategoricalTerms terms) => terms.Prior is not { } prior || prior.Rows == terms.Logits.Rows || prior.Length % PackedRows.Width == 0;

    private readonly struct GroupLaunch(LaunchList list, CategoricalTerms terms, ArrayView<StepState> state, float scale) : IGroupLaunch
    {
        public void Record<TRows>()
            where TRows : struct, IRowGroup<TRows> =>
            list.RowPerLane(Name, TRows.Groups(terms.Logits.Rows, terms.Logits.Columns), new GroupVectors<TRows>(terms, state, scale), Cost(terms));
    }

    internal readonly struct GroupVectors<TRows>(CategoricalTerms terms, ArrayView<StepState> state, float scale) : IRowBody
        where TRows : struct, IRowGroup<TRows>
    {
        private readonly ArrayView<float> logits = terms.Logits.View, prior = terms.Prior?.View ?? default, logLikelihoods = terms.LogLikelihoods?.View ?? default;
        private readonly ArrayView<float> kl = terms.Kl.View, reconstruction = terms.Reconstruction?.View ?? default;
        private readonly ArrayView<float> logitsGrad = terms.LogitsGrad?.View ?? default, priorGrad = terms.PriorGrad?.View ?? default, logLikelihoodsGrad = terms.LogLikelihoodsGrad?.View ?? default;
        private readonly ArrayView<StepState> state = state;
        private readonly int rows = terms.Logits.Rows, k = terms.Logits.Columns;
        private readonly int hasPrior = Has(terms.Prior), hasLogLikelihoods = Has(terms.LogLikelihoods);
        private readonly int hasLogitsGrad = Has(terms.LogitsGrad), hasPriorGrad = Has(terms.PriorGrad), hasLogLikelihoodsGrad = Has(terms.LogLikelihoodsGrad);
        private readonly float scale = scale, uniformLogProbability = -MathF.Log(terms.Logits.Columns);
        private readonly float posteriorWeight = terms.Objective.PosteriorWeight * terms.Objective.InformationWeight;
        private readonly float priorWeight = terms.Objective.PriorWeight * terms.Objective.InformationWeight;
        private readonly float freeNats = FreeNats(terms.Objective);

        public void Row(int group)
        {
            RowPlace at = TRows.Place(group, rows, k), priorAt = at;
            // Each exponential is computed once: it is kept where the gradient will be.
            (TRows max, TRows sum) = Softmax.GroupNormaliser<TRows>(logits, at, k, logitsGrad, keep: hasLogitsGrad);
            TRows reciprocal = TRows.ReciprocalByRow(sum), priorMax = TRows.Fill(0f), priorReciprocal = priorMax, priorLogSum = TRows.Fill(-uniformLogProbability);
            if (hasPrior == 1)
            {
                priorAt = at.Within(prior.Length);
                (priorMax, TRows priorSum) = Softmax.GroupNormaliser<TRows>(prior, priorAt, k, prior, keep: 0);
                priorReciprocal = TRows.ReciprocalByRow(priorSum);
                priorLogSum = TRows.LogByRow(priorSum);
            }

            TRows klTerms = TRows.Fill(0f), expected = klTerms;
            for (int i = 0; i < k; i += TRows.Width)
            {
                TRows q = Probability(at, max, reciprocal, i);
                klTerms += Weighted(q, Ratio(at, priorAt, max, priorMax, i));
                if (hasLogLikelihoods == 1)
                    expected += Weighted(q, TRows.Load(logLikelihoods, at, i, 0f));
            }

            TRows meanRatio = TRows.SumByRow(klTerms, k), klSum = meanRatio - TRows.LogByRow(sum) + priorLogSum;
            expected = TRows.SumByRow(expected, k);
            TRows.StoreByRow(klSum, kl, group, k);
            if (hasLogLikelihoods == 1)
                TRows.StoreByRow(expected, reconstruction, group, k);
            if (hasLogitsGrad == 1)
                Backward(at, priorAt, max, reciprocal, priorMax, priorReciprocal, meanRatio, klSum, expected);
        }

        private void Backward(
            RowPlace at, RowPlace priorAt, TRows max, TRows reciprocal, TRows priorMax, TRows priorReciprocal, TRows meanRatio, TRows klSum, TRows expected)
        {
            // A KL that is not a number is not below anything, and shows.
            TRows beta = TRows.WherePositive(TRows.Fill(freeNats) - klSum, TRows.Fill(0f), TRows.Fill(state[0].Beta));
            TRows posteriorBeta = beta * TRows.Fill(posteriorWeight), priorBeta = beta * TRows.Fill(scale * priorWeight), rowScale = TRows.Fill(scale);
            for (int i = 0; i < k; i += TRows.Width)
            {
                TRows q = Probability(at, max, reciprocal, i);
                TRows inner = posteriorBeta * (Ratio(at, priorAt, max, priorMax, i) - meanRatio);
                if (hasLogLikelihoods == 1)
                    inner -= TRows.Load(logLikelihoods, at, i, 0f) - expected;
                TRows.Store(Weighted(rowScale * q, inner), logitsGrad, at, i);
                if (hasPriorGrad == 1)
                    TRows.Store(priorBeta * ((TRows.Exp(TRows.Load(prior, priorAt, i, float.NegativeInfinity) - priorMax) * priorReciprocal) - q), priorGrad, at, i);

                // Written after F was read: the gradient may lie over F.
                if (hasLogLikelihoodsGrad == 1)
                    TRows.Store(TRows.Fill(-scale) * q, logLikelihoodsGrad, at, i);
            }
        }

        private TRows Probability(RowPlace at, TRows max, TRows reciprocal, int i)
        {
            TRows exponential;
            if (hasLogitsGrad == 1)
                exponential = TRows.Load(logitsGrad, at, i, 0f);
            else
                exponential = TRows.Exp(TRows.Load(logits, at, i, float.NegativeInfinity) - max);
            return exponential * reciprocal;
        }

        // log q - log p but for what is the same in the whole row: it cancels in the gradient, so no element has to wait for the row's logarithms.
        private TRows Ratio(RowPlace at, RowPlace priorAt, TRows max, TRows priorMax, int i)
        {
            TRows logit = TRows.Load(logits, at, i, float.NegativeInfinity) - max;
            if (hasPrior == 1)
                logit -= TRows.Load(prior, priorAt, i, float.NegativeInfinity) - priorMax;
            return logit;
        }

        // A masked category has q = 0 and log q = minus infinity: its terms are 0, not 0 times infinity.
        private static TRows Weighted(TRows probability, TRows value) => TRows.WherePositive(probability, probability * value, probability * TRows.Fill(0f));

        private static int Has(Matrix? matrix) => matrix is null ? 0 : 1;
    }
}
