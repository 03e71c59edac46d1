using ILGPU;

namespace IlgpuVae.Runtime;

/// <summary>A vector that squares of a matrix can be transposed in: what a product packs its panels with.</summary>
/// <typeparam name="TSelf">The vector itself.</typeparam>
public interface ISquareVector<TSelf> : IVector<TSelf>
    where TSelf : struct, ISquareVector<TSelf>
{
    /// <summary>Writes the transpose of the [Width, Width] square that <paramref name="source"/> begins with, its rows <paramref name="stride"/> elements apart, to <paramref name="target"/> without gaps.</summary>
    static abstract void Transpose(ArrayView<float> source, int stride, ArrayView<float> target);
}
