using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// An exponential family in natural form, as device code: log p(x | s) = log h(x) + T(x) . eta(s) - c(s). With it the table of log-likelihoods of B examples
/// under S codes is one matrix product, F = T eta^T - 1 c^T, and no [B, S, D] array ever exists. Where h is not 1 it is an <see cref="IBaseMeasure"/>.
/// </summary>
internal interface INaturalForm : IOutputVectors
{
    /// <summary>Numbers whose sum is call <paramref name="i"/>'s part of the log-normaliser c, nats; also writes its natural parameters.</summary>
    TVector LogNormaliser<TVector>(ArrayView<float> outputs, ArrayView<float> natural, int i)
        where TVector : struct, IVector<TVector>;

    /// <summary>
    /// Writes the gradient with respect to the outputs of call <paramref name="i"/>, from that with respect to the natural parameters and from
    /// <paramref name="weight"/>, the sum over the examples of dL/dF for this code.
    /// </summary>
    void Gradient<TVector>(ArrayView<float> outputs, ArrayView<float> naturalGrad, ArrayView<float> outputsGrad, int i, float weight)
        where TVector : struct, IVector<TVector>;
}

/// <summary>Turns decoder outputs of S codes into natural parameters and back into gradients.</summary>
internal static class NaturalForm
{
    /// <summary>Records natural [S, T] = eta and negativeLogNormaliser [1, S] = -c from outputs [S, W]; natural may be the outputs where eta is.</summary>
    public static void Forward<TForm>(LaunchList list, string name, Matrix outputs, Matrix natural, Matrix negativeLogNormaliser, TForm form, int dimensions)
        where TForm : struct, INaturalForm
    {
        int s = outputs.Rows;
        natural.Require(s, natural.Columns, nameof(natural));
        negativeLogNormaliser.Require(1, s, nameof(negativeLogNormaliser));
        KernelCost cost = KernelCost.Floats(outputs.Length + natural.Length, 6 * outputs.Length);
        ForwardKernel<TForm> kernel = new(outputs.View, natural.View, negativeLogNormaliser.View, form, outputs.Columns, natural.Columns, dimensions);
        list.TeamRows(name, s, dimensions, form.Run(dimensions), kernel, cost);
    }

    /// <summary>
    /// Records outputsGrad [S, W] from naturalGrad [S, T] = (dL/dF)^T T(x) and codeWeights [1, S], the column sums of dL/dF. It may lie over naturalGrad
    /// where T = W.
    /// </summary>
    public static void Backward<TForm>(
        LaunchList list, string name, Matrix outputs, Matrix naturalGrad, Matrix codeWeights, Matrix outputsGrad, TForm form, int dimensions)
        where TForm : struct, INaturalForm
    {
        codeWeights.Require(1, outputs.Rows, nameof(codeWeights));
        outputsGrad.Require(outputs.Rows, outputs.Columns, nameof(outputsGrad));
        KernelCost cost = KernelCost.Floats((2 * outputs.Length) + naturalGrad.Length, 8 * outputs.Length);
        BackwardKernel<TForm> kernel = new(outputs.View, naturalGrad.View, codeWeights.View, outputsGrad.View, form, outputs.Columns, naturalGrad.Columns);
        list.MatrixVectors(
            name, outputs.Rows, form.Run(dimensions), width => form.Calls(dimensions, width), [outputs.View, naturalGrad.View, outputsGrad.View], kernel, cost);
    }

    internal readonly struct ForwardKernel<TForm>(
        ArrayView<float> outputs, ArrayView<float> natural, ArrayView<float> negativeLogNormaliser, TForm form, int width, int naturalWidth,
            int dimensions) : ITeamKernel
        where TForm : struct, INaturalForm
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<TTeam, TVector>(int row)
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            ArrayView<float> a = outputs.SubView((long)row * width, width);
            ArrayView<float> eta = natural.SubView((long)row * naturalWidth, naturalWidth);
            TVector sum = TVector.Fill(0f);
            int calls = form.Calls(dimensions, TVector.Width);
            for (int i = TTeam.Lane; i < calls; i += TTeam.Lanes)
                sum += form.LogNormaliser<TVector>(a, eta, i);
            float total = TTeam.Sum(TVector.Sum(sum));
            if (TTeam.Lane == 0)
                negativeLogNormaliser[row] = -total;
        }
    }

    internal readonly struct BackwardKernel<TForm>(
        ArrayView<float> outputs, ArrayView<float> naturalGrad, ArrayView<float> codeWeights, ArrayView<float> outputsGrad, TForm form, int width,
            int naturalWidth) : IMatrixVectorKernel
        where TForm : struct, INaturalForm
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void At<TVector>(int row, int piece)
            where TVector : struct, IVector<TVector> => form.Gradient<TVector>(
            outputs.SubView((long)row * width, width),
            naturalGrad.SubView((long)row * naturalWidth, naturalWidth),
            outputsGrad.SubView((long)row * width, width),
            piece,
            codeWeights[row]);
    }
}
