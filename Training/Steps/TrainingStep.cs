using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Estimators;

namespace IlgpuVae.Training.Steps;

/// <summary>
/// One whole training step, recorded: open, gather, encode, estimate, encode backward, clip, close, update. Running it neither allocates device memory nor
/// reads anything back; <see cref="ReadState"/> does, when somebody wants to know.
/// </summary>
public sealed class TrainingStep : IDisposable
{
    private readonly DiscreteVae vae;
    private readonly ArrayView<StepState> state;
    private readonly BatchEncoder batch;
    private readonly RecordedStep recorded;
    private int step;

    /// <summary>Reserves the step's memory in the model's arena and records it.</summary>
    public TrainingStep(DiscreteVae vae, DeviceData data, StepSettings settings)
    {
        this.vae = vae;
        state = vae.Arena.Allocate<StepState>(1, MemoryUse.Parameters);
        WriteState(StepState.Start);
        batch = new BatchEncoder(vae, data, state, settings.Batch, training: true);
        EstimatorInputs inputs = new(vae, batch.Logits, batch.Statistic, batch.EncoderInput, state, settings.Seed, batch.Context, settings.Kl);
        Estimator = settings.Estimator(inputs);
        Matrix squaredGradient = vae.Arena.Matrix(1, GradientNorm.Partials, MemoryUse.Parameters);
        ParameterSet parameters = vae.Parameters;

        LaunchList list = new(vae.Device) { Tf32 = settings.Tf32 };
        StepClock.Open(list, state, settings.Schedules);
        batch.Forward(list, BatchOrder.Shuffled, settings.Binarisation, settings.Seed);
        Estimator.Record(list);
        inputs.Latent.RecordMarginalKl(list);
        inputs.Latent.RecordPriorGradient(list);
        batch.Backward(list, inputs.Latent.LogitsGrad);
        GradientNorm.Record(list, parameters.Gradients, squaredGradient);
        StepMetrics<Measured> metrics = new()
        {
            Reconstruction = new(Estimator.Reconstruction, Estimator.Reconstruction.Rows),
            Kl = new(inputs.Latent.Kl, settings.Batch),
            GradientNorm = new(squaredGradient, 1f),
            MutualInformation = new(inputs.Latent.Information ?? default, 1f),
            MarginalKl = new(inputs.Latent.MarginalKl ?? default, 1f),
        };
        Measured = StepMetrics.Names(metrics);
        StepClock.Close(list, state, new StepClose
        {
            Metrics = metrics,
            ClipNorm = settings.ClipNorm,
            FirstMomentDecay = settings.Optimiser.FirstMomentDecay,
            SecondMomentDecay = settings.Optimiser.SecondMomentDecay,
        });
        Optimiser.Record(list, state, settings.Optimiser, parameters.Values, parameters.Gradients, parameters.FirstMoments, parameters.SecondMoments);
        RecordAuxiliary(list, state, settings.Optimiser, Estimator);
        Launches = list.Launches;
        recorded = new RecordedStep(list, settings.AsGraph);
    }

    /// <summary>The estimator at work.</summary>
    public Estimator Estimator { get; }

    /// <summary>The launches of one step, for profiles.</summary>
    internal IReadOnlyList<Launch> Launches { get; }

    /// <summary>The names of the metrics that the step measures.</summary>
    public IReadOnlySet<string> Measured { get; }

    /// <summary>How the step is run.</summary>
    public string Mode => recorded.Mode;

    /// <summary>Enqueues one step without waiting for it; where the data stream, at times it waits for them.</summary>
    public void Run()
    {
        batch.Fetch(++step);
        recorded.Run();
    }

    /// <summary>Waits, and reads the step's state back.</summary>
    public StepState ReadState() => vae.Device.Download(state)[0];

    /// <summary>Replaces the step's state: to resume, or to start a new sum of metrics.</summary>
    public void WriteState(StepState value)
    {
        vae.Device.Upload<StepState>(state, [value]);
        step = value.Step;
    }

    /// <inheritdoc/>
    public void Dispose() => recorded.Dispose();

    /// <summary>Records the update of what the estimator trains for itself; nothing where that is nothing.</summary>
    internal static void RecordAuxiliary(LaunchList list, ArrayView<StepState> state, OptimiserRule model, Estimator estimator)
    {
        if (estimator.Auxiliary is not { } auxiliary)
            return;

        // The bias corrections come from the step's state, so the decays have to be the model's.
        OptimiserRule rule = model with { Kind = OptimiserKind.Adam, WeightDecay = 0f, OwnRate = estimator.AuxiliaryRate };
        Optimiser.Record(list, state, rule, auxiliary.Values, auxiliary.Gradients, auxiliary.FirstMoments, auxiliary.SecondMoments);
    }
}
