using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// A linear layer with an activation: y = act(x W + b), W [in, out]; with a context, y = act(x W_x + (c W_c + b)), W = [W_x; W_c] being [in + C, out].
/// </summary>
/// <param name="outputs">Number of outputs.</param>
/// <param name="activation">The activation.</param>
public sealed class Dense(int outputs, ActivationKind activation = ActivationKind.Identity) : Layer
{
    /// <summary>What the outputs begin at on average, [out], or null for 0: it is added to the bias's first values.</summary>
    internal IReadOnlyList<float>? FirstOutputs { get; init; }

    /// <inheritdoc/>
    public override bool TakesContext => true;

    /// <inheritdoc/>
    public override int Modules => activation == ActivationKind.Identity ? 1 : 2;

    /// <inheritdoc/>
    public override BuiltLayer Build(ParameterSet parameters, string name, Shape inputs, int contextWidth = 0)
    {
        int rowInputs = inputs.Numbers, all = rowInputs + contextWidth;
        Parameter weight = parameters.Declare($"{name}.weight", all, outputs, ParameterLayout.Transposed, ParameterStart.LinearLayer(all));
        Parameter bias = parameters.Declare(
            $"{name}.bias", 1, outputs, ParameterLayout.Vector, ParameterStart.LinearLayer(all) with { Offsets = FirstOutputs });
        return new BuiltLayer(outputs, Bind, contextWidth > 0 ? BindContext : null);

        LayerPass Bind(Arena arena, int rows, bool training, LayerContext? context) => (contextWidth > 0) == (context is not null)
            ? new Pass(weight, bias, activation, arena, rows, rowInputs, context)
            : throw new InvalidOperationException(
                $"the layer was built for {contextWidth} numbers of context, and is bound {(context is null ? "without" : "with")} one.");

        LayerContext BindContext(Arena arena, Matrix context, bool training)
        {
            context.Require(context.Rows, contextWidth, nameof(context));
            return new LayerContext(weight, bias, context, arena, training);
        }
    }

    /// <inheritdoc/>
    public override LayerCost Cost(Shape inputs) => new(outputs, (long)inputs.Numbers * outputs, outputs);

    /// <inheritdoc/>
    public override LayerCost CostOfNumbers(int variables, Shape inputs) => new(outputs, (long)variables * outputs, outputs);

    private sealed class Pass(
        Parameter weight, Parameter bias, ActivationKind activation, Arena arena, int rows, int rowInputs, LayerContext? context) : LayerPass
    {
        private readonly bool fused = activation != ActivationKind.Silu;

        // SiLU's derivative needs what went into it.
        private readonly Matrix? preActivation = activation == ActivationKind.Silu ? arena.Matrix(rows, weight.Columns, MemoryUse.Activations) : null;

        public override Matrix Output { get; } = arena.Matrix(rows, weight.Columns, MemoryUse.Activations);

        public override Epilogue GradientEpilogue =>
            fused && activation != ActivationKind.Identity ? new Epilogue { Activation = activation, ActivationOutputs = Output.View } : default;

        public override bool ReadsNumbers => true;

        private ActivationKind AtOnce => fused ? activation : ActivationKind.Identity;

        private Matrix Sums => preActivation ?? Output;

        public override void Forward(LaunchList list, Matrix input)
        {
            if (context is null)
            {
                MatMul.Record(list, input, weight.Value, Sums, new Epilogue { Bias = bias.Value.View, Activation = AtOnce });
            }
            else
            {
                MatMul.Record(list, input, OfRows(weight.Value), Sums);
                ContextAddition.Forward(list, AtOnce, Sums, context.Part, Sums);
            }

            Activate(list);
        }

        public override void Forward(LaunchList list, Codes codes)
        {
            if (codes.IsHard)
            {
                TableRows.Sum(list, codes, OfRows(weight.Value), context?.Part ?? bias.Value, AtOnce, Sums);
                Activate(list);
            }
            else
            {
                Forward(list, codes.Weights);
            }
        }

        public override void Backward(
            LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters)
        {
            BackwardActivation(list, outputGrad);
            if (parameters != ParameterGradients.Skip)
            {
                bool add = parameters == ParameterGradients.Add;
                ArrayView<float> biasGrad = context is null ? bias.Gradient.View : default;
                MatMul.Record(list, Operand.Transpose(input), outputGrad, OfRows(weight.Gradient), new Epilogue { Accumulate = add, RightSums = biasGrad });
                if (context is not null)
                    ContextAddition.Backward(list, outputGrad, context.PartGrad, accumulate: add);
            }

            if (inputGrad is { } target)
                MatMul.Record(list, outputGrad, Operand.Transpose(OfRows(weight.Value)), target, inputEpilogue);
        }

        public override void Backward(LaunchList list, Codes codes, Matrix outputGrad, Matrix? codesGrad, ParameterGradients parameters)
        {
            if (!codes.IsHard)
            {
                Backward(list, codes.Weights, outputGrad, codesGrad, default, parameters);
                return;
            }

            BackwardActivation(list, outputGrad);
            if (parameters != ParameterGradients.Skip)
            {
                bool add = parameters == ParameterGradients.Add;
                TableRows.Backward(list, codes, outputGrad, OfRows(weight.Gradient), accumulate: add);
                if (context is null)
                    ColumnSum.Record(list, outputGrad, bias.Gradient, accumulate: add);
                else
                    ContextAddition.Backward(list, outputGrad, context.PartGrad, accumulate: add);
            }

            if (codesGrad is { } target)
                MatMul.Record(list, outputGrad, Operand.Transpose(OfRows(weight.Value)), target);
        }

        private void Activate(LaunchList list)
        {
            if (preActivation is { } pre)
                ActivationFunction.Forward(list, activation, pre, Output);
        }

        private void BackwardActivation(LaunchList list, Matrix outputGrad)
        {
            if (preActivation is { } pre)
                ActivationFunction.Backward(list, activation, pre, outputGrad, outputGrad);
        }

        private Matrix OfRows(Matrix matrix) => matrix.RowRange(0, rowInputs);
    }
}
