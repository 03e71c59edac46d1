using ILGPU.Runtime;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Models;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Steps;

/// <summary>
/// A step as one launch, on CUDA a graph and on a processor a persistent kernel, against the same launches one by one with a wait behind each: the same bits after some
/// steps, for every estimator. Where there is neither, a replay.
/// </summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class OneLaunchTests(Target target) : ModelSuite(target)
{
    private const int Steps = 12;
    private const int Batch = 6;

    private static readonly ModelCase Shape = new() { Latents = 3, Categories = 2, Prior = PriorKind.Learned, Activation = ActivationKind.Tanh };

    private static IEnumerable<string> Names => EstimatorChoice.Names;

    [TestCaseSource(nameof(Names))]
    public void StepsOfOneLaunch_EqualEagerOnes(string estimator)
    {
        using ShortRun united = Start(estimator, OneLaunch.WheneverPossible).Run(Steps);
        using ShortRun eager = Start(estimator, OneLaunch.Never);
        for (int i = 0; i < Steps; i++)
        {
            foreach (Launch launch in eager.Step.Launches)
            {
                launch.Run(Device.Stream);
                Device.Wait();
            }
        }

        Assert.That(united.Step.Mode, Does.StartWith(Device.Type switch
        {
            AcceleratorType.Cuda => "one CUDA graph",
            AcceleratorType.OpenCL => "one persistent kernel",
            _ => "replay",
        }));
        Assert.That(united.Bits(), Is.EqualTo(eager.Bits()));
        Assert.That(united.Step.ReadState(), Is.EqualTo(eager.Step.ReadState()));
        Assert.That(Own(united.Step.Estimator), Is.EqualTo(Own(eager.Step.Estimator)));
        using ShortRun start = Start(estimator, OneLaunch.Never);
        Assert.That(united.Bits(), Is.Not.EqualTo(start.Bits()), "nothing was trained");
    }

    private ShortRun Start(string estimator, OneLaunch oneLaunch) => new(Device, Shape, new StepSettings
    {
        Batch = Batch,
        Estimator = EstimatorChoice.Make(new EstimatorSettings { Name = estimator }, Shape.Design(), Batch, Device).Build,
        Schedules = new StepSchedules(Schedule.Constant(0.01f), new Schedule(ScheduleKind.Linear, 2f, 1f, 30, 0), new Schedule(ScheduleKind.Cosine, 1f, 0.5f, 40, 5)),
        OneLaunch = oneLaunch,
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
