namespace IlgpuVae.Runtime;

/// <summary>The least work a launch can do: bytes of device memory moved and floating-point operations (an exponential or logarithm counts as one).</summary>
/// <param name="Bytes">Bytes read plus bytes written, each element once.</param>
/// <param name="Flops">Floating-point operations; a multiply-add counts as two.</param>
public readonly record struct KernelCost(long Bytes, long Flops)
{
    /// <summary>Cost of reading and writing <paramref name="floats"/> float32 numbers in all, with <paramref name="flops"/> operations.</summary>
    public static KernelCost Floats(long floats, long flops) => new(floats * sizeof(float), flops);

    /// <summary>The work of both.</summary>
    public static KernelCost operator +(KernelCost left, KernelCost right) => left.Add(right);

    /// <summary>The work of both.</summary>
    public KernelCost Add(KernelCost other) => new(Bytes + other.Bytes, Flops + other.Flops);
}
