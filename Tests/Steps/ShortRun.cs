using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Models;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Steps;

/// <summary>A model with its training step, from the product's own first parameters.</summary>
internal sealed class ShortRun : IDisposable
{
    internal ShortRun(ComputeDevice device, ModelCase shape, StepSettings settings, DataSet? data = null, DataPlacement? placement = null)
    {
        Vae = new DiscreteVae(device, shape.Design(), settings.Seed);
        Data = DeviceData.Place(
            device, Vae.Arena, data ?? shape.Data(13), placement ?? DataPlacement.Resident, BatchOrder.Shuffled, settings.Seed, settings.Batch);
        Step = new TrainingStep(Vae, Data, settings);
    }

    internal DeviceData Data { get; }

    internal DiscreteVae Vae { get; }

    internal TrainingStep Step { get; }

    /// <summary>Runs some steps.</summary>
    internal ShortRun Run(int steps)
    {
        for (int i = 0; i < steps; i++)
            Step.Run();
        return this;
    }

    /// <summary>All parameters' bits, so that a NaN equals itself and 0 is not -0.</summary>
    internal int[] Bits() => Array.ConvertAll(Vae.Device.Download(Vae.Parameters.Values), BitConverter.SingleToInt32Bits);

    /// <summary>All parameters.</summary>
    internal float[] Values() => Vae.Device.Download(Vae.Parameters.Values);

    public void Dispose()
    {
        Step.Dispose();
        Vae.Dispose();
    }
}
