using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>Binary codes [R, 2 N] as corners of a hypercube, -1 or +1, [R, N].</summary>
public sealed class CodeSigns : Layer
{
    private int variables;

    /// <inheritdoc/>
    public override int Build(ParameterSet parameters, string name, int inputs, int contextWidth = 0) => variables = inputs / 2;

    /// <inheritdoc/>
    public override LayerCost Cost(int inputs) => new(inputs / 2, 0, inputs / 2);

    /// <inheritdoc/>
    public override LayerPass Bind(Arena arena, int rows, bool training, LayerContext? context = null) => new Pass(arena.Matrix(rows, variables, MemoryUse.Activations));

    private sealed class Pass(Matrix signs) : LayerPass
    {
        public override Matrix Output => signs;

        public override void Forward(LaunchList list, Matrix input) => SignCode.Forward(list, input, signs);

        public override void Backward(LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters)
        {
            if (inputGrad is { } target)
            {
                SignCode.Backward(list, outputGrad, target);
                ApplyEpilogue(list, inputEpilogue, target);
            }
        }
    }
}
