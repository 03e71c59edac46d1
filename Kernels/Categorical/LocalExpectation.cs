using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Local expectation: each variable is summed out exactly in turn while the others keep one joint sample z. Row (b, n, k) is z_b with variable n set to k, and
/// <code>dE[f]/dl_nk = q_nk (f_bnk - sum_j q_nj f_bnj)        row weight q_nk / N</code>
/// Unbiased; N K rows an example.
/// </summary>
/// <remarks>M. K. Titsias, M. Lazaro-Gredilla, "Local expectation gradients for black box variational inference", NeurIPS 2015.</remarks>
internal static class LocalExpectation
{
    /// <summary>Records B N K hard codes from B hard samples.</summary>
    public static void Enumerate(LaunchList list, Codes samples, Codes codes)
    {
        (int n, int k) = (samples.Variables, samples.Categories);
        codes.Require(samples.Rows * n * k, n, k, nameof(codes));
        long numbers = (long)codes.Rows * n;
        list.Matrix(
            "local-expectation.enumerate", codes.Rows, n, new EnumerateBody(samples.Numbers, codes.Numbers, n, k), KernelCost.Floats(2 * numbers, numbers));
    }

    /// <summary>Records rowWeights [B N K, 1] = -scale q_nk / N, the loss's gradient with respect to each row's log-likelihood.</summary>
    public static void Weigh(LaunchList list, Matrix probabilities, Matrix rowWeights, int n, float scale) =>
        list.Elements(
            "local-expectation.weights",
            rowWeights.Rows,
            new WeightBody(probabilities.View, rowWeights.View, scale / n),
            KernelCost.Floats(2 * rowWeights.Length, rowWeights.Length));

    /// <summary>Records logitsGrad [B N, K] -= scale dE/dl from probabilities [B N, K] and log-likelihoods [B N K, 1].</summary>
    public static void Backward(LaunchList list, Matrix probabilities, Matrix logLikelihood, Matrix logitsGrad, float scale)
    {
        (int rows, int k) = (probabilities.Rows, probabilities.Columns);
        logitsGrad.Require(rows, k, nameof(logitsGrad));
        list.Rows(
            "local-expectation.backward",
            rows,
            k,
            new BackwardKernel(probabilities, logLikelihood, logitsGrad, rows, k, scale),
            KernelCost.Floats(4L * rows * k, 5L * rows * k));
    }

    /// <summary>
    /// Records reconstruction [B, 1] = (1 / N) sum_nk q_nk f_bnk: the expectation, each variable in turn summed out, averaged over variables.
    /// </summary>
    public static void Reconstruction(LaunchList list, Matrix probabilities, Matrix logLikelihood, Matrix reconstruction, int n) =>
        list.Rows(
            "local-expectation.reconstruction",
            probabilities.Rows,
            probabilities.Columns,
            new ReconstructionKernel(probabilities, logLikelihood, reconstruction, probabilities.Rows, probabilities.Columns, n),
            KernelCost.Floats(2 * probabilities.Length, 2 * probabilities.Length));

    // sum_k q_k f_k of each row.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Expected<T>(in Cells probabilities, in Cells f, in RowSlice row, int k)
        where T : struct, IRows<T>
    {
        T sum = T.Fill(0f);
        for (int i = T.First; i < k; i += T.Step)
            sum += CategoricalPass.Weighted(T.Load(probabilities, row, i, 0f), T.Load(f, row, i, 0f));
        return T.SumByRow(sum, k);
    }

    internal readonly struct ReconstructionKernel(Cells probabilities, Cells f, Cells reconstruction, int rows, int width, int n) : IRowKernel
    {
        private readonly Cells probabilities = probabilities, f = f, reconstruction = reconstruction;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, width);
            T sum = Expected<T>(probabilities, f, T.Slice(at, width), width);
            T.StoreByRow(sum / T.Fill(n), reconstruction, at, width);
        }
    }

    internal readonly struct EnumerateBody(ArrayView<int> samples, ArrayView<int> codes, int n, int k) : IMatrixBody
    {
        public void At(int row, int column, int i)
        {
            int width = n * k, set = row % width;
            codes[i] = column == set / k ? set % k : samples[((long)(row / width) * n) + column];
        }
    }

    internal readonly struct WeightBody(ArrayView<float> probabilities, ArrayView<float> rowWeights, float scale) : IElementBody
    {
        public void At(int i) => rowWeights[i] = -scale * probabilities[i];
    }

    internal readonly struct BackwardKernel(Cells probabilities, Cells f, Cells logitsGrad, int rows, int k, float scale) : IRowKernel
    {
        private readonly Cells probabilities = probabilities, f = f, logitsGrad = logitsGrad;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<T>(int unit)
            where T : struct, IRows<T>
        {
            RowPlace at = T.Place(unit, rows, k);
            RowSlice row = T.Slice(at, k);
            T mean = Expected<T>(probabilities, f, row, k), weight = T.Fill(scale);
            for (int i = T.First; i < k; i += T.Step)
            {
                T grad = CategoricalPass.Weighted(T.Load(probabilities, row, i, 0f), weight * (T.Load(f, row, i, 0f) - mean));
                T.Store(T.Load(logitsGrad, row, i, 0f) - grad, logitsGrad, row, i);
            }
        }
    }
}
