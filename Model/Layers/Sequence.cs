using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>Layers one after the other; parameters are named by position, <c>name.0.weight</c>, as PyTorch's Sequential names them.</summary>
/// <param name="layers">The layers from input to output.</param>
public sealed class Sequence(params IReadOnlyList<Layer> layers) : Layer
{
    private readonly Layer? reader = layers.FirstOrDefault(layer => layer.TakesContext);

    /// <inheritdoc/>
    public override bool TakesContext => reader is not null;

    /// <inheritdoc/>
    public override int Build(ParameterSet parameters, string name, int inputs, int contextWidth = 0)
    {
        int width = inputs;
        for (int i = 0; i < layers.Count; i++)
            width = layers[i].Build(parameters, $"{name}.{i}", width, layers[i] == reader ? contextWidth : 0);
        return width;
    }

    /// <inheritdoc/>
    public override LayerCost Cost(int inputs) => Above(layers[0].Cost(inputs));

    /// <inheritdoc/>
    public override LayerCost CostOfNumbers(int variables, int inputs) => Above(layers[0].CostOfNumbers(variables, inputs));

    /// <inheritdoc/>
    public override LayerPass Bind(Arena arena, int rows, bool training, LayerContext? context = null) =>
        new Pass([.. layers.Select(layer => layer.Bind(arena, rows, training, layer == reader ? context : null))], arena, training);

    /// <inheritdoc/>
    public override LayerContext BindContext(Arena arena, Matrix context, bool training) =>
        (reader ?? throw new InvalidOperationException("none of the layers takes a context.")).BindContext(arena, context, training);

    // With the layers above the first.
    private LayerCost Above(LayerCost first) => layers.Skip(1).Aggregate(first, (below, layer) =>
    {
        LayerCost cost = layer.Cost(below.Outputs);
        return new LayerCost(cost.Outputs, below.MultiplyAdds + cost.MultiplyAdds, below.Activations + cost.Activations);
    });

    private sealed class Pass : LayerPass
    {
        private readonly LayerPass[] passes;
        private readonly Matrix[] outputGrads;
        private readonly Arena arena;
        private Matrix? oneHot;

        internal Pass(LayerPass[] passes, Arena arena, bool training)
        {
            this.passes = passes;
            this.arena = arena;
            outputGrads = training
                ? [.. passes.SkipLast(1).Select(pass => arena.Matrix(pass.Output.Rows, pass.Output.Columns, MemoryUse.Activations))]
                : [];
        }

        public override Matrix Output => passes[^1].Output;

        public override Epilogue GradientEpilogue => passes[^1].GradientEpilogue;

        public override bool ReadsNumbers => true;

        public override void Forward(LaunchList list, Matrix input)
        {
            passes[0].Forward(list, input);
            ForwardRest(list);
        }

        public override void Forward(LaunchList list, Codes codes)
        {
            Codes read = ForFirst(codes);
            if (codes.IsHard && !read.IsHard)
                OneHotRows.Record(list, codes, read.Weights);
            passes[0].Forward(list, read);
            ForwardRest(list);
        }

        public override void Backward(LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters) =>
            passes[0].Backward(list, input, BackwardRest(list, outputGrad, parameters), inputGrad, inputEpilogue, parameters);

        public override void Backward(LaunchList list, Codes codes, Matrix outputGrad, Matrix? codesGrad, ParameterGradients parameters) =>
            passes[0].Backward(list, ForFirst(codes), BackwardRest(list, outputGrad, parameters), codesGrad, parameters);

        private void ForwardRest(LaunchList list)
        {
            for (int i = 1; i < passes.Length; i++)
                passes[i].Forward(list, passes[i - 1].Output);
        }

        // The gradient of the first layer's outputs.
        private Matrix BackwardRest(LaunchList list, Matrix outputGrad, ParameterGradients parameters)
        {
            for (int i = passes.Length - 1; i > 0; i--)
            {
                passes[i].Backward(list, passes[i - 1].Output, outputGrad, outputGrads[i - 1], passes[i - 1].GradientEpilogue, parameters);
                outputGrad = outputGrads[i - 1];
            }

            return outputGrad;
        }

        // What the first layer reads: the codes, or in their place one-hot rows.
        private Codes ForFirst(Codes codes) => codes.IsHard && !passes[0].ReadsNumbers
            ? Codes.Relaxed(oneHot ??= arena.Matrix(codes.Rows, codes.Width, MemoryUse.Codes), codes.Variables)
            : codes;
    }
}
