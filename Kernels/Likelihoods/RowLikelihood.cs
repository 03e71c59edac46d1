using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// What a row likelihood reads and writes: R decoder outputs against B examples, R a multiple of B, row r belonging to example r / (R / B).
/// </summary>
internal readonly record struct LikelihoodRows
{
    /// <summary>Decoder outputs [R, W].</summary>
    public required Matrix Outputs { get; init; }

    /// <summary>The examples' statistic [B, T]; the Gaussian reads x [B, D] in its first D columns.</summary>
    public required Matrix Statistic { get; init; }

    /// <summary>The examples' log h(x) [B, 1], nats, or null where it is 0.</summary>
    public Matrix? LogBase { get; init; }

    /// <summary>Log-likelihood f of each row, [R, 1], nats.</summary>
    public required Matrix LogLikelihood { get; init; }

    /// <summary>Gradient with respect to the outputs, [R, W], for dL/df_r = <see cref="Weight"/> or <see cref="Weights"/>. Null computes f alone.</summary>
    public Matrix? OutputsGrad { get; init; }

    /// <summary>dL/df of every row, where it is the same.</summary>
    public float Weight { get; init; }

    /// <summary>dL/df of each row, [R, 1], where rows differ.</summary>
    public Matrix? Weights { get; init; }
}

/// <summary>A likelihood as device code, a vector of a row's outputs at a time: every output has a derivative of its own.</summary>
internal interface IElementLikelihood : IOutputVectors
{
    /// <summary>Numbers whose sum is call <paramref name="i"/>'s part of log p(x) - log h(x), nats, for a row of outputs and an example's statistic.</summary>
    TVector LogLikelihood<TVector>(ArrayView<float> outputs, ArrayView<float> statistic, int i)
        where TVector : struct, IVector<TVector>;

    /// <summary>Writes the derivatives of that with respect to its outputs, times <paramref name="weight"/>.</summary>
    void Gradient<TVector>(ArrayView<float> outputs, ArrayView<float> statistic, ArrayView<float> outputsGrad, int i, float weight)
        where TVector : struct, IVector<TVector>;
}

/// <summary>Sums a likelihood over the dimensions of each row, with the gradient in the same launch.</summary>
internal static class RowLikelihood
{
    /// <summary>Records f and, where asked for, the outputs' gradient.</summary>
    /// <param name="list">Where to record.</param>
    /// <param name="name">The launch's name.</param>
    /// <param name="rows">What to read and write.</param>
    /// <param name="element">The likelihood.</param>
    /// <param name="dimensions">How many dimensions a row has.</param>
    public static void Record<TElement>(LaunchList list, string name, LikelihoodRows rows, TElement element, int dimensions)
        where TElement : struct, IElementLikelihood
    {
        int r = rows.Outputs.Rows;
        rows.LogLikelihood.Require(r, 1, nameof(rows.LogLikelihood));
        rows.OutputsGrad?.Require(r, rows.Outputs.Columns, nameof(rows.OutputsGrad));
        rows.Weights?.Require(r, 1, nameof(rows.Weights));
        rows.LogBase?.Require(rows.Statistic.Rows, 1, nameof(rows.LogBase));
        if (r % rows.Statistic.Rows != 0)
            throw new ArgumentException($"{r} rows of outputs cannot be shared out over {rows.Statistic.Rows} examples.", nameof(rows));
        KernelCost cost = Cost(r, rows.Outputs.Columns, rows.OutputsGrad is not null);
        list.TeamRows(name, r, dimensions, element.Run(dimensions), new Kernel<TElement>(rows, element, dimensions), cost);
    }

    /// <summary>Reads outputs and statistic, writes the gradient; two transcendentals and a few operations an output.</summary>
    public static KernelCost Cost(int rows, int width, bool withGradient) =>
        KernelCost.Floats((withGradient ? 3L : 2L) * rows * width, (withGradient ? 10L : 6L) * rows * width);

    internal readonly struct Kernel<TElement> : ITeamKernel
        where TElement : struct, IElementLikelihood
    {
        private readonly ArrayView<float> outputs, statistic, logBase, logLikelihood, outputsGrad, weights;
        private readonly int width, statisticWidth, rowsPerExample, dimensions;
        private readonly float weight;
        private readonly TElement element;

        internal Kernel(LikelihoodRows rows, TElement element, int dimensions)
        {
            outputs = rows.Outputs.View;
            width = rows.Outputs.Columns;
            statistic = rows.Statistic.View;
            statisticWidth = rows.Statistic.Columns;
            rowsPerExample = rows.Outputs.Rows / rows.Statistic.Rows;
            logBase = rows.LogBase?.View ?? default;
            logLikelihood = rows.LogLikelihood.View;
            outputsGrad = rows.OutputsGrad?.View ?? default;
            weights = rows.Weights?.View ?? default;
            weight = rows.Weight;
            this.element = element;
            this.dimensions = dimensions;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<TTeam, TVector>(int row)
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            ArrayView<float> a = outputs.SubView((long)row * width, width);
            ArrayView<float> t = statistic.SubView((long)(row / rowsPerExample) * statisticWidth, statisticWidth);
            ArrayView<float> grad = outputsGrad.Length > 0 ? outputsGrad.SubView((long)row * width, width) : a;
            float rowWeight = weights.Length > 0 ? weights[row] : weight;
            TVector sum = TVector.Fill(0f);
            int calls = element.Calls(dimensions, TVector.Width);
            for (int i = TTeam.Lane; i < calls; i += TTeam.Lanes)
            {
                sum += element.LogLikelihood<TVector>(a, t, i);
                if (outputsGrad.Length > 0)
                    element.Gradient<TVector>(a, t, grad, i, rowWeight);
            }

            float total = TTeam.Sum(TVector.Sum(sum));
            if (logBase.Length > 0)
                total += logBase[row / rowsPerExample];
            if (TTeam.Lane == 0)
                logLikelihood[row] = total;
        }
    }
}
