using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// What a row likelihood reads and writes: R decoder outputs against B examples, R a multiple of B, row r belonging to example r / (R / B).
/// </summary>
public readonly record struct LikelihoodRows
{
    /// <summary>Decoder outputs [R, W].</summary>
    public required Matrix Outputs { get; init; }

    /// <summary>The examples' statistic T(x) [B, T].</summary>
    public required Matrix Statistic { get; init; }

    /// <summary>Log-likelihood f of each row, [R, 1], nats.</summary>
    public required Matrix LogLikelihood { get; init; }

    /// <summary>Gradient with respect to the outputs, [R, W], for dL/df_r = <see cref="Weight"/> or <see cref="Weights"/>. Null computes f alone.</summary>
    public Matrix? OutputsGrad { get; init; }

    /// <summary>dL/df of every row, where it is the same.</summary>
    public float Weight { get; init; }

    /// <summary>dL/df of each row, [R, 1], where rows differ.</summary>
    public Matrix? Weights { get; init; }
}

/// <summary>One data dimension of a likelihood, as device code: every output has one log-likelihood and one derivative of its own.</summary>
public interface IElementLikelihood
{
    /// <summary>log p(x_d) of dimension <paramref name="d"/> for a row of outputs and an example's statistic, nats.</summary>
    float LogLikelihood(ArrayView<float> outputs, ArrayView<float> statistic, int d);

    /// <summary>Writes the derivatives of that with respect to its outputs, times <paramref name="weight"/>.</summary>
    void Gradient(ArrayView<float> outputs, ArrayView<float> statistic, ArrayView<float> outputsGrad, int d, float weight);
}

/// <summary>Sums a likelihood over the dimensions of each row, with the gradient in the same launch.</summary>
public static class RowLikelihood
{
    /// <summary>Records f and, where asked for, the outputs' gradient.</summary>
    /// <param name="list">Where to record.</param>
    /// <param name="name">The launch's name.</param>
    /// <param name="rows">What to read and write.</param>
    /// <param name="element">The likelihood of one dimension.</param>
    /// <param name="dimensions">How many dimensions a row has.</param>
    public static void Record<TElement>(LaunchList list, string name, LikelihoodRows rows, TElement element, int dimensions)
        where TElement : struct, IElementLikelihood
    {
        int r = rows.Outputs.Rows;
        rows.LogLikelihood.Require(r, 1, nameof(rows.LogLikelihood));
        rows.OutputsGrad?.Require(r, rows.Outputs.Columns, nameof(rows.OutputsGrad));
        rows.Weights?.Require(r, 1, nameof(rows.Weights));
        if (r % rows.Statistic.Rows != 0)
            throw new ArgumentException($"{r} rows of outputs cannot be shared out over {rows.Statistic.Rows} examples.", nameof(rows));
        KernelCost cost = Cost(r, rows.Outputs.Columns, rows.OutputsGrad is not null);
        list.Rows(name, r, dimensions, new Rows<TElement, OneLane>(rows, element, dimensions), new Rows<TElement, OneGroup>(rows, element, dimensions), cost);
    }

    /// <summary>Reads outputs and statistic, writes the gradient; two transcendentals and a few operations an output.</summary>
    public static KernelCost Cost(int rows, int width, bool withGradient) =>
        KernelCost.Floats((withGradient ? 3L : 2L) * rows * width, (withGradient ? 10L : 6L) * rows * width);

    internal readonly struct Rows<TElement, TTeam> : IRowBody
        where TElement : struct, IElementLikelihood
        where TTeam : struct, ITeam
    {
        private readonly ArrayView<float> outputs, statistic, logLikelihood, outputsGrad, weights;
        private readonly int width, statisticWidth, rowsPerExample, dimensions, hasGrad, hasWeights;
        private readonly float weight;
        private readonly TElement element;

        internal Rows(LikelihoodRows rows, TElement element, int dimensions)
        {
            outputs = rows.Outputs.View;
            width = rows.Outputs.Columns;
            statistic = rows.Statistic.View;
            statisticWidth = rows.Statistic.Columns;
            rowsPerExample = rows.Outputs.Rows / rows.Statistic.Rows;
            logLikelihood = rows.LogLikelihood.View;
            outputsGrad = rows.OutputsGrad?.View ?? default;
            hasGrad = rows.OutputsGrad is null ? 0 : 1;
            weights = rows.Weights?.View ?? default;
            hasWeights = rows.Weights is null ? 0 : 1;
            weight = rows.Weight;
            this.element = element;
            this.dimensions = dimensions;
        }

        public void Row(int row)
        {
            ArrayView<float> a = outputs.SubView((long)row * width, width);
            ArrayView<float> t = statistic.SubView((long)(row / rowsPerExample) * statisticWidth, statisticWidth);
            float sum = 0f;
            if (TTeam.SharesRow || hasGrad == 0)
            {
                for (int d = TTeam.Lane; d < dimensions; d += TTeam.Lanes)
                    sum += element.LogLikelihood(a, t, d);
                sum = TTeam.Sum(sum);
            }
            else
            {
                sum = SumByWayOf(outputsGrad.SubView((long)row * width, width), a, t);
            }

            if (TTeam.Lane == 0)
                logLikelihood[row] = sum;
            if (hasGrad == 1)
            {
                float rowWeight = hasWeights == 1 ? weights[row] : weight;
                ArrayView<float> grad = outputsGrad.SubView((long)row * width, width);
                for (int d = TTeam.Lane; d < dimensions; d += TTeam.Lanes)
                    element.Gradient(a, t, grad, d, rowWeight);
            }
        }

        // A loop that stores its terms becomes vector code on processors, one that sums them does not: the order of a sum is fixed. The gradient's memory is
        // written afterwards anyway.
        private float SumByWayOf(ArrayView<float> scratch, ArrayView<float> a, ArrayView<float> t)
        {
            for (int d = 0; d < dimensions; d++)
                scratch[d] = element.LogLikelihood(a, t, d);
            return Vector16.RowSum(scratch, dimensions);
        }
    }
}
