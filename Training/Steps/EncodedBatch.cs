using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Steps;

/// <summary>The way from the data set to the posterior's logits: gather a batch, form its statistic, encode it.</summary>
public sealed class EncodedBatch
{
    private readonly DiscreteVae vae;
    private readonly DeviceData data;
    private readonly ArrayView<StepState> state;
    private readonly Matrix batch;
    private readonly LayerPass encoder;

    /// <summary>Reserves the memory for batches of <paramref name="rows"/> examples.</summary>
    public EncodedBatch(DiscreteVae vae, DeviceData data, ArrayView<StepState> state, int rows, bool training)
    {
        this.vae = vae;
        this.data = data;
        this.state = state;
        batch = vae.Arena.Matrix(rows, data.Width, MemoryUse.Activations);
        Likelihood likelihood = vae.Design.Likelihood;
        Statistic = likelihood.StatisticIsData ? batch : vae.Arena.Matrix(rows, likelihood.StatisticWidth(data.Width), MemoryUse.Activations);
        encoder = vae.BindEncoder(rows, training);
    }

    /// <summary>T(x) [B, T].</summary>
    public Matrix Statistic { get; }

    /// <summary>X [B, D].</summary>
    public Matrix Batch => batch;

    /// <summary>The posterior's logits [B, N K].</summary>
    public Matrix Logits => encoder.Output;

    /// <summary>What the encoder reads, [B, inputs].</summary>
    public Matrix EncoderInput => vae.Design.Likelihood.EncodesStatistic ? Statistic : batch;

    /// <summary>Records gathering and encoding.</summary>
    public void Forward(LaunchList list, BatchOrder order, DeviceBinarisation binarisation, ulong seed)
    {
        data.RecordGather(list, state, batch, order, binarisation, seed);
        if (!vae.Design.Likelihood.StatisticIsData)
            vae.Design.Likelihood.Statistic(list, batch, Statistic);
        encoder.Forward(list, EncoderInput);
    }

    /// <summary>Records the encoder's backward pass from dL/dl [B, N K].</summary>
    public void Backward(LaunchList list, Matrix logitsGrad) => encoder.Backward(list, EncoderInput, logitsGrad, null, default, ParameterGradients.Write);
}
