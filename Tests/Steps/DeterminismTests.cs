using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Models;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Steps;

/// <summary>Same seed, same device: same bits.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class DeterminismTests(Target target) : ModelSuite(target)
{
    private const int Steps = 50;

    private static readonly ModelCase Shape = new() { Latents = 2, Categories = 5, Prior = PriorKind.Learned, Embedding = CodeEmbedding.Table };

    [TestCase("exact")]
    [TestCase("gumbel-softmax")]
    [TestCase("st-gumbel-softmax")]
    public void SameSeed_GivesTheSameBits(string estimator)
    {
        using ShortRun first = new ShortRun(Device, Shape, Settings(estimator, 1), GreyLevels()).Run(Steps);
        using ShortRun second = new ShortRun(Device, Shape, Settings(estimator, 1), GreyLevels()).Run(Steps);
        Assert.That(second.Bits(), Is.EqualTo(first.Bits()));
        Assert.That(second.Step.ReadState(), Is.EqualTo(first.Step.ReadState()));
    }

    [Test]
    public void OtherSeed_GivesOtherParameters()
    {
        using ShortRun first = new ShortRun(Device, Shape, Settings("exact", 1), GreyLevels()).Run(1);
        using ShortRun other = new(Device, Shape, Settings("exact", 2), GreyLevels());
        Assert.That(other.Bits(), Is.Not.EqualTo(first.Bits()), "the first parameters");

        // From the same parameters the order of the examples and the drawn pixels still differ.
        using ShortRun one = new(Device, Shape, Settings("exact", 1), GreyLevels());
        Device.Upload<float>(other.Vae.Parameters.Values, one.Values());
        Assert.That(other.Run(1).Bits(), Is.Not.EqualTo(first.Bits()));
    }

    [Test]
    public void Replay_EqualsLaunchByLaunch()
    {
        using ShortRun recorded = new ShortRun(Device, Shape, Settings("gumbel-softmax", 1), GreyLevels()).Run(10);
        using ShortRun single = new(Device, Shape, Settings("gumbel-softmax", 1), GreyLevels());
        for (int i = 0; i < 10; i++)
        {
            foreach (Launch launch in single.Step.Launches)
            {
                launch.Run(Device.Stream);
                Device.Wait();
            }
        }

        Assert.That(single.Bits(), Is.EqualTo(recorded.Bits()));
    }

    [Test]
    public void Graph_EqualsReplay()
    {
        using ShortRun graph = new ShortRun(Device, Shape, Settings("exact", 1) with { AsGraph = true }, GreyLevels()).Run(10);
        using ShortRun replay = new ShortRun(Device, Shape, Settings("exact", 1) with { AsGraph = false }, GreyLevels()).Run(10);
        Assert.That(replay.Bits(), Is.EqualTo(graph.Bits()));
        Assert.That(replay.Step.Mode, Does.StartWith("replay"));
    }

    // Dynamic binarisation, so that every stream of random numbers is in play.
    private StepSettings Settings(string estimator, ulong seed) => new()
    {
        Batch = 6,
        Estimator = EstimatorChoice.Make(new EstimatorSettings { Name = estimator }, Shape.Design(), 6, Device).Build,
        Schedules = Scheduled.Default with
        {
            LearningRate = Schedule.Constant(0.01f),
            Beta = new Schedule(ScheduleKind.Linear, 2f, 1f, 30, 0),
            Temperature = new Schedule(ScheduleKind.Cosine, 1f, 0.5f, 40, 5),
        },
        Binarisation = DeviceBinarisation.Dynamic,
        Seed = seed,
    };

    private static DataSet GreyLevels()
    {
        byte[] levels = new byte[13 * Shape.DataWidth];
        new Random(2).NextBytes(levels);
        return new DataSet { Name = "grey levels", Count = 13, Width = Shape.DataWidth, Bytes = levels };
    }
}
