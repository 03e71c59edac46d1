using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// Turns logits [R, N K] into log q', [R, N K], of the posterior mixed with the uniform distribution, q' = (1 - eps) softmax(l) + eps / K: the last layer of an
/// encoder. Whatever takes logits takes its output, whose softmax is q'.
/// </summary>
/// <param name="categories">K.</param>
/// <param name="share">eps.</param>
internal sealed class UniformMixture(int categories, float share) : Layer
{
    /// <inheritdoc/>
    public override BuiltLayer Build(ParameterSet parameters, string name, Shape inputs, int contextWidth = 0) => inputs.Numbers % categories == 0
        ? new BuiltLayer(inputs, (arena, rows, _, _) => new Pass(arena.Matrix(rows, inputs.Numbers, MemoryUse.Activations), categories, share))
        : throw new ArgumentException($"a mixture over {categories} categories takes whole variables, not rows of {inputs}.", nameof(inputs));

    /// <inheritdoc/>
    public override LayerCost Cost(Shape inputs) => new(inputs, inputs.Numbers, inputs.Numbers);

    private sealed class Pass(Matrix logMixed, int categories, float share) : LayerPass
    {
        public override Matrix Output => logMixed;

        public override void Forward(LaunchList list, Matrix input) => UniformMix.Forward(list, PerVariable(input), PerVariable(logMixed), share);

        public override void Backward(
            LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters)
        {
            if (inputGrad is { } target)
            {
                UniformMix.Backward(list, PerVariable(input), PerVariable(outputGrad), PerVariable(target), share);
                ApplyEpilogue(list, inputEpilogue, target);
            }
        }

        private Matrix PerVariable(Matrix matrix) => matrix.Reshape(checked((int)(matrix.Length / categories)), categories);
    }
}
