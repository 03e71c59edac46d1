using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// NVIL's baseline: a network of what the encoder reads predicts how an example's log-likelihood differs from the moving average, by least squares.
/// </summary>
/// <remarks>A. Mnih, K. Gregor, ICML 2014.</remarks>
internal sealed class LearnedBaseline
{
    private readonly Matrix encoderInput, centred, outputGrad;
    private readonly LayerPass network;

    /// <summary>Declares and reserves.</summary>
    /// <param name="inputs">What the network looks at.</param>
    /// <param name="widths">Hidden layers.</param>
    /// <param name="rows">B S.</param>
    internal LearnedBaseline(EstimatorInputs inputs, IReadOnlyList<int> widths, int rows)
    {
        Arena arena = inputs.Vae.Arena;
        encoderInput = inputs.EncoderInput;
        BuiltLayer layers = new Sequence([.. VaeDesign.Mlp(widths, ActivationKind.Tanh), new Dense(1)]).Build(Parameters, "baseline", encoderInput.Columns);
        Parameters.Allocate(inputs.Vae.Device, arena, ~inputs.Seed);
        network = layers.Bind(arena, inputs.Batch, training: true);
        centred = arena.Matrix(rows, 1, MemoryUse.Codes);
        outputGrad = arena.Matrix(inputs.Batch, 1, MemoryUse.Codes);
    }

    /// <summary>The network's parameters.</summary>
    internal ParameterSet Parameters { get; } = new();

    /// <summary>Records advantages [B S, 1] = f - moving average - network(x), the average's update, and the network's gradient.</summary>
    internal void Record(LaunchList list, Matrix logLikelihood, Matrix average, Matrix advantages, float averageDecay)
    {
        Baseline.MovingAverage(list, logLikelihood, average, centred, averageDecay);
        network.Forward(list, encoderInput);
        Baseline.Subtract(list, centred, network.Output, advantages);
        Baseline.NetworkGrad(list, advantages, outputGrad);
        network.Backward(list, encoderInput, outputGrad, null, default, ParameterGradients.Write);
    }
}
