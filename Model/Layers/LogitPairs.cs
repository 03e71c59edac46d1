using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>One number for each of N binary variables, [R, N], as the logits (0, phi) of its two categories, [R, 2 N]: the last layer of an encoder.</summary>
internal sealed class LogitPairs : Layer
{
    /// <inheritdoc/>
    public override BuiltLayer Build(ParameterSet parameters, string name, Shape inputs, int contextWidth = 0) =>
        new(2 * inputs.Numbers, (arena, rows, _, _) => new Pass(arena.Matrix(rows, 2 * inputs.Numbers, MemoryUse.Activations)));

    /// <inheritdoc/>
    public override LayerCost Cost(Shape inputs) => new(2 * inputs.Numbers, 0, 2L * inputs.Numbers);

    private sealed class Pass(Matrix logits) : LayerPass
    {
        public override Matrix Output => logits;

        public override void Forward(LaunchList list, Matrix input) => LogitPair.Forward(list, input, logits);

        public override void Backward(
            LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters)
        {
            if (inputGrad is { } target)
            {
                LogitPair.Backward(list, outputGrad, target);
                ApplyEpilogue(list, inputEpilogue, target);
            }
        }
    }
}
