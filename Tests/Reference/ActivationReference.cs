using System.Numerics;
using IlgpuVae.Kernels;

namespace IlgpuVae.Tests.Reference;

/// <summary>Activation functions and their derivatives from their formulas.</summary>
public static class ActivationReference
{
    /// <summary>act(x).</summary>
    public static T Value<T>(ActivationKind kind, T x)
        where T : struct, IFloatingPointIeee754<T> => kind switch
        {
            ActivationKind.Relu => T.Max(x, T.Zero),
            ActivationKind.LeakyRelu => x < T.Zero ? T.CreateChecked(0.01) * x : x,
            ActivationKind.Tanh => T.Tanh(x),
            ActivationKind.Silu => x * Sigmoid(x),
            _ => x,
        };

    /// <summary>act'(x) from what the backward pass is given: y = act(x), or x for SiLU.</summary>
    public static T Derivative<T>(ActivationKind kind, T saved)
        where T : struct, IFloatingPointIeee754<T> => kind switch
        {
            ActivationKind.Relu => saved > T.Zero ? T.One : T.Zero,
            ActivationKind.LeakyRelu => saved > T.Zero ? T.One : T.CreateChecked(0.01),
            ActivationKind.Tanh => T.One - (saved * saved),
            ActivationKind.Silu => Sigmoid(saved) * (T.One + (saved * (T.One - Sigmoid(saved)))),
            _ => T.One,
        };

    private static T Sigmoid<T>(T x)
        where T : struct, IFloatingPointIeee754<T> => T.One / (T.One + T.Exp(-x));
}
