using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>Binary codes as corners of a hypercube, -1 or +1, [R, N].</summary>
internal sealed class CodeSigns : Layer
{
    /// <inheritdoc/>
    public override BuiltLayer Build(ParameterSet parameters, string name, Shape inputs, int contextWidth = 0) => inputs.Numbers % 2 == 0
        ? new BuiltLayer(inputs.Numbers / 2, (arena, rows, _, _) => new Pass(arena.Matrix(rows, inputs.Numbers / 2, MemoryUse.Activations)))
        : throw new ArgumentException($"signs are of variables of 2 categories, and these are rows of {inputs}.", nameof(inputs));

    /// <inheritdoc/>
    public override LayerCost Cost(Shape inputs) => new(inputs.Numbers / 2, 0, inputs.Numbers / 2);

    private sealed class Pass(Matrix signs) : LayerPass
    {
        public override Matrix Output => signs;

        public override bool ReadsNumbers => true;

        public override void Forward(LaunchList list, Matrix input) => Forward(list, Codes.Relaxed(input, signs.Columns));

        public override void Forward(LaunchList list, Codes codes) => SignCode.Forward(list, codes, signs);

        public override void Backward(
            LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters)
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
