using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Row softmax, log-softmax and logsumexp of logits [R, K] in nats. The row's maximum is taken away first, so logits of +-1e4 neither
/// overflow nor vanish; a logit of minus infinity masks its category (probability 0, log-probability minus infinity); a NaN stays in its row.
/// </summary>
public static class Softmax
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
        KernelCost cost = KernelCost.Floats(3L * rows * k, 4L * rows * k);
        if (VariantFor(list.Device, k) == RowVariant.RowPerLane)
            list.RowPerLane("softmax.backward", rows, new BackwardRows<OneLane>(probabilities.View, probabilitiesGrad.View, logitsGrad.View, k), cost);
        else
            list.RowPerGroup("softmax.backward", rows, k, new BackwardRows<OneGroup>(probabilities.View, probabilitiesGrad.View, logitsGrad.View, k), cost);
    }

    /// <summary>Reads and writes each element once; an exponential and four more operations each.</summary>
    public static KernelCost Cost(int rows, int k) => KernelCost.Floats(2L * rows * k, 5L * rows * k);

    /// <summary>max and sum of exp(l - max) over a row: log sum exp = max + log(sum).</summary>
    internal static (float Max, float Sum) Normaliser<TTeam>(ArrayView<float> logits, int k)
        where TTeam : struct, ITeam
    {
        float max = float.NegativeInfinity;
        for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
            max = Elementary.Max(max, logits[i]);
        max = TTeam.Max(max);
        float sum = 0f;
        for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
            sum += Elementary.Exp(logits[i] - max);
        return (max, TTeam.Sum(sum));
    }

    private static void Record(LaunchList list, Matrix logits, Matrix result, Output output)
    {
        (int rows, int k) = (logits.Rows, logits.Columns);
        result.Require(rows, output == Output.LogSumExp ? 1 : k, nameof(result));
        string name = output switch { Output.Probabilities => "softmax.forward", Output.LogProbabilities => "log-softmax.forward", _ => "logsumexp" };
        if (VariantFor(list.Device, k) == RowVariant.RowPerLane)
            list.RowPerLane(name, rows, new ForwardRows<OneLane>(logits.View, result.View, k, (int)output), Cost(rows, k));
        else
            list.RowPerGroup(name, rows, k, new ForwardRows<OneGroup>(logits.View, result.View, k, (int)output), Cost(rows, k));
    }

    internal readonly struct ForwardRows<TTeam>(ArrayView<float> logits, ArrayView<float> result, int k, int output) : IRowBody
        where TTeam : struct, ITeam
    {
        public void Row(int row)
        {
            ArrayView<float> source = logits.SubView((long)row * k, k);
            (float max, float sum) = Normaliser<TTeam>(source, k);
            if (output == (int)Output.LogSumExp)
            {
                if (TTeam.Lane == 0)
                    result[row] = max + Elementary.Log(sum);
                return;
            }

            ArrayView<float> target = result.SubView((long)row * k, k);
            if (output == (int)Output.LogProbabilities)
            {
                // Not l - (max + log sum): beside a maximum of 1e4 the logarithm would lose ten bits.
                float logSum = Elementary.Log(sum);
                for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                    target[i] = source[i] - max - logSum;
            }
            else
            {
                float scale = 1f / sum;
                for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                    target[i] = Elementary.Exp(source[i] - max) * scale;
            }
        }
    }

    internal readonly struct BackwardRows<TTeam>(ArrayView<float> p, ArrayView<float> pGrad, ArrayView<float> logitsGrad, int k) : IRowBody
        where TTeam : struct, ITeam
    {
        public void Row(int row)
        {
            ArrayView<float> probabilities = p.SubView((long)row * k, k);
            ArrayView<float> grad = pGrad.SubView((long)row * k, k);
            ArrayView<float> target = logitsGrad.SubView((long)row * k, k);
            float inner = 0f;
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                inner += probabilities[i] * grad[i];
            inner = TTeam.Sum(inner);
            for (int i = TTeam.Lane; i < k; i += TTeam.Lanes)
                target[i] = probabilities[i] * (grad[i] - inner);
        }
    }
}
