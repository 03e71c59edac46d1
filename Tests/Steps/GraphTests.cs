using ILGPU.Runtime;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Models;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Steps;

/// <summary>
/// A step as it is run, on CUDA one graph and elsewhere a replay, against the same launches one by one with a wait behind each: the same bits after some steps,
/// for every estimator.
/// </summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class GraphTests(Target target) : ModelSuite(target)
{
    private const int Steps = 12;
    private const int Batch = 6;

    private static readonly ModelCase Shape = new() { Latents = 3, Categories = 2, Prior = PriorKind.Learned, Activation = ActivationKind.Tanh };

    private static IEnumerable<string> Names => EstimatorChoice.Names;

    [TestCaseSource(nameof(Names))]
    public void Steps_EqualEagerOnes(string estimator)
    {
        using ShortRun whole = Start(estimator, asGraph: true).Run(Steps);
        using ShortRun eager = Start(estimator, asGraph: false);
        for (int i = 0; i < Steps; i++)
        {
            foreach (Launch launch in eager.Step.Launches)
            {
                launch.Run(Device.Stream);
                Device.Wait();
            }
        }

        Assert.That(whole.Step.Mode, Does.StartWith(Device.Type == AcceleratorType.Cuda ? "one CUDA graph" : "replay"));
        Assert.That(whole.Bits(), Is.EqualTo(eager.Bits()));
        Assert.That(whole.Step.ReadState(), Is.EqualTo(eager.Step.ReadState()));
        Assert.That(Own(whole.Step.Estimator), Is.EqualTo(Own(eager.Step.Estimator)));
        using ShortRun start = Start(estimator, asGraph: false);
        Assert.That(whole.Bits(), Is.Not.EqualTo(start.Bits()), "nothing was trained");
    }

    private ShortRun Start(string estimator, bool asGraph) => new(Device, Shape, new StepSettings
    {
        Batch = Batch,
        Estimator = EstimatorChoice.Make(new EstimatorSettings { Name = estimator }, Shape.Design(), Batch, Device).Build,
        Schedules = Scheduled.Default with
        {
            LearningRate = Schedule.Constant(0.01f),
            Beta = new Schedule(ScheduleKind.Linear, 2f, 1f, 30, 0),
            Temperature = new Schedule(ScheduleKind.Cosine, 1f, 0.5f, 40, 5),
        },
        AsGraph = asGraph,
        Seed = 3,
    });

    // What it remembers and trains beside the model.
    private int[] Own(Estimator estimator)
    {
        float[] memory = estimator.Memory is { } kept ? Device.Download(kept.View) : [];
        float[] auxiliary = estimator.Auxiliary is { } own ? Device.Download(own.Values) : [];
        return [.. memory.Concat(auxiliary).Select(BitConverter.SingleToInt32Bits)];
    }
}
