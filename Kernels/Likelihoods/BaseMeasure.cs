using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// A likelihood with a factor of its own for each observation: log p(x | s) = log h(x) + T(x) . eta(s) - c(s), and log h(x) is a sum over dimensions.
/// </summary>
internal interface IBaseMeasure
{
    /// <summary>What each datum adds to log h(x), nats; 0 for a datum of 0, so that rows may be filled up with them.</summary>
    TVector LogBaseMeasure<TVector>(TVector x)
        where TVector : struct, IVector<TVector>;
}

/// <summary>
/// log h(x) of examples: what their log-likelihoods have in common whatever the code. No gradient depends on it, and without it no log-likelihood is one in
/// nats. It is computed once a batch, not once a row: where R rows meet B examples the row likelihood adds it, and where S codes do it is added to their table.
/// </summary>
internal static class BaseMeasure
{
    /// <summary>Records logBase [B, 1] = log h(x), nats, of a batch X [B, D].</summary>
    public static void Record<TMeasure>(LaunchList list, string name, Matrix batch, Matrix logBase, TMeasure measure)
        where TMeasure : struct, IBaseMeasure
    {
        logBase.Require(batch.Rows, 1, nameof(logBase));
        list.TeamRows(name, batch.Rows, batch.Columns, batch.Columns, new Kernel<TMeasure>(batch.View, logBase.View, measure, batch.Columns), Cost(batch));
    }

    /// <summary>Records F [B, S] += log h 1^T, from logBase [B, 1].</summary>
    public static void Add(LaunchList list, Matrix logBase, Matrix logLikelihoods)
    {
        int s = logLikelihoods.Columns;
        logBase.Require(logLikelihoods.Rows, 1, nameof(logBase));
        AddKernel kernel = new(logBase.View, logLikelihoods.View, s);
        KernelCost cost = KernelCost.Floats((2 * logLikelihoods.Length) + logBase.Length, logLikelihoods.Length);
        list.MatrixVectors("base-measure.add", logLikelihoods.Rows, s, width => (s + width - 1) / width, [logLikelihoods.View], kernel, cost);
    }

    /// <summary>Reads the batch; a logarithm and the product of a small factorial an element.</summary>
    public static KernelCost Cost(Matrix batch) => KernelCost.Floats(batch.Length + batch.Rows, 60 * batch.Length);

    internal readonly struct Kernel<TMeasure>(ArrayView<float> batch, ArrayView<float> logBase, TMeasure measure, int dimensions) : ITeamKernel
        where TMeasure : struct, IBaseMeasure
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<TTeam, TVector>(int row)
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            ArrayView<float> x = batch.SubView((long)row * dimensions, dimensions);
            TVector sum = TVector.Fill(0f);
            for (int d = TTeam.Lane * TVector.Width; d < dimensions; d += TTeam.Lanes * TVector.Width)
                sum += measure.LogBaseMeasure(TVector.LoadPart(x, d, dimensions - d, 0f));
            float total = TTeam.Sum(TVector.Sum(sum));
            if (TTeam.Lane == 0)
                logBase[row] = total;
        }
    }

    internal readonly struct AddKernel(ArrayView<float> logBase, ArrayView<float> logLikelihoods, int codes) : IMatrixVectorKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void At<TVector>(int row, int piece)
            where TVector : struct, IVector<TVector>
        {
            ArrayView<float> f = logLikelihoods.SubView((long)row * codes, codes);
            int start = piece * TVector.Width, count = codes - start;
            TVector.StorePart(TVector.LoadPart(f, start, count, 0f) + TVector.Fill(logBase[row]), f, start, count);
        }
    }
}
