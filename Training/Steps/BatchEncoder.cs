using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Steps;

/// <summary>The way from the data set to the posterior's logits: gather a batch and its contexts, form its statistic, encode it.</summary>
internal sealed class BatchEncoder
{
    private readonly DiscreteVae vae;
    private readonly DeviceData data;
    private readonly ArrayView<StepState> state;
    private readonly Matrix batch;
    private readonly LayerPass encoder;

    /// <summary>Reserves the memory for batches of <paramref name="rows"/> examples.</summary>
    /// <exception cref="InputException">The data have no context of the width that the model takes.</exception>
    public BatchEncoder(DiscreteVae vae, DeviceData data, ArrayView<StepState> state, int rows, bool training)
    {
        this.vae = vae;
        this.data = data;
        this.state = state;
        batch = vae.Arena.Matrix(rows, data.Width, MemoryUse.Activations);
        Likelihood likelihood = vae.Design.Likelihood;
        Statistic = new SufficientStatistic(
            likelihood.StatisticIsData ? batch : vae.Arena.Matrix(rows, likelihood.StatisticWidth(data.Width), MemoryUse.Activations),
            likelihood.HasBaseMeasure ? vae.Arena.Matrix(rows, 1, MemoryUse.Activations) : null);
        Context = vae.BindContext(rows, training);
        if (Context is not null && data.Context?.Width != vae.Design.ContextWidth)
            throw new InputException(
                $"The model is told {vae.Design.ContextWidth} numbers about each example, and these data have {data.Context?.Width ?? 0}. Give data with "
                    + $"the {Setting.Of(nameof(TrainingOptions.Condition))} it was made for.");
        EncoderInput = Context is null ? Observed : vae.Arena.Matrix(rows, vae.Design.EncoderInputs, MemoryUse.Activations);
        encoder = vae.BindEncoder(rows, training);
    }

    /// <summary>What the likelihood knows of the examples.</summary>
    public SufficientStatistic Statistic { get; }

    /// <summary>X [B, D].</summary>
    public Matrix Batch => batch;

    /// <summary>The posterior's logits [B, N K].</summary>
    public Matrix Logits => encoder.Output;

    /// <summary>The examples' contexts, or null where the model is not conditional.</summary>
    public ContextRows? Context { get; }

    /// <summary>What the encoder reads, [B, inputs].</summary>
    public Matrix EncoderInput { get; }

    private Matrix Observed => vae.Design.Likelihood.EncodesStatistic ? Statistic.Values : batch;

    /// <summary>Has the batch of a step on the device before the recorded launches are enqueued.</summary>
    public void Fetch(int step) => data.Fetch(step, batch.Rows);

    /// <summary>Records gathering and encoding, and what follows from the contexts alone.</summary>
    public void Forward(LaunchList list, BatchOrder order, DeviceBinarisation binarisation, ulong seed)
    {
        data.RecordGather(list, state, batch, order, binarisation, seed);
        if (!vae.Design.Likelihood.StatisticIsData)
            vae.Design.Likelihood.Statistic(list, batch, Statistic.Values);
        if (Statistic.LogBase is { } logBase)
            vae.Design.Likelihood.LogBase(list, batch, logBase);
        if (Context is { } context)
        {
            data.Context!.RecordGather(list, state, context.Values, order, binarisation, seed);
            Concatenation.Record(list, Observed, context.Values, EncoderInput);
            context.Forward(list);
        }

        encoder.Forward(list, EncoderInput);
    }

    /// <summary>
    /// Records the encoder's backward pass from dL/dl [B, N K], and that of the decoder's part of the contexts, after all rows have had theirs.
    /// </summary>
    public void Backward(LaunchList list, Matrix logitsGrad)
    {
        Context?.BackwardDecoder(list);
        encoder.Backward(list, EncoderInput, logitsGrad, null, default, ParameterGradients.Write);
    }
}
