using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>One logit for each binary variable as the two of its categories, which differ in their difference alone: l[r, n] = (0, phi[r, n]).</summary>
internal static class LogitPair
{
    /// <summary>Records logits [R, 2 N] from phi [R, N].</summary>
    public static void Forward(LaunchList list, Matrix phi, Matrix logits)
    {
        logits.Require(phi.Rows, 2 * phi.Columns, nameof(logits));
        list.Elements("logit-pair.forward", checked((int)phi.Length), new ForwardBody(phi.View, logits.View), Cost(phi));
    }

    /// <summary>Records phiGrad [R, N], the second of each pair of logitsGrad [R, 2 N].</summary>
    public static void Backward(LaunchList list, Matrix logitsGrad, Matrix phiGrad)
    {
        logitsGrad.Require(phiGrad.Rows, 2 * phiGrad.Columns, nameof(logitsGrad));
        list.Elements("logit-pair.backward", checked((int)phiGrad.Length), new BackwardBody(logitsGrad.View, phiGrad.View), Cost(phiGrad));
    }

    /// <summary>Two logits for each number; nothing to compute.</summary>
    public static KernelCost Cost(Matrix phi) => KernelCost.Floats(3 * phi.Length, 0);

    internal readonly struct ForwardBody(ArrayView<float> phi, ArrayView<float> logits) : IElementBody
    {
        public void At(int i)
        {
            logits[2 * i] = 0f;
            logits[(2 * i) + 1] = phi[i];
        }
    }

    internal readonly struct BackwardBody(ArrayView<float> logitsGrad, ArrayView<float> phiGrad) : IElementBody
    {
        public void At(int i) => phiGrad[i] = logitsGrad[(2 * i) + 1];
    }
}
