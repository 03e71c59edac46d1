using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>A linear layer with an activation: y = act(x W + b), W [in, out].</summary>
/// <param name="outputs">Number of outputs.</param>
/// <param name="activation">The activation.</param>
public sealed class Dense(int outputs, ActivationKind activation = ActivationKind.Identity) : Layer
{
    private Parameter? weight;
    private Parameter? bias;

    /// <inheritdoc/>
    public override int Build(ParameterSet parameters, string name, int inputs)
    {
        weight = parameters.Declare($"{name}.weight", inputs, outputs, ParameterLayout.Transposed, ParameterStart.LinearLayer(inputs));
        bias = parameters.Declare($"{name}.bias", 1, outputs, ParameterLayout.Vector, ParameterStart.LinearLayer(inputs));
        return outputs;
    }

    /// <inheritdoc/>
    public override LayerCost Cost(int inputs) => new(outputs, (long)inputs * outputs, outputs);

    /// <inheritdoc/>
    public override LayerPass Bind(Arena arena, int rows, bool training) => new Pass(
        weight ?? throw new InvalidOperationException("the layer has not been built."), bias!, activation, arena, rows);

    private sealed class Pass(Parameter weight, Parameter bias, ActivationKind activation, Arena arena, int rows) : LayerPass
    {
        private readonly bool fused = activation != ActivationKind.Silu;

        // SiLU's derivative needs what went into it.
        private readonly Matrix? preActivation = activation == ActivationKind.Silu ? arena.Matrix(rows, weight.Columns, MemoryUse.Activations) : null;

        public override Matrix Output { get; } = arena.Matrix(rows, weight.Columns, MemoryUse.Activations);

        public override Epilogue GradientEpilogue =>
            fused && activation != ActivationKind.Identity ? new Epilogue { Activation = activation, ActivationOutputs = Output.View } : default;

        public override void Forward(LaunchList list, Matrix input)
        {
            ActivationKind inProduct = fused ? activation : ActivationKind.Identity;
            MatMul.Record(list, input, weight.Value, preActivation ?? Output, new Epilogue { Bias = bias.Value.View, Activation = inProduct });
            if (preActivation is { } pre)
                ActivationFunction.Forward(list, activation, pre, Output);
        }

        public override void Backward(LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters)
        {
            if (preActivation is { } pre)
                ActivationFunction.Backward(list, activation, pre, outputGrad, outputGrad);
            if (parameters != ParameterGradients.Skip)
            {
                bool add = parameters == ParameterGradients.Add;
                MatMul.Record(list, Operand.Transpose(input), outputGrad, weight.Gradient, new Epilogue { Accumulate = add });
                ColumnSum.Record(list, outputGrad, bias.Gradient, accumulate: add);
            }

            if (inputGrad is { } target)
                MatMul.Record(list, outputGrad, Operand.Transpose(weight.Value), target, inputEpilogue);
        }
    }
}
