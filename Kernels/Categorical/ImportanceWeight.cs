using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Log importance weights log w_r = f_r + sum_n log p_n(z_rn) - log q_n(z_rn | x) of sampled codes, nats: the mean of w over samples estimates p(x), and the
/// log of that mean bounds log p(x) from below.
/// </summary>
/// <remarks>Y. Burda, R. Grosse, R. Salakhutdinov, "Importance weighted autoencoders", ICLR 2016, equation 8.</remarks>
public static class ImportanceWeight
{
    /// <summary>
    /// Records logWeight [R, 1] from codes [R, N K], one-hot or relaxed (the weight then is linear in the code), f [R, 1], logPosterior [B, N K] (row r belongs to example r / (R / B)) and logPrior
    /// [P, N K], P a divisor of B: example b uses prior row b mod P.
    /// </summary>
    public static void Record(LaunchList list, Matrix codes, Matrix logLikelihood, Matrix logPosterior, Matrix logPrior, Matrix logWeight)
    {
        (int rows, int width) = (codes.Rows, codes.Columns);
        logLikelihood.Require(rows, 1, nameof(logLikelihood));
        logWeight.Require(rows, 1, nameof(logWeight));
        if (logPrior.Columns != width || logPrior.Rows == 0 || logPosterior.Rows % logPrior.Rows != 0)
            throw new ArgumentException($"logPrior is [{logPrior.Rows}, {logPrior.Columns}] but logPosterior is [{logPosterior.Rows}, {logPosterior.Columns}].", nameof(logPrior));
        list.RowPerLane("importance-weight", rows, new Rows(codes.View, logLikelihood.View, logPosterior.View, logPrior.View, logWeight.View, rows / logPosterior.Rows, logPrior.Rows, width), Cost(rows, width));
    }

    /// <summary>Reads the codes and both log-probabilities once.</summary>
    public static KernelCost Cost(int rows, int width) => KernelCost.Floats(3L * rows * width, 2L * rows * width);

    internal readonly struct Rows(
        ArrayView<float> codes, ArrayView<float> logLikelihood, ArrayView<float> logPosterior, ArrayView<float> logPrior, ArrayView<float> logWeight, int rowsPerExample, int priorRows, int width) : IRowBody
    {
        public void Row(int row)
        {
            ArrayView<float> code = codes.SubView((long)row * width, width);
            int example = row / rowsPerExample;
            ArrayView<float> posterior = logPosterior.SubView((long)example * width, width);
            ArrayView<float> prior = logPrior.SubView((long)(example % priorRows) * width, width);
            float sum = logLikelihood[row];
            for (int i = 0; i < width; i++)
                sum += code[i] > 0f ? code[i] * (prior[i] - posterior[i]) : 0f;
            logWeight[row] = sum;
        }
    }
}
