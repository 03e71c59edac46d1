namespace IlgpuVae.Kernels;

/// <summary>An activation function; the number is the one that kernels see.</summary>
public enum ActivationKind
{
    /// <summary>y = x.</summary>
    Identity = 0,

    /// <summary>y = max(x, 0).</summary>
    Relu = 1,

    /// <summary>y = x, or 0.01 x below 0.</summary>
    LeakyRelu = 2,

    /// <summary>y = tanh x.</summary>
    Tanh = 3,

    /// <summary>y = x sigmoid(x).</summary>
    Silu = 4,
}
