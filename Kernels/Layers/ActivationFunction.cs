using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>Activation functions y = act(x) and their backward passes, as launches and as device functions for fused kernels.</summary>
public static class ActivationFunction
{
    /// <summary>Slope of <see cref="ActivationKind.LeakyRelu"/> below 0.</summary>
    public const float LeakySlope = 0.01f;

    /// <summary>act(x).</summary>
    public static float Value(ActivationKind activation, float x) => Scalar.Sum(Value(activation, Scalar.Fill(x)));

    /// <summary>The same of each number.</summary>
    public static TVector Value<TVector>(ActivationKind activation, TVector x)
        where TVector : struct, IVector<TVector>
    {
        TVector none = TVector.Fill(0f);
        TVector y = x;
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

    /// <summary>The same of each number.</summary>
    public static TVector DerivativeFromOutput<TVector>(ActivationKind activation, TVector y)
        where TVector : struct, IVector<TVector>
    {
        TVector one = TVector.Fill(1f);
        TVector slope = one;
        if (activation == ActivationKind.Relu)
            slope = TVector.WherePositive(y, one, TVector.Fill(0f));
        else if (activation == ActivationKind.LeakyRelu)
            slope = TVector.WherePositive(y, one, TVector.Fill(LeakySlope));
        else if (activation == ActivationKind.Tanh)
            slope = one - (y * y);
        return slope;
    }

    /// <summary>The derivative of SiLU at x: s (1 + x (1 - s)), s = sigmoid(x).</summary>
    public static float SiluDerivative(float x)
    {
        float s = Elementary.Sigmoid(x);
        return s * (1f + (x * (1f - s)));
    }

    /// <summary>Records y = act(x), element by element; y may be x.</summary>
    public static void Forward(LaunchList list, ActivationKind activation, Matrix x, Matrix y)
    {
        y.Require(x.Rows, x.Columns, nameof(y));
        list.Elements("activation.forward", checked((int)x.Length), new ForwardBody(x.View, y.View, activation), Cost(x.Rows, x.Columns));
    }

    /// <summary>
    /// Records xGrad = yGrad * act'(x), element by element; xGrad may be yGrad. <paramref name="saved"/> holds y = act(x), or x itself for
    /// <see cref="ActivationKind.Silu"/>.
    /// </summary>
    public static void Backward(LaunchList list, ActivationKind activation, Matrix saved, Matrix yGrad, Matrix xGrad)
    {
        saved.Require(yGrad.Rows, yGrad.Columns, nameof(saved));
        xGrad.Require(yGrad.Rows, yGrad.Columns, nameof(xGrad));
        list.Elements("activation.backward", checked((int)yGrad.Length), new BackwardBody(saved.View, yGrad.View, xGrad.View, activation), Cost(yGrad.Rows, yGrad.Columns));
    }

    /// <summary>Reads and writes each element; at most an exponential and a few operations each.</summary>
    public static KernelCost Cost(int rows, int columns) => KernelCost.Floats(2L * rows * columns, 4L * rows * columns);

    internal readonly struct ForwardBody(ArrayView<float> x, ArrayView<float> y, ActivationKind activation) : IElementBody
    {
        public void At(int i) => y[i] = Value(activation, x[i]);
    }

    internal readonly struct BackwardBody(ArrayView<float> saved, ArrayView<float> yGrad, ArrayView<float> xGrad, ActivationKind activation) : IElementBody
    {
        public void At(int i)
        {
            float slope = activation == ActivationKind.Silu ? SiluDerivative(saved[i]) : DerivativeFromOutput(activation, saved[i]);
            xGrad[i] = yGrad[i] * slope;
        }
    }
}
