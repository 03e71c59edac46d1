using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>A learned table that turns R codes into the N embeddings of width E side by side, [R, N E].</summary>
/// <param name="variables">N.</param>
/// <param name="width">E.</param>
internal sealed class CodeTable(int variables, int width) : Layer
{
    /// <inheritdoc/>
    public override BuiltLayer Build(ParameterSet parameters, string name, Shape inputs, int contextWidth = 0)
    {
        if (inputs.Numbers % variables != 0)
            throw new ArgumentException($"a table for {variables} variables takes their categories side by side, not rows of {inputs}.", nameof(inputs));
        Parameter table = parameters.Declare($"{name}.weight", inputs.Numbers, width, ParameterLayout.Matrix, ParameterStart.StandardNormal);
        return new BuiltLayer(variables * width, (arena, rows, _, _) => new Pass(table, variables, arena, rows));
    }

    /// <inheritdoc/>
    public override LayerCost Cost(Shape inputs) => new(variables * width, (long)inputs.Numbers * width, (long)variables * width);

    /// <inheritdoc/>
    public override LayerCost CostOfNumbers(int variables, Shape inputs) => new(variables * width, 0, (long)variables * width);

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

        public override void Backward(
            LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters)
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
