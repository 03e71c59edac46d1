using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Log importance weights log w_r = f_r + sum_n log p_n(z_rn) - log q_n(z_rn | x) of sampled codes, nats: the mean of w over samples estimates p(x), and the
/// log of that mean bounds log p(x) from below.
/// </summary>
/// <remarks>Y. Burda, R. Grosse, R. Salakhutdinov, "Importance weighted autoencoders", ICLR 2016, equation 8.</remarks>
internal static class ImportanceWeight
{
    /// <summary>
    /// Records logWeight [R, 1] from R codes, hard or relaxed (the weight then is linear in the code), f [R, 1], logPosterior [B, N K] (row r belongs to
    /// example r / (R / B)) and logPrior [P, N K], P a divisor of B: example b uses prior row b mod P.
    /// </summary>
    public static void Record(LaunchList list, Codes codes, Matrix logLikelihood, Matrix logPosterior, Matrix logPrior, Matrix logWeight)
    {
        (int rows, int width) = (codes.Rows, codes.Width);
        logLikelihood.Require(rows, 1, nameof(logLikelihood));
        logWeight.Require(rows, 1, nameof(logWeight));
        if (logPrior.Columns != width || logPrior.Rows == 0 || logPosterior.Rows % logPrior.Rows != 0)
            throw new ArgumentException(
                $"logPrior is [{logPrior.Rows}, {logPrior.Columns}] but logPosterior is [{logPosterior.Rows}, {logPosterior.Columns}].", nameof(logPrior));
        Ratio ratio = new(logPosterior.View, logPrior.View, rows / logPosterior.Rows, logPrior.Rows, width);
        if (codes.IsHard)
        {
            HardRows body = new(codes.Numbers, logLikelihood.View, logWeight.View, ratio, codes.Variables, codes.Categories);
            list.RowPerLane("importance-weight", rows, body, Cost(codes));
        }
        else
        {
            RelaxedKernel kernel = new(codes.Weights.View, logLikelihood.View, logWeight.View, ratio, width);
            list.TeamRows("importance-weight", rows, width, width, kernel, Cost(codes));
        }
    }

    /// <summary>Reads the codes and what they select of both log-probabilities once.</summary>
    public static KernelCost Cost(Codes codes)
    {
        long selected = (long)codes.Rows * (codes.IsHard ? codes.Variables : codes.Width);
        return KernelCost.Floats(3 * selected, 2 * selected);
    }

    // log p - log q of categories for the example that a row belongs to.
    internal readonly struct Ratio(ArrayView<float> logPosterior, ArrayView<float> logPrior, int rowsPerExample, int priorRows, int width)
    {
        internal float Of(int row, int category)
        {
            int example = row / rowsPerExample;
            return logPrior[((long)(example % priorRows) * width) + category] - logPosterior[((long)example * width) + category];
        }

        internal TVector Of<TVector>(int row, int category)
            where TVector : struct, IVector<TVector>
        {
            int example = row / rowsPerExample;
            ArrayView<float> prior = logPrior.SubView((long)(example % priorRows) * width, width);
            ArrayView<float> posterior = logPosterior.SubView((long)example * width, width);
            return TVector.LoadPart(prior, category, width - category, 0f) - TVector.LoadPart(posterior, category, width - category, 0f);
        }
    }

    internal readonly struct HardRows(ArrayView<int> numbers, ArrayView<float> logLikelihood, ArrayView<float> logWeight, Ratio ratio, int n, int k) : IRowBody
    {
        public void Row(int row)
        {
            // On its own: beside a log-likelihood of hundreds of nats every term would lose places.
            float sum = 0f;
            for (int variable = 0; variable < n; variable++)
                sum += ratio.Of(row, (variable * k) + numbers[((long)row * n) + variable]);
            logWeight[row] = logLikelihood[row] + sum;
        }
    }

    internal readonly struct RelaxedKernel(ArrayView<float> weights, ArrayView<float> logLikelihood, ArrayView<float> logWeight, Ratio ratio, int width)
        : ITeamKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<TTeam, TVector>(int row)
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            ArrayView<float> code = weights.SubView((long)row * width, width);
            TVector none = TVector.Fill(0f), sums = none;
            for (int i = TTeam.Lane * TVector.Width; i < width; i += TTeam.Lanes * TVector.Width)
            {
                TVector weight = TVector.LoadPart(code, i, width - i, 0f);
                sums += TVector.WherePositive(weight, weight * ratio.Of<TVector>(row, i), none);
            }

            float sum = TTeam.Sum(TVector.Sum(sums));
            if (TTeam.Lane == 0)
                logWeight[row] = logLikelihood[row] + sum;
        }
    }
}
