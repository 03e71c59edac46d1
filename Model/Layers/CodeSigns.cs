using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>Binary codes as corners of a hypercube, -1 or +1, [R, N].</summary>
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

        public override bool ReadsNumbers => true;

        public override void Forward(LaunchList list, Matrix input) => Forward(list, Codes.Relaxed(input, signs.Columns));

        public override void Forward(LaunchList list, Codes codes) => SignCode.Forward(list, codes, signs);

        public override void Backward(LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters)
        {
            if (inputGrad is { } target)
            {
                SignCode.Backward(list, outputGrad, target);
                ApplyEpilogue(list, inputEpilogue, target);
            }
        }

        public override void Backward(LaunchList list, Codes codes, Matrix outputGrad, Matrix? codesGrad, ParameterGradients parameters)
        {
            if (codesGrad is { } target)
                SignCode.Backward(list, outputGrad, target);
        }
    }
}
