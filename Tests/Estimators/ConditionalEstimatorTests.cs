using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Models;
using IlgpuVae.Tests.Steps;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Estimators;

/// <summary>Every estimator with every prior of a conditional model, and the memory that the exact one takes.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class ConditionalEstimatorTests(Target target) : ModelSuite(target)
{
    private const int Batch = 8;
    private const int ContextWidth = 3;

    private static readonly ModelCase Shape = new()
    {
        Latents = 2,
        Categories = 2,
        ContextWidth = ContextWidth,
        Embedding = CodeEmbedding.Sign,
        Activation = ActivationKind.Tanh,
    };

    [Test]
    public void EveryEstimator_TrainsAllParameters([ValueSource(typeof(EstimatorChoice), nameof(EstimatorChoice.Names))] string name, [Values] PriorKind prior)
    {
        ModelCase shape = Shape with { Prior = prior, PriorNetwork = prior == PriorKind.Conditional ? [5] : [] };
        StepSettings settings = new()
        {
            Batch = Batch,
            Estimator = EstimatorChoice.Make(new EstimatorSettings { Name = name }, shape.Design(), Batch, Device).Build,
            Schedules = Scheduled.Default with { LearningRate = Schedule.Constant(0.01f), Temperature = Schedule.Constant(0.7f) },
        };
        using ShortRun run = new(Device, shape, settings);
        MeasuredStep.DrawParameters(run.Vae);
        run.Run(3);
        Assert.That(run.Step.ReadState().FirstBadStep, Is.Zero);
        foreach (Parameter parameter in run.Vae.Parameters.All)
        {
            float[] gradient = Device.Download(parameter.Gradient.View);
            Assert.That(gradient, Has.All.Matches<float>(float.IsFinite).And.Some.Not.Zero, parameter.Name);
        }

        // The rows of the decoder's first weight that read the context are the last C.
        Parameter first = run.Vae.Parameters.All.Single(parameter => parameter.Name == "decoder.1.weight");
        Assert.That(first.Rows, Is.EqualTo(shape.Latents + ContextWidth));
        Assert.That(Device.Download(first.Gradient.RowRange(shape.Latents, ContextWidth).View), Has.Some.Not.Zero);
    }

    [Test]
    public void Chunks_TakeTheSameMemoryForAnyNumberOfCodes()
    {
        // 16, 64 and 256 joint codes, all of as many numbers.
        long[] bytes =
        [
            .. new[] { (2, 4), (2, 8), (2, 16) }.Select(
                size => Memory(size, (vae, context) => _ = new CodeDecoderByExample(vae, context, training: true, chunkRows: 4 * Batch))),
        ];
        Assert.That(bytes, Is.All.EqualTo(bytes[0]));
        long inOne = Memory((2, 16), (vae, context) => _ = new CodeDecoderByExample(vae, context, training: true, chunkRows: 256 * Batch));
        Assert.That(inOne, Is.GreaterThan(20 * bytes[0]), "the measurement does not see the chunks");
    }

    [Test]
    public void Exact_GrowsByItsTablesAlone()
    {
        // F and the joint probabilities, and the numbers of a chunk's codes.
        long few = Memory((2, 8), Estimate), many = Memory((8, 2), Estimate);
        Assert.That(many - few, Is.EqualTo((2L * Batch * (256 - 64) * sizeof(float)) + (4L * Batch * (8 - 2) * sizeof(int))));

        static void Estimate(DiscreteVae vae, ContextRows context)
        {
            Matrix logits = new(vae.Arena.Allocate<float>(Batch * vae.CodeWidth, MemoryUse.Codes), Batch, vae.CodeWidth);
            _ = new ExactEstimator(new EstimatorInputs(vae, logits, new(logits), logits, default, 1, context), chunkRows: 4 * Batch);
        }
    }

    [Test]
    public void FewestRows_AreOneCodeOfEveryExample()
    {
        using DiscreteVae vae = new(Device, Shape.Design(), seed: 1);
        CodeDecoderByExample codes = new(vae, vae.BindContext(Batch, training: false)!, training: false, chunkRows: 1);
        Assert.That((codes.Count, codes.Rows), Is.EqualTo((4, 4 * Batch)));
    }

    private long Memory((int Latents, int Categories) size, Action<DiscreteVae, ContextRows> reserve)
    {
        ModelCase shape = Shape with { Latents = size.Latents, Categories = size.Categories, Embedding = CodeEmbedding.OneHot };
        using DiscreteVae vae = new(Device, shape.Design(), seed: 1);
        ContextRows context = vae.BindContext(Batch, training: true)!;
        long before = vae.Arena.UsedBytes;
        reserve(vae, context);
        return vae.Arena.UsedBytes - before;
    }
}
