using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Row softmax, log-softmax and logsumexp of logits [R, K] in nats. The row's maximum is taken away first, so logits of +-1e4 neither
/// overflow nor vanish; a logit of minus infinity masks its category (probability 0, log-probability minus infinity); a NaN stays in its row.
/// </summary>
public static partial class Softmax
{
    private enum Output
    {
        Probabilities,
        LogProbabilities,
        LogSumExp,
    }

    /// <summary>The variant that rows of <paramref name="k"/> categories get.</summary>
    public static RowVariant VariantFor(ComputeDevice device, int k) => LaunchListExtensions.RowVariantFor(device, k);

    /// <summary>Records probabilities = softmax(logits), both [R, K]; in place is allowed.</summary>
    public static void Forward(LaunchList list, Matrix logits, Matrix probabilities) => Record(list, logits, probabilities, Output.Probabilities);

    /// <summary>Records logProbabilities = logits - logsumexp(logits), both [R, K]; in place is allowed.</summary>
    public static void LogForward(LaunchList list, Matrix logits, Matrix logProbabilities) => Record(list, logits, logProbabilities, Output.LogProbabilities);

    /// <summary>Records result = logsumexp(logits): [R, K] to [R, 1].</summary>
    public static void LogSumExp(LaunchList list, Matrix logits, Matrix result) => Record(list, logits, result, Output.LogSumExp);

    /// <summary>Records logitsGrad = p * (pGrad - sum(p * pGrad)) for p = softmax(logits), all [R, K]; logitsGrad may be pGrad.</summary>
    public static void Backward(LaunchList list, Matrix probabilities, Matrix probabilitiesGrad, Matrix logitsGrad)
    {
        (int rows, int k) = (probabilities.Rows, probabilities.Columns);
        probabilitiesGrad.Require(rows, k, nameof(probabilitiesGrad));
        logitsGrad.Require(rows, k, nameof(logitsGrad));
        BackwardLaunch launch = new(list, probabilities, probabilitiesGrad, logitsGrad);
        if (!RowGroups.TryRecord(list.Device, k, packs: true, launch))
            VectorRows.Record(list.Device, rows, k, launch);
    }

    /// <summary>Reads and writes each element once; an exponential and four more operations each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(2L * rows * k, 5L * rows * k);

    /// <summary>max and sum of exp(l - max) over a row: log sum exp = max + log(sum).</summary>
    internal static (float Max, float Sum) Normaliser<TTeam>(ArrayView<float> logits, int k)
        where TTeam : struct, ITeam => Normaliser<TTeam, Scalar>(logits, k);

    /// <summary>The same, a vector at a time.</summary>
    internal static (float Max, float Sum) Normaliser<TTeam, TVector>(ArrayView<float> logits, int k)
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        (float max, float sum, _) = HeldNormaliser<TTeam, TVector>(logits, k);
        return (max, sum);
    }

    /// <summary>The same, with this lane's last vector of exp(l - max): all of its part where it has one at most.</summary>
    internal static (float Max, float Sum, TVector Last) HeldNormaliser<TTeam, TVector>(ArrayView<float> logits, int k)
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector> => Sums<TTeam, TVector>(logits, logits, k, stored: 0);

    /// <summary>The same, leaving exp(l - max) in <paramref name="exponentials"/>, which may be the logits.</summary>
    internal static (float Max, float Sum, TVector Last) Exponentials<TTeam, TVector>(ArrayView<float> logits, ArrayView<float> exponentials, int k)
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector> => Sums<TTeam, TVector>(logits, exponentials, k, stored: 1);

    private static (float Max, float Sum, TVector Last) Sums<TTeam, TVector>(ArrayView<float> logits, ArrayView<float> exponentials, int k, int stored)
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        float max = Largest<TTeam, TVector>(logits, k);
        TVector sum = TVector.Fill(0f), last = sum, shift = TVector.Fill(max);
        for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
        {
            last = Elementary.Exp(TVector.LoadPart(logits, i, k - i, float.NegativeInfinity) - shift);
            if (stored == 1)
                TVector.StorePart(last, exponentials, i, k - i);
            sum += last;
        }

        return (max, TTeam.Sum(TVector.Sum(sum)), last);
    }

    private static float Largest<TTeam, TVector>(ArrayView<float> logits, int k)
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        TVector max = TVector.Fill(float.NegativeInfinity);
        for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
            max = TVector.Max(max, TVector.LoadPart(logits, i, k - i, float.NegativeInfinity));
        return TTeam.Max(TVector.Largest(max));
    }

    private static void Record(LaunchList list, Matrix logits, Matrix result, Output output)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        result.Require(rows, output == Output.LogSumExp ? 1 : k, nameof(result));
        string name = output switch { Output.Probabilities => "softmax.forward", Output.LogProbabilities => "log-softmax.forward", _ => "logsumexp" };
        ForwardLaunch launch = new(list, name, logits, result, output);
        if (!RowGroups.TryRecord(list.Device, k, packs: true, launch))
            VectorRows.Record(list.Device, rows, k, launch);
    }

    private readonly struct ForwardLaunch(LaunchList list, string name, Matrix logits, Matrix result, Output output) : IRowLaunch, IGroupLaunch
    {
        public void Record<TTeam, TVector>()
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            (int rows, int k) = (logits.Rows, logits.Columns);
            int held = VectorRows.Held<TTeam, TVector>(list.Device, k);
            list.Rows<TTeam, ForwardRows<TTeam, TVector>>(name, rows, VectorRows.Count<TVector>(k), new(logits.View, result.View, k, (int)output, held), Cost(rows, k));
        }

        public void Record<TRows>()
            where TRows : struct, IRowGroup<TRows>
        {
            (int rows, int k) = (logits.Rows, logits.Columns);
            list.RowPerLane(name, TRows.Groups(rows, k), new ForwardGroupVectors<TRows>(logits.View, result.View, rows, k, (int)output), Cost(rows, k));
        }
    }

    private readonly struct BackwardLaunch(LaunchList list, Matrix probabilities, Matrix probabilitiesGrad, Matrix logitsGrad) : IRowLaunch, IGroupLaunch
    {
        private const string Name = "softmax.backward";

        private KernelCost Cost => KernelCost.Floats(3 * probabilities.Length, 4 * probabilities.Length);

        public void Record<TTeam, TVector>()
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            (int rows, int k) = (probabilities.Rows, probabilities.Columns);
            list.Rows<TTeam, BackwardRows<TTeam, TVector>>(Name, rows, VectorRows.Count<TVector>(k), new(probabilities.View, probabilitiesGrad.View, logitsGrad.View, k), Cost);
        }

        public void Record<TRows>()
            where TRows : struct, IRowGroup<TRows>
        {
            (int rows, int k) = (probabilities.Rows, probabilities.Columns);
            list.RowPerLane(Name, TRows.Groups(rows, k), new BackwardGroupVectors<TRows>(probabilities.View, probabilitiesGrad.View, logitsGrad.View, rows, k), Cost);
        }
    }

    internal readonly struct ForwardRows<TTeam, TVector>(ArrayView<float> logits, ArrayView<float> result, int k, int output, int held) : IRowBody
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        public void Row(int row)
        {
            ArrayView<float> source = logits.SubView((long)row * k, k);
            (float max, float sum, TVector last) = Sums(row, source);
            if (output == (int)Output.LogSumExp)
            {
                if (TTeam.Lane == 0)
                    result[row] = max + Elementary.Log(sum);
            }
            else
            {
                ArrayView<float> target = result.SubView((long)row * k, k);
                TVector scale = TVector.Fill(1f / sum), shift = TVector.Fill(max), logSum = TVector.Fill(Elementary.Log(sum));
                for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
                {
                    // Not l - (max + log sum): beside a maximum of 1e4 the logarithm would lose ten bits.
                    if (output == (int)Output.LogProbabilities)
                        TVector.StorePart(TVector.LoadPart(source, i, k - i, 0f) - shift - logSum, target, i, k - i);
                    else if (held == 1)
                        TVector.StorePart(last * scale, target, i, k - i);
                    else if (TTeam.SharesRow)
                        TVector.StorePart(Elementary.Exp(TVector.LoadPart(source, i, k - i, 0f) - shift) * scale, target, i, k - i);
                    else
                        TVector.StorePart(TVector.LoadPart(target, i, k - i, 0f) * scale, target, i, k - i);
                }
            }
        }

        // What a lane cannot keep in registers it keeps where the probabilities go, if it has the row to itself. In a group the memory's traffic would cost more than the arithmetic.
        private (float Max, float Sum, TVector Last) Sums(int row, ArrayView<float> source)
        {
            (float Max, float Sum, TVector Last) sums;
            if (TTeam.SharesRow || held == 1 || output != (int)Output.Probabilities)
                sums = HeldNormaliser<TTeam, TVector>(source, k);
            else
                sums = Exponentials<TTeam, TVector>(source, result.SubView((long)row * k, k), k);
            return sums;
        }
    }

    internal readonly struct BackwardRows<TTeam, TVector>(ArrayView<float> p, ArrayView<float> pGrad, ArrayView<float> logitsGrad, int k) : IRowBody
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>
    {
        public void Row(int row)
        {
            ArrayView<float> probabilities = p.SubView((long)row * k, k);
            ArrayView<float> grad = pGrad.SubView((long)row * k, k);
            ArrayView<float> target = logitsGrad.SubView((long)row * k, k);
            TVector inner = TVector.Fill(0f);
            for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
                inner = TVector.MultiplyAdd(TVector.LoadPart(probabilities, i, k - i, 0f), TVector.LoadPart(grad, i, k - i, 0f), inner);
            TVector mean = TVector.Fill(TTeam.Sum(TVector.Sum(inner)));
            for (int i = TTeam.Lane * TVector.Width; i < k; i += TTeam.Lanes * TVector.Width)
                TVector.StorePart(TVector.LoadPart(probabilities, i, k - i, 0f) * (TVector.LoadPart(grad, i, k - i, 0f) - mean), target, i, k - i);
        }
    }
}
