using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Binary codes as corners of a hypercube: for K = 2, s[r, n] = code[r, n, 1] - code[r, n, 0], so -1 or +1 for hard codes.</summary>
internal static class SignCode
{
    /// <summary>Records signs [R, N] from R codes, hard or relaxed.</summary>
    public static void Forward(LaunchList list, Codes codes, Matrix signs)
    {
        codes.Require(signs.Rows, signs.Columns, 2, nameof(codes));
        int n = checked((int)signs.Length);
        if (codes.IsHard)
            list.Elements("sign-code.forward", n, new HardBody(codes.Numbers, signs.View), KernelCost.Floats(2 * signs.Length, signs.Length));
        else
            list.Elements("sign-code.forward", n, new ForwardBody(codes.Weights.View, signs.View), Cost(signs));
    }

    /// <summary>Records codesGrad [R, 2 N] = (-signsGrad, +signsGrad).</summary>
    public static void Backward(LaunchList list, Matrix signsGrad, Matrix codesGrad)
    {
        codesGrad.Require(signsGrad.Rows, 2 * signsGrad.Columns, nameof(codesGrad));
        list.Elements("sign-code.backward", checked((int)signsGrad.Length), new BackwardBody(signsGrad.View, codesGrad.View), Cost(signsGrad));
    }

    /// <summary>Two code elements for each sign; one operation.</summary>
    public static KernelCost Cost(Matrix signs) => KernelCost.Floats(3 * signs.Length, signs.Length);

    internal readonly struct ForwardBody(ArrayView<float> codes, ArrayView<float> signs) : IElementBody
    {
        public void At(int i) => signs[i] = codes[(2 * i) + 1] - codes[2 * i];
    }

    internal readonly struct HardBody(ArrayView<int> numbers, ArrayView<float> signs) : IElementBody
    {
        public void At(int i) => signs[i] = (2 * numbers[i]) - 1;
    }

    internal readonly struct BackwardBody(ArrayView<float> signsGrad, ArrayView<float> codesGrad) : IElementBody
    {
        public void At(int i)
        {
            codesGrad[2 * i] = -signsGrad[i];
            codesGrad[(2 * i) + 1] = signsGrad[i];
        }
    }
}
