using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Models;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Runs;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Steps;

/// <summary>
/// Checkpoints of estimators that learn or remember something beside the model: its values, its moments, and that nothing else continues bit for bit.
/// </summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class EstimatorStateTests(Target target) : ModelSuite(target)
{
    private static readonly ModelCase Shape = new() { Latents = 2, Categories = 3, Prior = PriorKind.Learned, Encoder = [9, 7] };

    private static readonly object[] Learning =
    [
        new TestCaseData(new EstimatorSettings { Name = "rebar", ControlRate = 0.1 }).SetArgDisplayNames("rebar"),
        new TestCaseData(new EstimatorSettings { Name = "relax", ControlNetwork = [6], ControlRate = 0.05 }).SetArgDisplayNames("relax"),
        new TestCaseData(new EstimatorSettings { Name = "relax", ControlNetwork = [6], Tuned = false, ControlRate = 0.05 })
            .SetArgDisplayNames("relax, untuned"),
        new TestCaseData(
            new EstimatorSettings
            {
                Name = "reinforce",
                Samples = 2,
                Baseline = BaselineKind.Learned,
                ControlNetwork = [6],
                NormaliseVariance = true,
                ControlRate = 0.05,
            })
            .SetArgDisplayNames("reinforce, learned baseline"),
    ];

    private static readonly object[] Remembering =
    [
        .. Learning,
        new TestCaseData(new EstimatorSettings { Name = "reinforce", Samples = 1, Baseline = BaselineKind.MovingAverage })
            .SetArgDisplayNames("reinforce, moving average"),
        new TestCaseData(new EstimatorSettings { Name = "reinforce", Baseline = BaselineKind.None, NormaliseVariance = true })
            .SetArgDisplayNames("reinforce, normalised"),
    ];

    private string folder = "";

    private string File => Path.Combine(folder, "checkpoint.safetensors");

    [SetUp]
    public void CreateFolder() => folder = Directory.CreateTempSubdirectory("ilgpu-vae-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [TestCaseSource(nameof(Remembering))]
    public void Continuation_EqualsAnUninterruptedRun(EstimatorSettings settings)
    {
        using ShortRun whole = Start(settings).Run(25);
        using ShortRun before = Start(settings).Run(10);
        TrainingCheckpoint.Write(File, before.Vae, before.Step.ReadState(), before.Step.Estimator);

        // The other run has gone a few steps its own way: all of it has to be replaced.
        using ShortRun after = Start(settings).Run(3);
        after.Step.WriteState(TrainingCheckpoint.Read(File, after.Vae, forTraining: true, after.Step.Estimator));
        Assert.That(Own(after), Is.EqualTo(Own(before)));
        _ = after.Run(15);
        Assert.That(after.Bits(), Is.EqualTo(whole.Bits()));
        Assert.That(Own(after), Is.EqualTo(Own(whole)));
        Assert.That(Own(after), Is.Not.EqualTo(Own(before)), "it has gone on learning");

        // A run that forgets the estimator's part continues otherwise.
        using ShortRun forgetful = Start(settings);
        forgetful.Step.WriteState(TrainingCheckpoint.Read(File, forgetful.Vae, forTraining: true));
        Assert.That(forgetful.Run(15).Bits(), Is.Not.EqualTo(whole.Bits()));
    }

    [TestCaseSource(nameof(Learning))]
    public void CheckpointWithoutTheEstimatorsPart_IsRefusedAndNothingChanges(EstimatorSettings settings)
    {
        using ShortRun before = Start(settings).Run(2);
        TrainingCheckpoint.Write(File, before.Vae, before.Step.ReadState());
        using ShortRun after = Start(settings).Run(1);
        float[] values = after.Values();
        int[] own = Own(after);
        Assert.That(
            () => TrainingCheckpoint.Read(File, after.Vae, forTraining: true, after.Step.Estimator),
            Throws.InstanceOf<InputException>().With.Message.Contains(File));
        Assert.That(Own(after), Is.EqualTo(own));
        Assert.That(after.Values(), Is.EqualTo(values));
    }

    // Everything the estimator keeps: what it remembers, what it trains and the moments of that.
    private int[] Own(ShortRun run)
    {
        Estimator estimator = run.Step.Estimator;
        List<float> kept = [];
        if (estimator.Memory is { } memory)
            kept.AddRange(Device.Download(memory.View));
        if (estimator.Auxiliary is { } own)
            kept.AddRange([.. Device.Download(own.Values), .. Device.Download(own.FirstMoments), .. Device.Download(own.SecondMoments)]);
        return [.. kept.Select(BitConverter.SingleToInt32Bits)];
    }

    private ShortRun Start(EstimatorSettings settings) => new(Device, Shape, new StepSettings
    {
        Batch = 5,
        Estimator = EstimatorChoice.Make(settings, Shape.Design(), 5, Device).Build,
        Schedules = Scheduled.Default with { LearningRate = Schedule.Constant(0.02f), Temperature = Schedule.Constant(0.5f) },
        Seed = 4,
    });
}
