using System.Globalization;
using ILGPU;
using IlgpuVae.Model;
using IlgpuVae.Model.Checkpoints;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Runs;

/// <summary>
/// A run's state in one safetensors file: parameters under PyTorch's names and layouts, the optimiser's moments under <c>optimizer.</c>, the step's state. What
/// it restores continues bit for bit.
/// </summary>
public static class TrainingCheckpoint
{
    private const string FirstMoments = "optimizer.first_moment.";
    private const string SecondMoments = "optimizer.second_moment.";
    private const string StateTensor = "step.state";

    /// <summary>Writes the checkpoint; a crash leaves the old one or the new one, whole.</summary>
    public static void Write(string path, DiscreteVae vae, StepState state)
    {
        ParameterSet parameters = vae.Parameters;
        NamedTensor[] tensors =
        [
            .. ParameterTensors.Export(vae.Device, parameters, parameters.Values),
            .. ParameterTensors.Export(vae.Device, parameters, parameters.FirstMoments, FirstMoments),
            .. ParameterTensors.Export(vae.Device, parameters, parameters.SecondMoments, SecondMoments),
            new NamedTensor(StateTensor, [5], [state.FirstMomentPower, state.SecondMomentPower, state.ReconstructionSum, state.KlSum, state.GradientNormSum]),
        ];
        SafeTensors.Write(path, tensors, new Dictionary<string, string>
        {
            ["format"] = "pt",
            ["step"] = state.Step.ToString(CultureInfo.InvariantCulture),
            ["summed_steps"] = state.SummedSteps.ToString(CultureInfo.InvariantCulture),
        });
    }

    /// <summary>Restores parameters, and for training the moments too, and returns the step's state.</summary>
    /// <exception cref="InputException">The file is damaged, or of a model of another shape.</exception>
    public static StepState Read(string path, DiscreteVae vae, bool forTraining)
    {
        SafeTensorsFile file = SafeTensors.Read(path);
        ParameterSet parameters = vae.Parameters;
        float[] state = file.Values(StateTensor, [5]);
        StepState restored = new()
        {
            Step = Whole(file, "step"),
            SummedSteps = Whole(file, "summed_steps"),
            FirstMomentPower = state[0],
            SecondMomentPower = state[1],
            ReconstructionSum = state[2],
            KlSum = state[3],
            GradientNormSum = state[4],
        };
        (string, ArrayView<float>)[] moments = forTraining ? [(FirstMoments, parameters.FirstMoments), (SecondMoments, parameters.SecondMoments)] : [];
        ParameterTensors.Import(vae.Device, parameters, file, [(string.Empty, parameters.Values), .. moments]);
        return restored;
    }

    private static int Whole(SafeTensorsFile file, string key) =>
        int.TryParse(file.Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw new InputException($"{file.Path}: its metadata say {key} = '{file.Text(key)}', which is no whole number. The checkpoint is damaged; use another.");
}
