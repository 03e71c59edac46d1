using IlgpuVae.Kernels;
using IlgpuVae.Tests.Models;
using IlgpuVae.Tests.Reference;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;
using MathNet.Numerics.LinearAlgebra;

namespace IlgpuVae.Tests.Steps;

/// <summary>What a training step promises beside its gradient, and its gradient at the edges of the shapes.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class TrainingStepTests(Target target) : ModelSuite(target)
{
    private static readonly ModelCase Shape = new() { Latents = 2, Categories = 3 };

    [Test]
    public void Run_AllocatesNothing()
    {
        // ILGPU's own launchers leave about 200 bytes a launch on the host; nothing of ours may add to it.
        const int BytesPerLaunch = 400;
        using ShortRun run = new ShortRun(Device, Shape, new StepSettings { Batch = 5 }).Run(20);
        long device = run.Vae.Arena.UsedBytes;
        long host = GC.GetAllocatedBytesForCurrentThread();
        run.Run(50);
        double perStep = (GC.GetAllocatedBytesForCurrentThread() - host) / 50.0;
        Device.Wait();
        Assert.That(run.Vae.Arena.UsedBytes, Is.EqualTo(device));
        Assert.That(perStep, Is.LessThan(BytesPerLaunch * run.Step.Launches.Count));
    }

    [TestCase(3, 7, TestName = "BatchLargerThanTheData_RunsOverEpochs")]
    [TestCase(5, 1, TestName = "BatchOfOne_MatchesFloat64")]
    [TestCase(1, 1, TestName = "OneExample_MatchesFloat64")]
    public void EdgeOfTheBatch_MatchesFloat64(int examples, int batch)
    {
        MeasuredStep measured = new(Device, Shape, inputs => new ExactEstimator(inputs), examples, batch, steps: 2);
        VerifyExact(measured, Shape);
    }

    [Test]
    public void LargeBatch_HoldsEveryExampleOnceAnEpoch()
    {
        MeasuredStep measured = new(Device, Shape, inputs => new ExactEstimator(inputs), examples: 3, batch: 7, steps: 1);
        Matrix<double> x = measured.Batch(1);
        Assert.That(x.EnumerateRows(0, 3).Select(row => row.Sum()).Order(), Is.EqualTo(x.EnumerateRows(3, 3).Select(row => row.Sum()).Order()));
        Assert.That(x.EnumerateRows(0, 3).Distinct().Count(), Is.EqualTo(3));
    }

    [Test]
    public void OneCategory_LeavesNothingToEncode([Values(1, 2)] int latents, [Values] bool exact)
    {
        ModelCase shape = Shape with { Latents = latents, Categories = 1 };
        MeasuredStep measured = new(
            Device, shape, inputs => exact ? new ExactEstimator(inputs) : new GumbelSoftmaxEstimator(inputs, straightThrough: true), 5, 3, 1);
        ReferenceVae reference = measured.Reference;
        Matrix<double> x = measured.Batch(1);
        Assert.That(measured.State.Sums.Kl, Is.Zero.Within(1e-6));
        Assert.That(measured.State.Sums.Reconstruction, Is.EqualTo(reference.MeanReconstruction(x)).Within(1e-4));
        Assert.That(measured.Gradient("encoder.2.weight"), Is.All.Zero.Within(1e-6));
        Assert.That(measured.Gradient("decoder.0.weight"), Is.Not.All.Zero);
    }

    [Test]
    public void ManyCategories_MatchFloat64AlongRandomDirections()
    {
        ModelCase shape = new()
        {
            Latents = 1,
            Categories = 1000,
            DataWidth = 5,
            Prior = Model.PriorKind.Learned,
            Embedding = Model.CodeEmbedding.Table,
            EmbeddingWidth = 3,
            Beta = 0.5f,
        };
        MeasuredStep measured = new(Device, shape, inputs => new ExactEstimator(inputs), examples: 4, batch: 3, steps: 1);
        ReferenceVae reference = measured.Reference;
        Matrix<double> x = measured.Batch(1);
        Random random = new(5);
        foreach (
            (string name, int rows, int columns) in new[]
            {
                ("encoder.0.weight", 5, 7),
                ("encoder.2.weight", 7, 1000),
                ("prior.logits", 1, 1000),
                ("decoder.0.weight", 1000, 3),
                ("decoder.1.weight", 3, 8),
            })
        {
            Matrix<double> direction = Matrix<double>.Build.Dense(rows, columns, (_, _) => random.Next(2) == 0 ? -1 : 1);
            double expected = reference.DirectionalDerivative(() => (shape.Beta * reference.MeanKl(x)) - reference.MeanReconstruction(x), name, direction);
            double actual = measured.Gradient(name).Select((g, i) => g * direction[i / columns, i % columns]).Sum();

            // Errors of single entries add up like a random walk.
            double tolerance = 5e-5 * Math.Sqrt(measured.Gradient(name).Sum(g => (double)g * g));
            Assert.That(actual, Is.EqualTo(expected).Within(tolerance), name);
        }
    }

    [Test]
    public void Clipping_ShortensLongGradientsOnly()
    {
        StepSettings plain = new()
        {
            Batch = 5,
            Schedules = Scheduled.Default with { LearningRate = Schedule.Constant(1f) },
            Optimiser = new OptimiserRule(OptimiserKind.Sgd) { FirstMomentDecay = 0f },
        };
        float[] Move(float clipNorm, out double norm)
        {
            using ShortRun run = new(Device, Shape, plain with { ClipNorm = clipNorm });
            float[] before = run.Values();
            float[] after = run.Run(1).Values();
            norm = run.Step.ReadState().Sums.GradientNorm;
            return [.. after.Zip(before, (b, a) => b - a)];
        }

        float[] free = Move(float.PositiveInfinity, out double length);
        Assert.That(Math.Sqrt(free.Sum(d => (double)d * d)), Is.EqualTo(length).Within(1e-5 * length), "the norm that is reported");
        float[] clipped = Move((float)(0.25 * length), out double reported);
        Assert.That(reported, Is.EqualTo(length), "the norm is reported before clipping");
        Assert.That(clipped, Is.EqualTo(free.Select(d => 0.25f * d)).Within(1e-6 * length));
        Assert.That(Move((float)(1.01 * length), out _), Is.EqualTo(free));
    }

    [Test]
    public void Schedules_AreEvaluatedAtEachStep()
    {
        Scheduled<Schedule> schedules = Scheduled.Default with
        {
            LearningRate = new Schedule(ScheduleKind.Linear, 1e-2f, 1e-3f, 9, 3),
            Beta = new Schedule(ScheduleKind.Cyclical, 0f, 2f, 6, 0),
            Temperature = new Schedule(ScheduleKind.Exponential, 2f, 0.5f, 8, 0),
        };
        using ShortRun run = new(Device, Shape, new StepSettings { Batch = 2, Schedules = schedules });
        for (int step = 1; step <= 12; step++)
        {
            StepState state = run.Run(1).Step.ReadState();
            Assert.That(state.Step, Is.EqualTo(step));
            Assert.That(state.Scheduled.LearningRate, Is.EqualTo(schedules.LearningRate.At(step)).Within(1e-6f * 1e-2f));
            Assert.That(state.Scheduled.Beta, Is.EqualTo(schedules.Beta.At(step)).Within(1e-6f));
            Assert.That(state.Scheduled.Temperature, Is.EqualTo(schedules.Temperature.At(step)).Within(1e-6f));
        }
    }

    private static void VerifyExact(MeasuredStep measured, ModelCase shape)
    {
        ReferenceVae reference = measured.Reference;
        measured.VerifyMetrics(step => reference.MeanReconstruction(measured.Batch(step)), step => reference.MeanKl(measured.Batch(step)));
        Matrix<double> x = measured.Batch(measured.Steps);
        measured.VerifyGradients(() => (shape.Beta * reference.MeanKl(x)) - reference.MeanReconstruction(x));
    }
}
