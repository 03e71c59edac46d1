using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// Layers one after the other; parameters are named by position, <c>name.0.weight</c>, as PyTorch's Sequential names them, where activations count.
/// </summary>
/// <param name="layers">The layers from input to output.</param>
public sealed class Sequence(params IReadOnlyList<Layer> layers) : Layer
{
    /// <inheritdoc/>
    public override bool TakesContext => layers.Any(layer => layer.TakesContext);

    /// <inheritdoc/>
    /// <exception cref="InputException">A layer does not fit on the one before it; the message says which, and the shapes.</exception>
    public override BuiltLayer Build(ParameterSet parameters, string name, Shape inputs, int contextWidth = 0)
    {
        int reader = contextWidth > 0 ? layers.TakeWhile(layer => !layer.TakesContext).Count() : -1;
        BuiltLayer[] built = new BuiltLayer[layers.Count];
        Shape shape = inputs;
        int place = 0;
        for (int i = 0; i < layers.Count; i++)
        {
            int earlier = parameters.All.Count;
            try
            {
                built[i] = layers[i].Build(parameters, $"{name}.{place}", shape, i == reader ? contextWidth : 0);
            }
            catch (ArgumentException error)
            {
                throw new InputException($"Layer {i} of the {name}, {layers[i].GetType().Name}, does not fit on rows of {shape}: {error.Message}", error);
            }

            foreach (Parameter parameter in parameters.All.Skip(earlier))
                parameter.FormerName = $"{name}.{i}{parameter.Name[$"{name}.{place}".Length..]}";
            shape = built[i].Outputs;
            place += layers[i].Modules;
        }

        return new BuiltLayer(
            shape,
            (arena, rows, training, context) =>
                new Pass([.. built.Select((layer, i) => layer.Bind(arena, rows, training, i == reader ? context : null))], arena, training),
            reader >= 0 && reader < built.Length ? built[reader].BindContext : null);
    }

    /// <inheritdoc/>
    public override LayerCost Cost(Shape inputs) => Above(layers[0].Cost(inputs));

    /// <inheritdoc/>
    public override LayerCost CostOfNumbers(int variables, Shape inputs) => Above(layers[0].CostOfNumbers(variables, inputs));

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

        public override void Backward(
            LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters) =>
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
