using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Activation functions y = act(x) and their backward passes, as launches and as device functions for fused kernels.</summary>
internal static class ActivationFunction
{
    /// <summary>Slope of <see cref="ActivationKind.LeakyRelu"/> below 0.</summary>
    public const float LeakySlope = 0.01f;

    /// <summary>act(x).</summary>
    public static float Value(ActivationKind activation, float x) => Scalar.Sum(Value(activation, Scalar.Fill(x)));

    /// <summary>act of each number.</summary>
    public static TVector Value<TVector>(ActivationKind activation, TVector x)
        where TVector : struct, IVector<TVector>
    {
        TVector y = x, none = TVector.Fill(0f);
        if (activation == ActivationKind.Relu)
            y = TVector.WherePositive(none - x, none, x);
        else if (activation == ActivationKind.LeakyRelu)
            y = TVector.WherePositive(none - x, TVector.Fill(LeakySlope) * x, x);
        else if (activation == ActivationKind.Tanh)
            y = Elementary.Tanh(x);
        else if (activation == ActivationKind.Silu)
            y = x * Elementary.Sigmoid(x);
        return y;
    }

    /// <summary>act'(x) from y = act(x); for every activation but <see cref="ActivationKind.Silu"/>, which is not monotone.</summary>
    public static float DerivativeFromOutput(ActivationKind activation, float y) => Scalar.Sum(DerivativeFromOutput(activation, Scalar.Fill(y)));

    /// <summary>act' of each number, likewise.</summary>
    public static TVector DerivativeFromOutput<TVector>(ActivationKind activation, TVector y)
        where TVector : struct, IVector<TVector>
    {
        TVector one = TVector.Fill(1f), slope = one;
        if (activation == ActivationKind.Relu)
            slope = TVector.WherePositive(y, one, TVector.Fill(0f));
        else if (activation == ActivationKind.LeakyRelu)
            slope = TVector.WherePositive(y, one, TVector.Fill(LeakySlope));
        else if (activation == ActivationKind.Tanh)
            slope = one - (y * y);
        return slope;
    }

    /// <summary>The derivative of SiLU at each x: s (1 + x (1 - s)), s = sigmoid(x).</summary>
    public static TVector SiluDerivative<TVector>(TVector x)
        where TVector : struct, IVector<TVector>
    {
        TVector s = Elementary.Sigmoid(x), one = TVector.Fill(1f);
        return s * (one + (x * (one - s)));
    }

    /// <summary>Records y = act(x), element by element; y may be x.</summary>
    public static void Forward(LaunchList list, ActivationKind activation, Matrix x, Matrix y)
    {
        y.Require(x.Rows, x.Columns, nameof(y));
        int n = checked((int)x.Length);
        list.Vectors("activation.forward", n, [x.View, y.View], new ForwardKernel(x.View, y.View, activation), Cost(x.Rows, x.Columns));
    }

    /// <summary>
    /// Records xGrad = yGrad * act'(x), element by element; xGrad may be yGrad. <paramref name="saved"/> holds y = act(x), or x itself for
    /// <see cref="ActivationKind.Silu"/>.
    /// </summary>
    public static void Backward(LaunchList list, ActivationKind activation, Matrix saved, Matrix yGrad, Matrix xGrad)
    {
        saved.Require(yGrad.Rows, yGrad.Columns, nameof(saved));
        xGrad.Require(yGrad.Rows, yGrad.Columns, nameof(xGrad));
        int n = checked((int)yGrad.Length);
        BackwardKernel kernel = new(saved.View, yGrad.View, xGrad.View, activation);
        list.Vectors("activation.backward", n, [saved.View, yGrad.View, xGrad.View], kernel, Cost(yGrad.Rows, yGrad.Columns));
    }

    /// <summary>Reads and writes each element; at most an exponential and a few operations each.</summary>
    public static KernelCost Cost(int rows, int columns) => KernelCost.Floats(2L * rows * columns, 4L * rows * columns);

    internal readonly struct ForwardKernel(ArrayView<float> x, ArrayView<float> y, ActivationKind activation) : IVectorKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<TVector>(int start)
            where TVector : struct, IVector<TVector>
        {
            int count = (int)x.Length - start;
            TVector.StorePart(Value(activation, TVector.LoadPart(x, start, count, 0f)), y, start, count);
        }
    }

    internal readonly struct BackwardKernel(ArrayView<float> saved, ArrayView<float> yGrad, ArrayView<float> xGrad, ActivationKind activation) : IVectorKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<TVector>(int start)
            where TVector : struct, IVector<TVector>
        {
            int count = (int)yGrad.Length - start;
            TVector at = TVector.LoadPart(saved, start, count, 0f), slope;
            if (activation == ActivationKind.Silu)
                slope = SiluDerivative(at);
            else
                slope = DerivativeFromOutput(activation, at);
            TVector.StorePart(TVector.LoadPart(yGrad, start, count, 0f) * slope, xGrad, start, count);
        }
    }
}
