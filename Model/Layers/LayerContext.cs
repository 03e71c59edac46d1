using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// The contexts c [B, C] of a batch at work in a linear layer that reads (z, c): its part c W_c + b [B, H] of the pre-activation, computed once an example
/// however many rows the example has. The last C rows of the layer's weight are W_c.
/// </summary>
public sealed class LayerContext
{
    private readonly Parameter weight, bias;
    private readonly Matrix context;
    private readonly Matrix? partGrad;

    /// <summary>Reserves the memory.</summary>
    public LayerContext(Parameter weight, Parameter bias, Matrix context, Arena arena, bool training)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(arena);
        this.weight = weight;
        this.bias = bias;
        this.context = context;
        Part = arena.Matrix(context.Rows, weight.Columns, MemoryUse.Activations);
        partGrad = training ? arena.Matrix(context.Rows, weight.Columns, MemoryUse.Activations) : null;
    }

    /// <summary>c W_c + b [B, H].</summary>
    public Matrix Part { get; }

    /// <summary>The gradient with respect to <see cref="Part"/>, [B, H]: rows write it or add to it as <see cref="ParameterGradients"/> tells them.</summary>
    public Matrix PartGrad => partGrad ?? throw new InvalidOperationException("this context was bound without a backward pass.");

    /// <summary>Records the part; once a batch, before any rows.</summary>
    public void Forward(LaunchList list) => MatMul.Record(list, context, OfContext(weight.Value), Part, new Epilogue { Bias = bias.Value.View });

    /// <summary>Records the gradients of W_c and b from <see cref="PartGrad"/>; once a batch, after all rows.</summary>
    public void Backward(LaunchList list)
    {
        MatMul.Record(list, Operand.Transpose(context), PartGrad, OfContext(weight.Gradient));
        ColumnSum.Record(list, PartGrad, bias.Gradient);
    }

    private Matrix OfContext(Matrix matrix) => matrix.RowRange(matrix.Rows - context.Columns, context.Columns);
}
