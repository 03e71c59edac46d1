using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>What happens to a matrix product's elements before they are written, so that no other launch reads them again.</summary>
public readonly record struct Epilogue
{
    /// <summary>Added to every row: [columns], or empty.</summary>
    public ArrayView<float> Bias { get; init; }

    /// <summary>Applied after the bias; not <see cref="ActivationKind.Silu"/>, whose gradient needs the pre-activation.</summary>
    public ActivationKind Activation { get; init; }

    /// <summary>
    /// The outputs y [rows, columns] of the layer below: the product is a gradient with respect to them and is multiplied by the
    /// derivative of <see cref="Activation"/> at them. Empty where the product is not a gradient.
    /// </summary>
    public ArrayView<float> ActivationOutputs { get; init; }

    /// <summary>
    /// Where the sums over the rows of the right factor go, [columns], or empty: beside a weight's gradient x^T yGrad that is the bias's. Our own products read
    /// the factor anyway, behind cuBLAS's it is a launch of its own. Added to what is there where the product is.
    /// </summary>
    public ArrayView<float> RightSums { get; init; }

    /// <summary>Adds to what the targets hold instead of overwriting it.</summary>
    public bool Accumulate { get; init; }
}
