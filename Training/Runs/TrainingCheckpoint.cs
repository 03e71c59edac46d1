using System.Globalization;
using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Model.Checkpoints;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Estimators;

namespace IlgpuVae.Training.Runs;

/// <summary>
/// A run's state in one safetensors file: parameters under PyTorch's names and layouts, the optimiser's moments under <c>optimizer.</c>, the step's state. What
/// it restores continues bit for bit.
/// </summary>
public static class TrainingCheckpoint
{
    private const string FirstMoments = "optimizer.first_moment.";
    private const string SecondMoments = "optimizer.second_moment.";
    private const string EstimatorTensor = "estimator.memory";
    private const string EstimatorParameters = "estimator.";
    private const string HeldElbo = "held_elbo";

    /// <summary>Writes the checkpoint; a crash leaves the old one or the new one, whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="vae">The model.</param>
    /// <param name="state">The step's state.</param>
    /// <param name="estimator">The estimator, whose memory and own parameters are kept too.</param>
    public static void Write(string path, DiscreteVae vae, StepState state, Estimator? estimator = null)
    {
        ParameterSet parameters = vae.Parameters;
        NamedTensor[] tensors =
        [
            .. ParameterTensors.Export(vae.Device, parameters, parameters.Values),
            .. ParameterTensors.Export(vae.Device, parameters, parameters.FirstMoments, FirstMoments),
            .. ParameterTensors.Export(vae.Device, parameters, parameters.SecondMoments, SecondMoments),
            .. StateTensors.Export(state),
        ];
        if (estimator?.Auxiliary is { } auxiliary)
            tensors = [.. tensors, .. Auxiliary(auxiliary).SelectMany(part => ParameterTensors.Export(vae.Device, auxiliary, part.Flat, part.Prefix))];
        if (estimator?.Memory is { } memory)
            tensors = [.. tensors, new NamedTensor(EstimatorTensor, [memory.Rows, memory.Columns], vae.Device.Download(memory.View))];
        SafeTensors.Write(path, tensors, Metadata(state));
    }

    /// <summary>Writes what using the model takes: parameters, the step's state, and what the step came to on held-out examples.</summary>
    internal static void WriteBest(string path, DiscreteVae vae, StepState state, double heldElbo)
    {
        Dictionary<string, string> metadata = Metadata(state);
        metadata.Add(HeldElbo, heldElbo.ToString("R", CultureInfo.InvariantCulture));
        SafeTensors.Write(
            path, [.. ParameterTensors.Export(vae.Device, vae.Parameters, vae.Parameters.Values), .. StateTensors.Export(state)], metadata);
    }

    /// <summary>Which step <see cref="WriteBest"/> kept, and what it came to.</summary>
    /// <exception cref="InputException">The file is damaged.</exception>
    internal static BestStep ReadBest(string path)
    {
        SafeTensorsFile file = SafeTensors.Read(path);
        return new BestStep(
            Whole(file, "step"),
            double.TryParse(file.Text(HeldElbo), NumberStyles.Float, CultureInfo.InvariantCulture, out double elbo) ? elbo : throw NoNumber(file, HeldElbo));
    }

    /// <summary>Restores parameters, and for training the moments too, and returns the step's state.</summary>
    /// <exception cref="InputException">The file is damaged, or of a model of another shape.</exception>
    /// <param name="path">The file.</param>
    /// <param name="vae">The model to fill.</param>
    /// <param name="forTraining">Whether the moments are restored too.</param>
    /// <param name="estimator">The estimator whose memory and own parameters to restore.</param>
    public static StepState Read(string path, DiscreteVae vae, bool forTraining, Estimator? estimator = null)
    {
        SafeTensorsFile file = SafeTensors.Read(path);
        ParameterSet parameters = vae.Parameters;
        StepState restored = StateTensors.Import(file) with { Step = Whole(file, "step"), SummedSteps = Whole(file, "summed_steps") };

        // Read everything before anything is overwritten.
        float[]? memoryValues = forTraining && estimator?.Memory is { } shape ? file.Values(EstimatorTensor, [shape.Rows, shape.Columns]) : null;
        List<(ParameterSet, string, ArrayView<float>)> targets = [(parameters, string.Empty, parameters.Values)];
        if (forTraining)
            targets.AddRange([(parameters, FirstMoments, parameters.FirstMoments), (parameters, SecondMoments, parameters.SecondMoments)]);
        if (forTraining && estimator?.Auxiliary is { } auxiliary)
            targets.AddRange(Auxiliary(auxiliary).Select(part => (auxiliary, part.Prefix, part.Flat)));
        ParameterTensors.Import(vae.Device, file, targets);
        if (memoryValues is not null)
            vae.Device.Upload<float>(estimator!.Memory!.Value.View, memoryValues);
        return restored;
    }

    private static (string Prefix, ArrayView<float> Flat)[] Auxiliary(ParameterSet parameters) =>
    [
        (EstimatorParameters, parameters.Values),
        (FirstMoments + EstimatorParameters, parameters.FirstMoments),
        (SecondMoments + EstimatorParameters, parameters.SecondMoments),
    ];

    private static Dictionary<string, string> Metadata(StepState state) => new([ParameterTensors.Naming])
    {
        ["format"] = "pt",
        ["step"] = state.Step.ToString(CultureInfo.InvariantCulture),
        ["summed_steps"] = state.SummedSteps.ToString(CultureInfo.InvariantCulture),
    };

    private static int Whole(SafeTensorsFile file, string key) =>
        int.TryParse(file.Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : throw NoNumber(file, key);

    private static InputException NoNumber(SafeTensorsFile file, string key) =>
        new($"{file.Path}: its metadata say {key} = '{file.Text(key)}', which is no such number. The checkpoint is damaged; use another.");
}
