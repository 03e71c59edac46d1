using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>A learned table that turns R codes into the N embeddings of width E side by side, [R, N E].</summary>
/// <param name="variables">N.</param>
/// <param name="width">E.</param>
public sealed class CodeTable(int variables, int width) : Layer
{
    private Parameter? table;

    /// <inheritdoc/>
    public override int Build(ParameterSet parameters, string name, int inputs, int contextWidth = 0)
    {
        table = parameters.Declare($"{name}.weight", inputs, width, ParameterLayout.Matrix, ParameterStart.StandardNormal);
        return variables * width;
    }

    /// <inheritdoc/>
    public override LayerCost Cost(int inputs) => new(variables * width, (long)inputs * width, (long)variables * width);

    /// <inheritdoc/>
    public override LayerCost CostOfNumbers(int variables, int inputs) => new(variables * width, 0, (long)variables * width);

    /// <inheritdoc/>
    public override LayerPass Bind(Arena arena, int rows, bool training, LayerContext? context = null) =>
        new Pass(table ?? throw new InvalidOperationException("the layer has not been built."), variables, arena, rows);

    private sealed class Pass(Parameter table, int variables, Arena arena, int rows) : LayerPass
    {
        public override Matrix Output { get; } = arena.Matrix(rows, variables * table.Columns, MemoryUse.Activations);

        public override bool ReadsNumbers => true;

        public override void Forward(LaunchList list, Matrix input) => Embedding.Forward(list, input, table.Value, Output, variables);

        public override void Forward(LaunchList list, Codes codes)
        {
            if (codes.IsHard)
                TableRows.Gather(list, codes, table.Value, Output);
            else
                Forward(list, codes.Weights);
        }

        public override void Backward(LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters)
        {
            if (parameters != ParameterGradients.Skip)
                Embedding.BackwardTable(list, input, outputGrad, table.Gradient, variables, accumulate: parameters == ParameterGradients.Add);
            if (inputGrad is { } target)
            {
                Embedding.BackwardCodes(list, outputGrad, table.Value, target, variables);
                ApplyEpilogue(list, inputEpilogue, target);
            }
        }

        public override void Backward(LaunchList list, Codes codes, Matrix outputGrad, Matrix? codesGrad, ParameterGradients parameters)
        {
            if (!codes.IsHard)
            {
                Backward(list, codes.Weights, outputGrad, codesGrad, default, parameters);
                return;
            }

            if (parameters != ParameterGradients.Skip)
                TableRows.Backward(list, codes, outputGrad, table.Gradient, accumulate: parameters == ParameterGradients.Add);
            if (codesGrad is { } target)
                Embedding.BackwardCodes(list, outputGrad, table.Value, target, variables);
        }
    }
}
