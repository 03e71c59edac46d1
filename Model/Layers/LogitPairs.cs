using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>One number for each of N binary variables, [R, N], as the logits (0, phi) of its two categories, [R, 2 N]: the last layer of an encoder.</summary>
public sealed class LogitPairs : Layer
{
    private int variables;

    /// <inheritdoc/>
    public override int Build(ParameterSet parameters, string name, int inputs) => 2 * (variables = inputs);

    /// <inheritdoc/>
    public override LayerPass Bind(Arena arena, int rows, bool training) => new Pass(arena.Matrix(rows, 2 * variables, MemoryUse.Activations));

    private sealed class Pass(Matrix logits) : LayerPass
    {
        public override Matrix Output => logits;

        public override void Forward(LaunchList list, Matrix input) => LogitPair.Forward(list, input, logits);

        public override void Backward(LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters)
        {
            if (inputGrad is { } target)
            {
                LogitPair.Backward(list, outputGrad, target);
                ApplyEpilogue(list, inputEpilogue, target);
            }
        }
    }
}
