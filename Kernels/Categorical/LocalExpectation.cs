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
        list.RowPerLane(
            "local-expectation.backward",
            rows,
            new BackwardRows(probabilities.View, logLikelihood.View, logitsGrad.View, k, scale),
            KernelCost.Floats(4L * rows * k, 5L * rows * k));
    }

    /// <summary>
    /// Records reconstruction [B, 1] = (1 / N) sum_nk q_nk f_bnk: the expectation, each variable in turn summed out, averaged over variables.
    /// </summary>
    public static void Reconstruction(LaunchList list, Matrix probabilities, Matrix logLikelihood, Matrix reconstruction, int n) =>
        list.RowPerLane(
            "local-expectation.reconstruction",
            probabilities.Rows,
            new ReconstructionRows(probabilities.View, logLikelihood.View, reconstruction.View, probabilities.Columns, n),
            KernelCost.Floats(2 * probabilities.Length, 2 * probabilities.Length));

    internal readonly struct ReconstructionRows(
        ArrayView<float> probabilities, ArrayView<float> f, ArrayView<float> reconstruction, int width, int n) : IRowBody
    {
        public void Row(int row)
        {
            float sum = 0f;
            for (int i = 0; i < width; i++)
            {
                float q = probabilities[((long)row * width) + i];
                sum += q > 0f ? q * f[((long)row * width) + i] : q * 0f;
            }

            reconstruction[row] = sum / n;
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

    internal readonly struct BackwardRows(ArrayView<float> probabilities, ArrayView<float> f, ArrayView<float> logitsGrad, int k, float scale) : IRowBody
    {
        public void Row(int row)
        {
            ArrayView<float> q = probabilities.SubView((long)row * k, k);
            ArrayView<float> values = f.SubView((long)row * k, k);
            ArrayView<float> grad = logitsGrad.SubView((long)row * k, k);
            float mean = 0f;
            for (int i = 0; i < k; i++)
                mean += q[i] > 0f ? q[i] * values[i] : q[i] * 0f;
            for (int i = 0; i < k; i++)
                grad[i] -= q[i] > 0f ? scale * q[i] * (values[i] - mean) : q[i] * 0f;
        }
    }
}
