using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Model.Checkpoints;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Models;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Runs;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Steps;

/// <summary>Checkpoints of training: PyTorch's names and layouts, bit-equal continuation, all or nothing.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class CheckpointTests(Target target) : ModelSuite(target)
{
    private static readonly ModelCase Shape = new()
    {
        Latents = 2,
        Categories = 3,
        Prior = PriorKind.Learned,
        Embedding = CodeEmbedding.Table,
        Encoder = [9, 7],
    };

    private string folder = "";

    private string File => Path.Combine(folder, "checkpoint.safetensors");

    [SetUp]
    public void CreateFolder() => folder = Directory.CreateTempSubdirectory("ilgpu-vae-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Tensors_HavePyTorchsNamesAndLayouts()
    {
        using ShortRun run = new ShortRun(Device, Shape, Settings("exact")).Run(2);
        TrainingCheckpoint.Write(File, run.Vae, run.Step.ReadState());
        SafeTensorsFile file = SafeTensors.Read(File);
        Dictionary<string, int[]> shapes = new()
        {
            ["encoder.0.weight"] = [9, 6],
            ["encoder.0.bias"] = [9],
            ["encoder.2.weight"] = [7, 9],
            ["encoder.2.bias"] = [7],
            ["encoder.4.weight"] = [6, 7],
            ["encoder.4.bias"] = [6],
            ["prior.logits"] = [2, 3],
            ["decoder.0.weight"] = [6, 4],
            ["decoder.1.weight"] = [8, 8],
            ["decoder.1.bias"] = [8],
            ["decoder.3.weight"] = [6, 8],
            ["decoder.3.bias"] = [6],
        };
        Assert.That(run.Vae.Parameters.All.Select(parameter => parameter.Name), Is.EquivalentTo(shapes.Keys));
        foreach ((string name, int[] shape) in shapes)
        {
            foreach (string prefix in new[] { "", "optimizer.first_moment.", "optimizer.second_moment." })
                Assert.That(() => file.Values(prefix + name, shape), Throws.Nothing, prefix + name);
        }

        // [out, in]: row o of the tensor is column o of the product's [in, out].
        float[] weight = file.Values("encoder.0.weight", [9, 6]);
        Parameter first = run.Vae.Parameters.All.Single(parameter => parameter.Name == "encoder.0.weight");
        float[] inMemory = Device.Download(first.Value.View);
        Assert.That(weight, Is.EqualTo(Enumerable.Range(0, 9 * 6).Select(i => inMemory[(i % 6 * 9) + (i / 6)])));
        Assert.That(file.Text("step"), Is.EqualTo("2"));
    }

    [TestCase("exact")]
    [TestCase("gumbel-softmax")]
    public void Continuation_EqualsAnUninterruptedRun(string estimator)
    {
        using ShortRun whole = new ShortRun(Device, Shape, Settings(estimator)).Run(35);
        using ShortRun before = new ShortRun(Device, Shape, Settings(estimator)).Run(15);
        TrainingCheckpoint.Write(File, before.Vae, before.Step.ReadState());

        // The fresh model has another start and has gone a few steps its own way: all of it has to be replaced.
        using ShortRun after = new ShortRun(Device, Shape, Settings(estimator)).Run(3);
        after.Step.WriteState(TrainingCheckpoint.Read(File, after.Vae, forTraining: true));
        Assert.That(after.Bits(), Is.EqualTo(before.Bits()));
        Assert.That(after.Run(20).Bits(), Is.EqualTo(whole.Bits()));
        Assert.That(after.Step.ReadState(), Is.EqualTo(whole.Step.ReadState()));
        Assert.That(Device.Download(after.Vae.Parameters.SecondMoments), Is.EqualTo(Device.Download(whole.Vae.Parameters.SecondMoments)));
    }

    // The context's pixels are drawn afresh at every step as the data's are.
    [TestCase("exact")]
    [TestCase("gumbel-softmax")]
    [TestCase("vimco")]
    public void Continuation_OfAConditionalModelEqualsAnUninterruptedRun(string estimator)
    {
        ModelCase shape = Shape with { ContextWidth = 4, Prior = PriorKind.Conditional, PriorNetwork = [5] };
        DataSet data = GreyLevels(shape.DataWidth, 1) with { Context = GreyLevels(shape.ContextWidth, 2) };
        StepSettings settings = Settings(estimator) with { Binarisation = DeviceBinarisation.Dynamic };
        using ShortRun whole = new ShortRun(Device, shape, settings, data).Run(35);
        using ShortRun before = new ShortRun(Device, shape, settings, data).Run(15);
        TrainingCheckpoint.Write(File, before.Vae, before.Step.ReadState(), before.Step.Estimator);
        using ShortRun after = new ShortRun(Device, shape, settings, data).Run(3);
        after.Step.WriteState(TrainingCheckpoint.Read(File, after.Vae, forTraining: true, after.Step.Estimator));
        Assert.That(after.Run(20).Bits(), Is.EqualTo(whole.Bits()));
        Assert.That(after.Step.ReadState(), Is.EqualTo(whole.Step.ReadState()));
    }

    [Test]
    public void ConditionalTensors_HavePyTorchsNamesAndLayouts()
    {
        ModelCase shape = Shape with { ContextWidth = 5, Prior = PriorKind.Conditional, PriorNetwork = [3] };
        using DiscreteVae vae = new(Device, shape.Design(), seed: 1);
        TrainingCheckpoint.Write(File, vae, default);
        SafeTensorsFile file = SafeTensors.Read(File);

        // The concatenations (x, c) and (e(z), c), and c alone.
        foreach (
            (string name, int[] dimensions) in new[]
            {
                ("encoder.0.weight", new[] { 9, 11 }),
                ("decoder.1.weight", [8, 13]),
                ("prior.0.weight", [3, 5]),
                ("prior.0.bias", [3]),
                ("prior.2.weight", [6, 3]),
                ("prior.2.bias", [6]),
            })
            Assert.That(() => file.Values(name, dimensions), Throws.Nothing, name);
        Assert.That(vae.Parameters.All.Select(parameter => parameter.Name), Has.None.EqualTo("prior.logits"));
    }

    [Test]
    public void ReadingForUse_LeavesTheMomentsAlone()
    {
        using ShortRun run = new ShortRun(Device, Shape, Settings("exact")).Run(4);
        TrainingCheckpoint.Write(File, run.Vae, run.Step.ReadState());
        using DiscreteVae fresh = new(Device, Shape.Design(), seed: 9);
        _ = TrainingCheckpoint.Read(File, fresh, forTraining: false);
        Assert.That(Device.Download(fresh.Parameters.Values), Is.EqualTo(run.Values()));
        Assert.That(Device.Download(fresh.Parameters.FirstMoments), Is.All.Zero);
    }

    private static IEnumerable<ModelCase> OtherShapes =>
    [
        Shape with { Categories = 4 },
        Shape with { Encoder = [9, 6] },
        Shape with { DataWidth = 7 },
        Shape with { Likelihood = LikelihoodKind.Gaussian },
        Shape with { Embedding = CodeEmbedding.OneHot },
        Shape with { Latents = 3, Categories = 2 },
        Shape with { Encoder = [9, 7, 7] },
        Shape with { ContextWidth = 2 },
    ];

    [TestCaseSource(nameof(OtherShapes))]
    public void OtherShape_IsRefusedAndNothingChanges(ModelCase other)
    {
        using ShortRun run = new ShortRun(Device, Shape, Settings("exact")).Run(2);
        TrainingCheckpoint.Write(File, run.Vae, run.Step.ReadState());
        using ShortRun target = new ShortRun(Device, other, Settings("exact")).Run(1);
        VerifyRefused(target);
    }

    [TestCase("optimizer.first_moment.decoder.3.bias")]
    [TestCase("optimizer.second_moment.encoder.0.weight")]
    [TestCase("decoder.3.bias")]
    [TestCase("step.state")]
    public void MissingTensor_IsRefusedAndNothingChanges(string missing)
    {
        using ShortRun run = new ShortRun(Device, Shape, Settings("exact")).Run(2);
        ParameterSet parameters = run.Vae.Parameters;
        NamedTensor[] tensors =
        [
            .. ParameterTensors.Export(Device, parameters, parameters.Values),
            .. ParameterTensors.Export(Device, parameters, parameters.FirstMoments, "optimizer.first_moment."),
            .. ParameterTensors.Export(Device, parameters, parameters.SecondMoments, "optimizer.second_moment."),
            new NamedTensor("step.state", [5], new float[5]),
        ];
        SafeTensors.Write(
            File,
            [
                .. tensors.Where(tensor => tensor.Name != missing),
            ], new Dictionary<string, string>([ParameterTensors.Naming]) { ["step"] = "2", ["summed_steps"] = "2" });
        using ShortRun target = new ShortRun(Device, Shape, Settings("exact") with { Seed = 8 }).Run(1);
        VerifyRefused(target);
    }

    /// <summary>
    /// Checkpoints had the state's numbers in one tensor, in this order, before they had names, and layers were counted without their activations.
    /// </summary>
    [Test]
    public void FormerCheckpoint_IsContinued()
    {
        StepSettings settings = Settings("exact") with { Kl = new KlObjective { MarginalWeight = 2f } };
        using ShortRun whole = new ShortRun(Device, Shape, settings).Run(35);
        using ShortRun before = new ShortRun(Device, Shape, settings).Run(15);
        StepState state = before.Step.ReadState();
        TrainingCheckpoint.Write(File, before.Vae, state);
        float[] numbers = FormerNumbers(state);
        Assert.That(numbers, Is.All.Not.Zero);
        (string Now, string Then)[] names = [("encoder.2.", "encoder.1."), ("encoder.4.", "encoder.2."), ("decoder.3.", "decoder.2.")];
        SafeTensorsFile file = SafeTensors.Read(File);
        IEnumerable<NamedTensor> former = file.Tensors.Where(tensor => !tensor.Name.StartsWith("step.", StringComparison.Ordinal)).Select(
            tensor => tensor with
            {
                Name = names.Where(name => tensor.Name.Contains(name.Now, StringComparison.Ordinal))
                .Aggregate(tensor.Name, (name, change) => name.Replace(change.Now, change.Then, StringComparison.Ordinal))
            });
        SafeTensors.Write(
            File, [.. former, new NamedTensor("step.state", [10], numbers)],
            file.Metadata.Where(entry => entry.Key != "activations").ToDictionary(entry => entry.Key, entry => entry.Value));
        using ShortRun after = new ShortRun(Device, Shape, settings).Run(3);
        after.Step.WriteState(TrainingCheckpoint.Read(File, after.Vae, forTraining: true));
        Assert.That(after.Run(20).Bits(), Is.EqualTo(whole.Bits()));
        Assert.That(FormerNumbers(after.Step.ReadState()), Is.EqualTo(FormerNumbers(whole.Step.ReadState())));
        Assert.That(after.Step.ReadState().SummedSteps, Is.EqualTo(35));
    }

    /// <summary>The gradient's scale stands for what came later than the checkpoint: no checkpoint had it before slots had names.</summary>
    [Test]
    public void NewerSlot_StartsFromItsDefault()
    {
        using ShortRun run = new ShortRun(Device, Shape, Settings("exact")).Run(2);
        StepState state = run.Step.ReadState();
        Assert.That(state.GradientScale, Is.EqualTo(1f));
        TrainingCheckpoint.Write(File, run.Vae, state);
        Assert.That(TrainingCheckpoint.Read(File, run.Vae, forTraining: true), Is.EqualTo(state));
        Rewrite(tensor => tensor != "step.gradient_scale");
        Assert.That(TrainingCheckpoint.Read(File, run.Vae, forTraining: true), Is.EqualTo(state with { GradientScale = StepState.Start.GradientScale }));
    }

    [TestCase("step.first_moment_power")]
    [TestCase("step.scheduled.learning_rate")]
    [TestCase("step.sums.kl")]
    public void MissingNumber_IsRefusedAndNothingChanges(string missing)
    {
        using ShortRun run = new ShortRun(Device, Shape, Settings("exact")).Run(2);
        TrainingCheckpoint.Write(File, run.Vae, run.Step.ReadState());
        Rewrite(tensor => tensor != missing);
        using ShortRun target = new ShortRun(Device, Shape, Settings("exact") with { Seed = 8 }).Run(1);
        VerifyRefused(target);
    }

    private static float[] FormerNumbers(StepState state) =>
    [
        state.FirstMomentPower, state.SecondMomentPower, state.Sums.Reconstruction, state.Sums.Kl, state.Sums.GradientNorm, state.Scheduled.LearningRate,
        state.Scheduled.Beta, state.Scheduled.Temperature, state.Sums.MarginalKl, state.Sums.MutualInformation,
    ];

    private void Rewrite(Func<string, bool> keep, params NamedTensor[] more)
    {
        SafeTensorsFile file = SafeTensors.Read(File);
        SafeTensors.Write(File, [.. file.Tensors.Where(tensor => keep(tensor.Name)), .. more], file.Metadata);
    }

    private static DataSet GreyLevels(int width, int seed)
    {
        byte[] levels = new byte[13 * width];
        new Random(seed).NextBytes(levels);
        return new DataSet { Name = "grey levels", Count = 13, Width = width, Bytes = levels };
    }

    private void VerifyRefused(ShortRun target)
    {
        ParameterSet parameters = target.Vae.Parameters;
        float[] values = target.Values(), first = Device.Download(parameters.FirstMoments), second = Device.Download(parameters.SecondMoments);
        Assert.That(() => TrainingCheckpoint.Read(File, target.Vae, forTraining: true), Throws.InstanceOf<InputException>().With.Message.Contains(File));
        Assert.That(target.Values(), Is.EqualTo(values), "parameters");
        Assert.That(Device.Download(parameters.FirstMoments), Is.EqualTo(first), "first moments");
        Assert.That(Device.Download(parameters.SecondMoments), Is.EqualTo(second), "second moments");
    }

    private StepSettings Settings(string estimator) => new()
    {
        Batch = 5,
        Estimator = EstimatorChoice.Make(new EstimatorSettings { Name = estimator }, Shape.Design(), 5, Device).Build,
        Schedules = Scheduled.Default with
        {
            LearningRate = new Schedule(ScheduleKind.Cosine, 0.02f, 0.001f, 40, 3),
            Beta = new Schedule(ScheduleKind.Linear, 3f, 1f, 30, 0),
            Temperature = Schedule.Constant(0.5f),
        },
        Seed = 4,
    };
}
