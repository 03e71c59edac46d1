using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// Turns logits [R, N K] into log q', [R, N K], of the posterior mixed with the uniform distribution, q' = (1 - eps) softmax(l) + eps / K: the last layer of an encoder.
/// Whatever takes logits takes its output, whose softmax is q'.
/// </summary>
/// <param name="categories">K.</param>
/// <param name="share">eps.</param>
public sealed class UniformMixture(int categories, float share) : Layer
{
    private int width;

    /// <inheritdoc/>
    public override int Build(ParameterSet parameters, string name, int inputs) => width = inputs;

    /// <inheritdoc/>
    public override LayerPass Bind(Arena arena, int rows, bool training) => new Pass(arena.Matrix(rows, width, MemoryUse.Activations), categories, share);

    private sealed class Pass(Matrix logMixed, int categories, float share) : LayerPass
    {
        public override Matrix Output => logMixed;

        public override void Forward(LaunchList list, Matrix input) => UniformMix.Forward(list, PerVariable(input), PerVariable(logMixed), share);

        public override void Backward(LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters)
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
