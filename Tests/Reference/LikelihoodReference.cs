using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>
/// A likelihood from its textbook formula, in the precision of <c>T</c>: float64 is the reference, float32 says what plain arithmetic loses. An observation is
/// D numbers: a grey level, a level's number, a count or a real number for each dimension.
/// </summary>
public interface ILikelihoodReference
{
    /// <summary>D.</summary>
    int Dimensions { get; }

    /// <summary>W, the decoder's outputs.</summary>
    int Width { get; }

    /// <summary>T(x).</summary>
    T[] Statistic<T>(T[] observation)
        where T : struct, IFloatingPointIeee754<T>;

    /// <summary>log h(x).</summary>
    T LogBase<T>(T[] observation)
        where T : struct, IFloatingPointIeee754<T> => T.Zero;

    /// <summary>log p(x) = log h(x) + T(x) . eta - c.</summary>
    T LogLikelihood<T>(T[] outputs, T[] observation)
        where T : struct, IFloatingPointIeee754<T>;

    /// <summary>Its derivatives by the outputs.</summary>
    T[] Gradient<T>(T[] outputs, T[] observation)
        where T : struct, IFloatingPointIeee754<T>;

    /// <summary>eta.</summary>
    T[] Natural<T>(T[] outputs)
        where T : struct, IFloatingPointIeee754<T>;

    /// <summary>c.</summary>
    T LogNormaliser<T>(T[] outputs)
        where T : struct, IFloatingPointIeee754<T>;

    /// <summary>(d eta / d outputs)^T naturalGrad - weight d c / d outputs.</summary>
    T[] NaturalGradient<T>(T[] outputs, T[] naturalGrad, T weight)
        where T : struct, IFloatingPointIeee754<T>;
}
