using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Models;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Evaluation;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Steps;

/// <summary>Training and evaluating on data that stream from the host give the bits that resident data give.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.All))]
public class StreamingTests(Target target) : ModelSuite(target)
{
    // A batch of 5 lies across the end of every epoch of 13 but each fifth.
    private const int Examples = 13, Batch = 5;

    // 8 epochs, and many more chunks than there are places for them.
    private const int Steps = 21;

    private static readonly ModelCase Plain = new() { Latents = 2, Categories = 3, Prior = PriorKind.Learned, Embedding = CodeEmbedding.Table };
    private static readonly ModelCase Conditional = Plain with { ContextWidth = 4, Prior = PriorKind.Conditional, PriorNetwork = [5] };
    private static readonly ModelCase Numbers = Plain with { Likelihood = LikelihoodKind.Gaussian };

    /// <summary>Bytes and numbers, with and without contexts, in the same kind and not.</summary>
    public static IEnumerable<TestCaseData> Sets =>
    [
        new TestCaseData(Plain, Grey(Plain.DataWidth, 1)).SetArgDisplayNames("bytes"),
        new TestCaseData(Numbers, Numbers.Data(Examples)).SetArgDisplayNames("numbers"),
        new TestCaseData(Conditional, Grey(Conditional.DataWidth, 1) with { Context = Grey(Conditional.ContextWidth, 2) })
            .SetArgDisplayNames("bytes told bytes"),
        new TestCaseData(Conditional, Grey(Conditional.DataWidth, 1) with { Context = Conditional.Data(Examples).Context })
            .SetArgDisplayNames("bytes told numbers"),
        new TestCaseData(Conditional with { Likelihood = LikelihoodKind.Gaussian }, (Conditional with { Likelihood = LikelihoodKind.Gaussian }).Data(Examples))
            .SetArgDisplayNames("numbers told numbers"),
    ];

    [TestCaseSource(nameof(Sets))]
    public void Training_IsTheSameInEveryBit(ModelCase shape, DataSet data)
    {
        using ShortRun resident = new ShortRun(Device, shape, Settings(shape), data).Run(Steps);
        foreach (int batches in new[] { 1, 2, 3, 100 })
        {
            using ShortRun streamed = new(Device, shape, Settings(shape), data, InChunksOf(batches, data));
            Assert.That(streamed.Data.IsStreamed);

            // Nothing is read back on the way: the host runs ahead as far as it can.
            Assert.That(streamed.Run(Steps).Bits(), Is.EqualTo(resident.Bits()), $"chunks of {batches} batches");
            Assert.That(streamed.Step.ReadState(), Is.EqualTo(resident.Step.ReadState()));
        }
    }

    [Test]
    public void Training_IsTheSameWithLayersThatTakeLonger()
    {
        // Enough work that copies and steps are under way together.
        ModelCase shape = Plain with { DataWidth = 300, Encoder = [64], Decoder = [64] };
        byte[] bytes = new byte[1000 * shape.DataWidth];
        new Random(3).NextBytes(bytes);
        DataSet data = new() { Name = "grey levels", Count = 1000, Width = shape.DataWidth, Bytes = bytes };
        StepSettings settings = Settings(shape) with { Batch = 32 };
        using ShortRun resident = new ShortRun(Device, shape, settings, data).Run(60);
        using ShortRun streamed = new ShortRun(Device, shape, settings, data, new DataPlacement(2 * 32 * 300, "tested")).Run(60);
        Assert.That(streamed.Bits(), Is.EqualTo(resident.Bits()));
        Assert.That(streamed.Vae.Arena.UsedBytesFor(MemoryUse.Data), Is.LessThan(resident.Vae.Arena.UsedBytesFor(MemoryUse.Data) / 7));
    }

    [TestCase(7, TestName = "Continuation_FromTheMiddleOfAChunkIsTheSame(later)")]
    [TestCase(1, TestName = "Continuation_FromTheMiddleOfAChunkIsTheSame(earlier)")]
    public void Continuation_FromTheMiddleOfAChunkIsTheSame(int at)
    {
        DataSet data = Grey(Plain.DataWidth, 1);
        using ShortRun whole = new ShortRun(Device, Plain, Settings(Plain), data).Run(at);
        using ShortRun streamed = new ShortRun(Device, Plain, Settings(Plain), data, InChunksOf(3, data)).Run(5);
        ParameterSet from = whole.Vae.Parameters, to = streamed.Vae.Parameters;
        Device.Upload<float>(to.Values, Device.Download(from.Values));
        Device.Upload<float>(to.FirstMoments, Device.Download(from.FirstMoments));
        Device.Upload<float>(to.SecondMoments, Device.Download(from.SecondMoments));
        streamed.Step.WriteState(whole.Step.ReadState());
        Assert.That(streamed.Run(Steps).Bits(), Is.EqualTo(whole.Run(Steps).Bits()));
        Assert.That(streamed.Step.ReadState(), Is.EqualTo(whole.Step.ReadState()));
    }

    [Test]
    public void Evaluation_IsTheSameInEveryFigure([Values(3, 256, 700, 1300)] int examples)
    {
        // 240 bytes an example told 16: a chunk of 128 KiB is one batch of 256, and 1300 examples are six of them.
        ModelCase shape = Conditional with { DataWidth = 60 };
        DataSet data = shape.Data(examples);
        EvaluationReport Measure(Streaming stream, out long bytes)
        {
            using DiscreteVae vae = new(Device, shape.Design(), seed: 4, memoryLimitBytes: 4 << 20);
            Evaluator evaluator = new(vae, data, seed: 5, stream: stream);
            bytes = vae.Arena.UsedBytesFor(MemoryUse.Data);
            EvaluationReport first = evaluator.Run();
            Assert.That(evaluator.Run(), Is.EqualTo(first), "once more from the beginning");
            return first;
        }

        Assert.That(Measure(Streaming.Always, out long streamed), Is.EqualTo(Measure(Streaming.Never, out long resident)));
        if (examples > 4 * 256)
            Assert.That(streamed, Is.LessThan(resident));
    }

    [Test]
    public void OtherOrder_IsRefused()
    {
        DataSet data = Grey(Plain.DataWidth, 1);
        using DiscreteVae vae = new(Device, Plain.Design(), seed: 1);
        DeviceData placed = DeviceData.Place(Device, vae.Arena, data, InChunksOf(2, data), BatchOrder.Shuffled, seed: 1, Batch);
        Assert.That(() => new TrainingStep(vae, placed, Settings(Plain) with { Seed = 2 }), Throws.ArgumentException.With.Message.Contains("seed"));
        Assert.That(() => placed.Fetch(step: 2, batch: 2 * Batch), Throws.Nothing, "a whole chunk");
        Assert.That(() => placed.Fetch(step: 2, batch: (2 * Batch) - 1), Throws.ArgumentException.With.Message.Contains("two chunks"));
    }

    private static DataPlacement InChunksOf(int batches, DataSet data) => new(batches * Batch * (data.StoredBytes / data.Count), "tested");

    // Pixels are drawn afresh at every step where there are grey levels.
    private StepSettings Settings(ModelCase shape) => new()
    {
        Batch = Batch,
        Estimator = EstimatorChoice.Make(new EstimatorSettings { Name = "gumbel-softmax" }, shape.Design(), Batch, Device).Build,
        Schedules = Scheduled.Default with
        {
            LearningRate = Schedule.Constant(0.01f),
            Beta = new Schedule(ScheduleKind.Linear, 2f, 1f, 30, 0),
            Temperature = Schedule.Constant(0.7f),
        },
        Binarisation = shape.Likelihood == LikelihoodKind.Bernoulli ? DeviceBinarisation.Dynamic : DeviceBinarisation.None,
        Seed = 4,
    };

    private static DataSet Grey(int width, int seed)
    {
        byte[] levels = new byte[Examples * width];
        new Random(seed).NextBytes(levels);
        return new DataSet { Name = "grey levels", Count = Examples, Width = width, Bytes = levels };
    }
}
