using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Estimators;

/// <summary>Posterior logits, prior logits and log p(x | z) of each category, [K] each, for one example under a model with a single variable.</summary>
public sealed record ExampleQuantities(float[] Posterior, float[] Prior, float[] LogLikelihoods);

/// <summary>
/// Training steps at learning rate 0 on many copies of one example, or of two by turns, with a tiny model whose parameters are of order one: the posterior is
/// far from uniform and the decoder far from linear. Each row of the logits' gradient is a sample of the estimator. With a conditional prior the model is
/// conditional: each of the examples has a context.
/// </summary>
public sealed class RepeatedExample : IDisposable
{
    private const int Copies = 256;

    private static readonly float[] Example = [1f, 0f, 1f, 1f];
    private static readonly float[] OtherExample = [0f, 1f, 0.25f, 1f];
    private static readonly float[] Context = [0.7f, -1.1f];
    private static readonly float[] OtherContext = [-0.4f, 0.9f];

    private readonly ComputeDevice device;
    private readonly DiscreteVae vae;
    private readonly TrainingStep step;
    private EstimatorInputs? inputs;

    /// <summary>Records the step of an estimator. A batch is an epoch, so that with two examples each is half of every batch, in an order of its own.</summary>
    public RepeatedExample(
        ComputeDevice device,
        EstimatorSettings settings,
        int latents,
        int categories,
        PriorKind prior,
        bool twoExamples,
        float temperature = 0.8f,
        float beta = 0.5f)
    {
        this.device = device;
        VaeDesign design = new()
        {
            DataWidth = Example.Length,
            ContextWidth = prior == PriorKind.Conditional ? Context.Length : 0,
            Latents = latents,
            Categories = categories,
            Decoder = VaeDesign.Mlp([5], ActivationKind.Tanh),
            Prior = prior,
        };
        vae = new DiscreteVae(device, design, seed: 97);
        Random random = new(101);
        foreach (Parameter parameter in vae.Parameters.All)
            device.Upload<float>(parameter.Value.View, Draws.Normal(random, (int)parameter.Length, 0.9));
        float[][] examples = twoExamples ? [Example, OtherExample] : [Example], contexts = twoExamples ? [Context, OtherContext] : [Context];
        Examples = examples.Length;
        DataSet data = new() { Name = "copies", Count = Copies, Width = Example.Length, Values = Copied(examples) };
        if (design.ContextWidth > 0)
            data = data with { Context = new DataSet { Name = "contexts", Count = Copies, Width = Context.Length, Values = Copied(contexts) } };
        step = new TrainingStep(vae, new DeviceData(device, vae.Arena, data), new StepSettings
        {
            Batch = Copies,
            Seed = 103,
            Schedules = Scheduled.Default with
            {
                LearningRate = Schedule.Constant(0f),
                Beta = Schedule.Constant(beta),
                Temperature = Schedule.Constant(temperature),
            },
            Estimator = made =>
            {
                inputs = made;
                return EstimatorChoice.Make(settings, design, Copies, device).Build(made);
            },
        });
    }

    /// <summary>dL/dl of the example, a row for each copy.</summary>
    public ColumnMoments LogitsGradient { get; private set; } = new(1);

    /// <summary>The gradient of all parameters, a row for each step.</summary>
    public ColumnMoments ParametersGradient { get; private set; } = new(1);

    /// <summary>
    /// The gradient of the prior's logits summed over the batch, a row for each step: a learned prior's own, or that of a conditional prior's bias.
    /// </summary>
    public ColumnMoments PriorGradient { get; private set; } = new(1);

    /// <summary>The reconstruction term, a row for each step.</summary>
    public ColumnMoments Reconstruction { get; private set; } = new(1);

    /// <summary>How many examples there are.</summary>
    public int Examples { get; }

    private Parameter? PriorParameter => vae.PriorLogits ?? vae.Parameters.All.SingleOrDefault(parameter => parameter.Name == "prior.0.bias");

    /// <summary>What the estimator trains for itself.</summary>
    public float[] Auxiliary => device.Download(step.Estimator.Auxiliary!.Values);

    /// <summary>Does steps of which nothing is kept but what the estimator learns from them.</summary>
    public RepeatedExample Tune(int steps)
    {
        for (int run = 0; run < steps; run++)
            step.Run();
        return this;
    }

    /// <summary>Does steps and collects what they give.</summary>
    public RepeatedExample Run(int steps)
    {
        LogitsGradient = new(vae.CodeWidth);
        ParametersGradient = new((int)vae.Parameters.Gradients.Length);
        PriorGradient = new(vae.CodeWidth);
        Reconstruction = new(1);
        for (int run = 0; run < steps; run++)
        {
            step.Run();
            device.Wait();

            // Of the mean over the batch each copy has 1 / B.
            LogitsGradient.Add([.. device.Download(inputs!.Latent.LogitsGrad.View).Select(value => value * Copies)]);
            ParametersGradient.Add(device.Download(vae.Parameters.Gradients));
            Reconstruction.Add([device.Download(step.Estimator.Reconstruction.View).Average()]);
            if (PriorParameter is { } prior)
                PriorGradient.Add(device.Download(prior.Gradient.View));
        }

        return this;
    }

    /// <summary>What the model makes of an example.</summary>
    public ExampleQuantities Quantities(int example)
    {
        // The batch's order is the shuffle's: the example's row is found by what the encoder read.
        int k = vae.CodeWidth, width = vae.Design.EncoderInputs;
        float[] x = example == 0 ? Example : OtherExample, c = example == 0 ? Context : OtherContext;
        float[] read = device.Download(inputs!.EncoderInput.View);
        int row = Enumerable.Range(0, Copies).First(candidate => read.AsSpan(candidate * width, Example.Length).SequenceEqual(x));
        float[] priors = device.Download(vae.PriorOperand(inputs.Context)!.Value.View);

        Codes codes = vae.HardCodes(k);
        Matrix statistic = vae.Arena.Matrix(k, Example.Length, MemoryUse.Codes);
        device.Upload<int>(codes.Numbers, [.. Enumerable.Range(0, k)]);
        device.Upload<float>(statistic.View, [.. Enumerable.Repeat(x, k).SelectMany(values => values)]);
        ContextRows? context = vae.BindContext(k, training: false);
        if (context is not null)
            device.Upload<float>(context.Values.View, [.. Enumerable.Repeat(c, k).SelectMany(values => values)]);
        RowDecoder rows = new(vae, k, training: false, context);
        LaunchList list = new(device);
        context?.Forward(list);
        rows.Forward(list, codes, new SufficientStatistic(statistic));
        list.Replay();
        device.Wait();
        return new ExampleQuantities(
            ByRow.Row(device.Download(inputs.Latent.Logits.View), row, k),
            ByRow.Row(priors, priors.Length == k ? 0 : row, k),
            device.Download(rows.LogLikelihood.View));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        step.Dispose();
        vae.Dispose();
    }

    private static float[] Copied(float[][] rows) => [.. Enumerable.Range(0, Copies).SelectMany(copy => rows[copy % rows.Length])];
}
