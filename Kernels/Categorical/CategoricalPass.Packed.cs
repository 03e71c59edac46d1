using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <content>The pass over rows of two, four or eight categories on processors: the same formulas, with several rows in a vector.</content>
public static partial class CategoricalPass
{
    // The vectors of a prior that comes again and again have to be whole.
    private static bool IsPacked(ComputeDevice device, CategoricalTerms terms) => PackedRows.Fits(device, terms.Logits.Columns)
        && (terms.Prior is not { } prior || prior.Rows == terms.Logits.Rows || prior.Length % ProcessorVector.Width == 0);

    internal readonly struct PackedVectors(CategoricalTerms terms, ArrayView<StepState> state, float scale) : IRowBody
    {
        private readonly ArrayView<float> logits = terms.Logits.View, prior = terms.Prior?.View ?? default, logLikelihoods = terms.LogLikelihoods?.View ?? default;
        private readonly ArrayView<float> kl = terms.Kl.View, reconstruction = terms.Reconstruction?.View ?? default;
        private readonly ArrayView<float> logitsGrad = terms.LogitsGrad?.View ?? default, priorGrad = terms.PriorGrad?.View ?? default, logLikelihoodsGrad = terms.LogLikelihoodsGrad?.View ?? default;
        private readonly ArrayView<StepState> state = state;
        private readonly int k = terms.Logits.Columns;
        private readonly float scale = scale, uniformLogProbability = -MathF.Log(terms.Logits.Columns);
        private readonly float posteriorWeight = terms.Objective.PosteriorWeight * terms.Objective.InformationWeight;
        private readonly float priorWeight = terms.Objective.PriorWeight * terms.Objective.InformationWeight;
        private readonly float freeNats = FreeNats(terms.Objective);

        public void Row(int vector)
        {
            (ProcessorVector q, ProcessorVector ratio, ProcessorVector logSum) = Distribution(PackedRows.Load(logits, vector));
            ProcessorVector p = q, priorLogSum = ProcessorVector.Fill(-uniformLogProbability);
            if (prior.Length > 0)
            {
                (p, ProcessorVector priorRatio, priorLogSum) = Distribution(PackedRows.Load(prior, (long)vector * ProcessorVector.Width % prior.Length));
                ratio -= priorRatio;
            }

            ProcessorVector meanRatio = PackedRows.Sum(Weighted(q, ratio), k);
            ProcessorVector klSum = meanRatio - logSum + priorLogSum;
            PackedRows.StoreByRow(klSum, kl, vector, k);
            ProcessorVector f = ProcessorVector.Fill(0f), expected = f;
            if (logLikelihoods.Length > 0)
            {
                f = PackedRows.Load(logLikelihoods, vector);
                expected = PackedRows.Sum(Weighted(q, f), k);
                PackedRows.StoreByRow(expected, reconstruction, vector, k);
            }

            if (logitsGrad.Length == 0)
                return;

            // A KL that is not a number is not below anything, and shows.
            ProcessorVector beta = ProcessorVector.WherePositive(ProcessorVector.Fill(freeNats) - klSum, ProcessorVector.Fill(0f), ProcessorVector.Fill(state[0].Beta));
            ProcessorVector inner = (beta * ProcessorVector.Fill(posteriorWeight) * (ratio - meanRatio)) - (f - expected);
            PackedRows.Store(Weighted(ProcessorVector.Fill(scale) * q, inner), logitsGrad, vector);
            if (priorGrad.Length > 0)
                PackedRows.Store(beta * ProcessorVector.Fill(scale * priorWeight) * (p - q), priorGrad, vector);
            if (logLikelihoodsGrad.Length > 0)
                PackedRows.Store(ProcessorVector.Fill(-scale) * q, logLikelihoodsGrad, vector);
        }

        // softmax(l), l - max and log sum e^(l - max) of each row.
        private (ProcessorVector Probability, ProcessorVector Ratio, ProcessorVector LogSum) Distribution(ProcessorVector l)
        {
            ProcessorVector ratio = l - PackedRows.Max(l, k);
            ProcessorVector exponential = Elementary.Exp(ratio);
            ProcessorVector sum = PackedRows.Sum(exponential, k);
            return (exponential / sum, ratio, Elementary.Log(sum));
        }
    }
}
