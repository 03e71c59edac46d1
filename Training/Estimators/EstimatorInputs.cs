using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// What an estimator works on: the layer of latents, the data's statistic, the step's state. What a conditional model is told stays behind it: rows and priors
/// of an example are the same calls with and without.
/// </summary>
public sealed class EstimatorInputs
{
    /// <summary>
    /// Reserves the memory around the encoder's logits [B, N K], of the examples with <paramref name="context"/> where the model is conditional.
    /// </summary>
    internal EstimatorInputs(
        DiscreteVae vae, Matrix logits, SufficientStatistic statistic, Matrix encoderInput, ArrayView<StepState> state, ulong seed,
            ContextRows? context = null, KlObjective? objective = null)
    {
        Vae = vae;
        Context = context;
        State = state;
        Seed = seed;
        Statistic = statistic;
        EncoderInput = encoderInput;
        Latent = new LatentLayer(vae, logits, state, seed, context, objective ?? new KlObjective());
    }

    /// <summary>The model.</summary>
    public DiscreteVae Vae { get; }

    /// <summary>The latent variables: logits, prior, KL, and their gradients.</summary>
    public LatentLayer Latent { get; }

    /// <summary>The examples' contexts, or null where the model is not conditional.</summary>
    internal ContextRows? Context { get; }

    /// <summary>B.</summary>
    public int Batch => Latent.Logits.Rows;

    /// <summary>The step's state.</summary>
    public ArrayView<StepState> State { get; }

    /// <summary>Key of the random numbers.</summary>
    public ulong Seed { get; }

    /// <summary>What the likelihood knows of the examples.</summary>
    public SufficientStatistic Statistic { get; }

    /// <summary>What the encoder read, [B, inputs]: what a network beside the model may look at.</summary>
    public Matrix EncoderInput { get; }

    /// <summary>Weight of an example in the loss, 1 / B.</summary>
    public float ExampleWeight => 1f / Batch;

    /// <summary>The decoder and its backward pass on <paramref name="rows"/> rows of codes, R / B rows an example.</summary>
    public RowDecoder BindRows(int rows) => new(Vae, rows, training: true, Context);
}
