using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// An exponential family in natural form, as device code: log p(x | s) = T(x) . eta(s) - c(s). With it the table of log-likelihoods of B examples under
/// S codes is one matrix product, F = T eta^T - 1 c^T, and no [B, S, D] array ever exists.
/// </summary>
public interface INaturalForm
{
    /// <summary>Dimension <paramref name="d"/>'s part of the log-normaliser c, nats; also writes its natural parameters.</summary>
    float LogNormaliser(ArrayView<float> outputs, ArrayView<float> natural, int d);

    /// <summary>
    /// Writes the gradient with respect to the outputs of dimension <paramref name="d"/>, from that with respect to the natural parameters and from
    /// <paramref name="weight"/>, the sum over the examples of dL/dF for this code.
    /// </summary>
    void Gradient(ArrayView<float> outputs, ArrayView<float> naturalGrad, ArrayView<float> outputsGrad, int d, float weight);
}

/// <summary>Turns decoder outputs of S codes into natural parameters and back into gradients.</summary>
public static class NaturalForm
{
    /// <summary>Records natural [S, T] = eta and negativeLogNormaliser [1, S] = -c from outputs [S, W].</summary>
    public static void Forward<TForm>(LaunchList list, string name, Matrix outputs, Matrix natural, Matrix negativeLogNormaliser, TForm form, int dimensions)
        where TForm : struct, INaturalForm
    {
        int s = outputs.Rows;
        natural.Require(s, natural.Columns, nameof(natural));
        negativeLogNormaliser.Require(1, s, nameof(negativeLogNormaliser));
        KernelCost cost = KernelCost.Floats(outputs.Length + natural.Length, 6 * outputs.Length);
        list.Rows(
            name,
            s,
            dimensions,
            new ForwardRows<TForm, OneLane>(outputs.View, natural.View, negativeLogNormaliser.View, form, outputs.Columns, natural.Columns, dimensions),
            new ForwardRows<TForm, OneGroup>(outputs.View, natural.View, negativeLogNormaliser.View, form, outputs.Columns, natural.Columns, dimensions),
            cost);
    }

    /// <summary>
    /// Records outputsGrad [S, W] from naturalGrad [S, T] = (dL/dF)^T T(x) and codeWeights [1, S], the column sums of dL/dF.
    /// </summary>
    public static void Backward<TForm>(LaunchList list, string name, Matrix outputs, Matrix naturalGrad, Matrix codeWeights, Matrix outputsGrad, TForm form, int dimensions)
        where TForm : struct, INaturalForm
    {
        codeWeights.Require(1, outputs.Rows, nameof(codeWeights));
        outputsGrad.Require(outputs.Rows, outputs.Columns, nameof(outputsGrad));
        list.Matrix(
            name,
            outputs.Rows,
            dimensions,
            new BackwardBody<TForm>(outputs.View, naturalGrad.View, codeWeights.View, outputsGrad.View, form, outputs.Columns, naturalGrad.Columns),
            KernelCost.Floats((2 * outputs.Length) + naturalGrad.Length, 8 * outputs.Length));
    }

    internal readonly struct ForwardRows<TForm, TTeam>(
        ArrayView<float> outputs, ArrayView<float> natural, ArrayView<float> negativeLogNormaliser, TForm form, int width, int naturalWidth, int dimensions) : IRowBody
        where TForm : struct, INaturalForm
        where TTeam : struct, ITeam
    {
        public void Row(int row)
        {
            ArrayView<float> a = outputs.SubView((long)row * width, width);
            ArrayView<float> eta = natural.SubView((long)row * naturalWidth, naturalWidth);
            float sum = 0f;
            if (TTeam.SharesRow)
            {
                for (int d = TTeam.Lane; d < dimensions; d += TTeam.Lanes)
                    sum += form.LogNormaliser(a, eta, d);
                sum = TTeam.Sum(sum);
            }
            else
            {
                sum = SumByWayOf(a, eta);
            }

            if (TTeam.Lane == 0)
                negativeLogNormaliser[row] = -sum;
        }

        // A loop that stores its terms becomes vector code on processors, one that sums them does not: the order of a sum is fixed. The terms stand where the natural parameters go, which
        // are written again afterwards.
        private float SumByWayOf(ArrayView<float> a, ArrayView<float> eta)
        {
            for (int d = 0; d < dimensions; d++)
                eta[d] = form.LogNormaliser(a, eta, d);
            float sum = Vector16.RowSum(eta, dimensions);
            for (int d = 0; d < dimensions; d++)
                form.LogNormaliser(a, eta, d);
            return sum;
        }
    }

    internal readonly struct BackwardBody<TForm>(
        ArrayView<float> outputs, ArrayView<float> naturalGrad, ArrayView<float> codeWeights, ArrayView<float> outputsGrad, TForm form, int width, int naturalWidth) : IMatrixBody
        where TForm : struct, INaturalForm
    {
        public void At(int row, int column, int i) => form.Gradient(
            outputs.SubView((long)row * width, width),
            naturalGrad.SubView((long)row * naturalWidth, naturalWidth),
            outputsGrad.SubView((long)row * width, width),
            column,
            codeWeights[row]);
    }
}
