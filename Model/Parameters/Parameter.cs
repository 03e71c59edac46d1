using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>One trained tensor: a slice of its model's flat buffers.</summary>
public sealed class Parameter
{
    private readonly ParameterSet set;
    private readonly long offset;

    internal Parameter(ParameterSet set, string name, int rows, int columns, ParameterLayout layout, ParameterStart start, long offset)
    {
        this.set = set;
        this.offset = offset;
        Name = FormerName = name;
        Rows = rows;
        Columns = columns;
        Layout = layout;
        Start = start;
    }

    /// <summary>Its name in the checkpoint, as <c>encoder.0.weight</c>.</summary>
    public string Name { get; }

    /// <summary>Its name in checkpoints from before activations counted as modules.</summary>
    internal string FormerName { get; set; }

    /// <summary>Rows in device memory.</summary>
    public int Rows { get; }

    /// <summary>Columns in device memory.</summary>
    public int Columns { get; }

    /// <summary>Number of elements.</summary>
    public long Length => (long)Rows * Columns;

    /// <summary>How it lies in a checkpoint.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>The value on the device.</summary>
    public Matrix Value => Slice(set.Values);

    /// <summary>The gradient on the device.</summary>
    public Matrix Gradient => Slice(set.Gradients);

    internal ParameterStart Start { get; }

    /// <summary>This parameter's part of a flat buffer.</summary>
    internal Matrix Slice(ArrayView<float> flat) => new(flat.SubView(offset, Length), Rows, Columns);
}

/// <summary>How a parameter lies in a checkpoint, so that PyTorch loads it under its own conventions.</summary>
public enum ParameterLayout
{
    /// <summary>As in memory, [rows, columns].</summary>
    Matrix,

    /// <summary>[columns, rows]: a linear layer's weight is [in, out] here, whose products read it row by row, and [out, in] there.</summary>
    Transposed,

    /// <summary>A vector, [columns].</summary>
    Vector,
}

/// <summary>Where a parameter starts.</summary>
/// <param name="Kind">The distribution.</param>
/// <param name="Scale">The half-width of a uniform, the standard deviation of a normal, the value of a constant.</param>
public readonly record struct ParameterStart(ParameterStartKind Kind, float Scale)
{
    /// <summary>What is added to each number's first value; null for nothing.</summary>
    internal IReadOnlyList<float>? Offsets { get; init; }

    /// <summary>Uniform on (-1, 1) / sqrt(inputs), as PyTorch starts a linear layer.</summary>
    public static ParameterStart LinearLayer(int inputs) => new(ParameterStartKind.Uniform, 1f / MathF.Sqrt(inputs));

    /// <summary>Standard normal, as PyTorch starts an embedding.</summary>
    public static ParameterStart StandardNormal => new(ParameterStartKind.Normal, 1f);

    /// <summary>All zero.</summary>
    public static ParameterStart Zero => new(ParameterStartKind.Constant, 0f);
}

/// <summary>The distribution of a parameter's first value.</summary>
public enum ParameterStartKind
{
    /// <summary>The same everywhere.</summary>
    Constant,

    /// <summary>Uniform around 0.</summary>
    Uniform,

    /// <summary>Normal around 0.</summary>
    Normal,
}
