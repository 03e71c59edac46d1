using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// relax's control variate r(y), a network from a relaxed code [N K] to a number: evaluated on the probe rows with its gradient there, and trained, on rows of
/// its own, to lower the variance of the estimate.
/// </summary>
internal sealed class RelaxNetwork
{
    private readonly EstimatorInputs inputs;
    private readonly RebarSample sample;
    private readonly LayerPass probing, training;
    private readonly Matrix valuesGrad, directions, parts, trainingRows, trainingWeights;

    internal RelaxNetwork(BuiltLayer layers, EstimatorInputs inputs, RebarSample sample)
    {
        this.inputs = inputs;
        this.sample = sample;
        (Arena arena, int batch, int width) = (inputs.Vae.Arena, inputs.Batch, inputs.Vae.CodeWidth);
        int probes = sample.Probes.Rows;
        probing = layers.Bind(arena, probes, training: true);
        training = layers.Bind(arena, 3 * batch, training: true);
        CodesGrad = arena.Matrix(probes, width, MemoryUse.Codes);
        Estimate = arena.Matrix(batch, width, MemoryUse.Codes);
        // The same at every step: the network's last layer is linear and leaves what it is given.
        valuesGrad = arena.Matrix(probes, 1, MemoryUse.Codes);
        inputs.Vae.Device.Upload<float>(valuesGrad.View, [.. Enumerable.Repeat(-inputs.ExampleWeight, probes)]);
        directions = arena.Matrix(batch, width, MemoryUse.Codes);
        parts = arena.Matrix(batch * inputs.Vae.Design.Latents, 2, MemoryUse.Codes);
        trainingRows = arena.Matrix(3 * batch, width, MemoryUse.Codes);
        trainingWeights = arena.Matrix(3 * batch, 1, MemoryUse.Codes);
    }

    /// <summary>r of each probe, [B P, 1].</summary>
    internal Matrix Values => probing.Output;

    /// <summary>-(1 / B) dr/dy of each probe, [B P, N K].</summary>
    internal Matrix CodesGrad { get; }

    /// <summary>Where the pull-back leaves the estimate, [B, N K].</summary>
    internal Matrix Estimate { get; }

    /// <summary>The layers of a network with hidden layers of <paramref name="widths"/>.</summary>
    internal static BuiltLayer Declare(ParameterSet parameters, int codeWidth, IReadOnlyList<int> widths) =>
        new Sequence([.. VaeDesign.Mlp(widths), new Dense(1)]).Build(parameters, "network", codeWidth);

    /// <summary>Records r and its gradient on the probes.</summary>
    internal void RecordValues(LaunchList list)
    {
        probing.Forward(list, sample.Probes);
        probing.Backward(list, sample.Probes, valuesGrad, CodesGrad, default, ParameterGradients.Skip);
    }

    /// <summary>Records the network's own gradient, from the estimate.</summary>
    internal void RecordTraining(LaunchList list)
    {
        int n = inputs.Vae.Design.Latents;
        Relax.Directions(list, inputs.State, sample, Estimate, directions, parts, n);
        Relax.TrainingRows(list, sample, directions, parts, trainingRows, trainingWeights, n, inputs.ExampleWeight);
        training.Forward(list, trainingRows);
        training.Backward(list, trainingRows, trainingWeights, null, default, ParameterGradients.Write);
    }
}
