using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// An exponential family in natural form, as device code: log p(x | s) = T(x) . eta(s) - c(s). With it the table of log-likelihoods of B examples under
/// S codes is one matrix product, F = T eta^T - 1 c^T, and no [B, S, D] array ever exists.
/// </summary>
public interface INaturalForm : IOutputVectors
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
        VectorRows.Record(list.Device, dimensions, form.Run(dimensions), Launch<OneLane, ProcessorVector>, Launch<OneLane, Scalar>, Launch<OneGroup, Vector4>, Launch<OneGroup, Scalar>);

        void Launch<TTeam, TVector>()
            where TTeam : struct, ILaneOrGroup
            where TVector : struct, IVector<TVector>
        {
            int calls = form.Calls<TVector>(dimensions);
            list.Rows<TTeam, ForwardRows<TForm, TTeam, TVector>>(
                name, s, calls, new(outputs.View, natural.View, negativeLogNormaliser.View, form, outputs.Columns, natural.Columns, calls), cost);
        }
    }

    /// <summary>
    /// Records outputsGrad [S, W] from naturalGrad [S, T] = (dL/dF)^T T(x) and codeWeights [1, S], the column sums of dL/dF.
    /// </summary>
    public static void Backward<TForm>(LaunchList list, string name, Matrix outputs, Matrix naturalGrad, Matrix codeWeights, Matrix outputsGrad, TForm form, int dimensions)
        where TForm : struct, INaturalForm
    {
        codeWeights.Require(1, outputs.Rows, nameof(codeWeights));
        outputsGrad.Require(outputs.Rows, outputs.Columns, nameof(outputsGrad));
        KernelCost cost = KernelCost.Floats((2 * outputs.Length) + naturalGrad.Length, 8 * outputs.Length);
        VectorRows.RecordElements(list.Device, form.Run(dimensions), [outputs.View, naturalGrad.View, outputsGrad.View], Launch<ProcessorVector>, Launch<Vector4>, Launch<Scalar>);

        void Launch<TVector>()
            where TVector : struct, IVector<TVector> => list.Matrix(
                name,
                outputs.Rows,
                form.Calls<TVector>(dimensions),
                new BackwardBody<TForm, TVector>(outputs.View, naturalGrad.View, codeWeights.View, outputsGrad.View, form, outputs.Columns, naturalGrad.Columns),
                cost);
    }

    internal readonly struct ForwardRows<TForm, TTeam, TVector>(
        ArrayView<float> outputs, ArrayView<float> natural, ArrayView<float> negativeLogNormaliser, TForm form, int width, int naturalWidth, int calls) : IRowBody
        where TForm : struct, INaturalForm
        where TTeam : struct, ILaneOrGroup
        where TVector : struct, IVector<TVector>
    {
        public void Row(int row)
        {
            ArrayView<float> a = outputs.SubView((long)row * width, width);
            ArrayView<float> eta = natural.SubView((long)row * naturalWidth, naturalWidth);
            TVector sum = TVector.Fill(0f);
            for (int i = TTeam.Lane; i < calls; i += TTeam.Lanes)
                sum += form.LogNormaliser<TVector>(a, eta, i);
            float total = TTeam.Sum(TVector.Sum(sum));
            if (TTeam.Lane == 0)
                negativeLogNormaliser[row] = -total;
        }
    }

    internal readonly struct BackwardBody<TForm, TVector>(
        ArrayView<float> outputs, ArrayView<float> naturalGrad, ArrayView<float> codeWeights, ArrayView<float> outputsGrad, TForm form, int width, int naturalWidth) : IMatrixBody
        where TForm : struct, INaturalForm
        where TVector : struct, IVector<TVector>
    {
        public void At(int row, int column, int i) => form.Gradient<TVector>(
            outputs.SubView((long)row * width, width),
            naturalGrad.SubView((long)row * naturalWidth, naturalWidth),
            outputsGrad.SubView((long)row * width, width),
            column,
            codeWeights[row]);
    }
}
