using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Opening and closing steps: the count, the metrics, clipping, and the freeze at the first step that is not finite.</summary>
[SuiteOf(typeof(StepClock), typeof(OptimiserReference<>))]
public class StepClockTests(Target target) : AcceleratorSuite(target)
{
    private const int Batch = 3;
    private const int RowsPerExample = 7;
    private const int Latents = 11;
    private const int Parameters = 37;

    [Test]
    public void Metrics_AreMeansOverTheBatch()
    {
        Random random = new(3);
        double reconstruction = 0, kl = 0, norm = 0;
        Clock clock = new(this, float.PositiveInfinity);
        StepState state = default;
        for (int step = 1; step <= 5; step++)
        {
            float[] rows = Draws.Normal(random, Batch * RowsPerExample, 100), kls = Draws.Uniform(random, Batch * Latents),
                gradient = Draws.Normal(random, Parameters);
            reconstruction += rows.Average(value => (double)value);
            kl += kls.Sum(value => (double)value) / Batch;
            norm += Norm(gradient);
            state = clock.Step(rows, kls, gradient);
            Assert.That(state.Step, Is.EqualTo(step));
            Assert.That(state.SummedSteps, Is.EqualTo(step));
            Assert.That(state.GradientScale, Is.EqualTo(1f));
        }

        Tolerance.CheckRounded("KL", [state.Sums.Kl], [kl], 1);
        Tolerance.CheckRounded("gradient norm", [state.Sums.GradientNorm], [norm], 1);

        // The terms are of order 100 and cancel; 105 of them round to a few units of the largest.
        Assert.That(state.Sums.Reconstruction, Is.EqualTo(reconstruction).Within(500 * Math.Pow(2, -21)));
        Assert.That(state.FirstBadStep, Is.Zero);
    }

    [Test]
    public void EveryMetric_IsSummedOverSteps()
    {
        const int Steps = 2;
        Dictionary<string, float> expected = [];
        StepMetrics<Measured> metrics = StepSlots.With<StepMetrics<Measured>, Measured>(default, (name, _) =>
        {
            float[] values = Draws.Uniform(new Random(17 + expected.Count), Parameters);
            expected[name] = values.Sum() / (expected.Count + 2);
            return new Measured(Upload(values, 1, Parameters), expected.Count + 1);
        });
        expected["gradient_norm"] = MathF.Sqrt(expected["gradient_norm"]);
        ArrayView<StepState> state = Upload(StepState.Start);
        for (int step = 0; step < Steps; step++)
            Run(list => StepClock.Close(list, state, new StepClose { Metrics = metrics, ClipNorm = 1f }));
        StepState closed = Device.Download(state)[0];
        foreach ((string name, float sum) in StepSlots.Of<float>(closed.Sums))
            Assert.That(sum, Is.EqualTo(Steps * expected[name]).Within(1e-4).Percent, name);
        Assert.That(
            StepSlots.Of<float>(closed.Means).Select(mean => mean.Value), Is.EqualTo(StepSlots.Of<float>(closed.Sums).Select(sum => sum.Value / Steps)));
    }

    [TestCase(0.5f)]
    [TestCase(1f)]
    [TestCase(100f)]
    public void Clipping_ShortensToTheLimit(float limit)
    {
        float[] gradient = Draws.Normal(new Random(5), Parameters);
        StepState state = new Clock(this, limit).Step([1f], [1f], gradient);
        Tolerance.CheckRounded("state", [state.GradientScale], [Math.Min(1, limit / Norm(gradient))], 1);
        Tolerance.CheckRounded("the metric is the norm before clipping", [state.Sums.GradientNorm], [Norm(gradient)], 1);
    }

    [Test]
    public void ZeroGradient_IsNotClipped() => Assert.That(new Clock(this, 1f).Step([1f], [1f], new float[Parameters]).GradientScale, Is.EqualTo(1f));

    [Test]
    public void FirstBadStep_FreezesTheParameters(
        [Values("reconstruction", "kl", "gradient")] string where, [Values(float.NaN, float.PositiveInfinity)] float bad)
    {
        OptimiserRule rule = new(OptimiserKind.Adam) { WeightDecay = 0.1f };
        Clock clock = new(this, 1f, rule);
        float[] good = Draws.Normal(new Random(7), Parameters);
        clock.Step([1f], [1f], good);
        StepState last = clock.Step([2f], [1f], good);
        float[] parameters = clock.Download();
        Assert.That(last.FirstBadStep, Is.Zero);
        Assert.That(parameters, Is.Not.EqualTo(good), "good steps update");

        float[] badGradient = [.. good];
        badGradient[Parameters - 1] = bad;
        StepState state = clock.Step([where == "reconstruction" ? bad : 1f], [where == "kl" ? bad : 1f], where == "gradient" ? badGradient : good);
        Assert.That(state.FirstBadStep, Is.EqualTo(3));
        Assert.That(state.GradientScale, Is.Zero);
        Repetition.VerifyBits(clock.Download(), parameters, "after the bad step");

        state = clock.Step([1f], [1f], good);
        Assert.That(state.FirstBadStep, Is.EqualTo(3), "the first bad step stays the first");
        Repetition.VerifyBits(clock.Download(), parameters, "after a good step that follows it");
    }

    [Test]
    public void TwentySteps_GiveAdamItsBiasCorrection()
    {
        OptimiserRule rule = new(OptimiserKind.Adam);
        float[] start = Draws.Normal(new Random(7), Parameters);
        Clock clock = new(this, 2f, rule);
        OptimiserReference<double> expected = new(rule, ByRow.As<double>(start));
        OptimiserReference<float> naive = new(rule, start);
        Random random = new(9);
        for (int step = 1; step <= 20; step++)
        {
            float[] gradient = Draws.Normal(random, Parameters);
            double scale = Math.Min(1, 2 / Norm(gradient));
            clock.Step([1f], [1f], gradient);
            expected.Update(ByRow.As<double>(gradient), Clock.Rate, scale);
            naive.Update(gradient, Clock.Rate, (float)scale);
        }

        Tolerance.Check("state", clock.Download(), expected.Parameters, naive.Parameters, expected.Parameters.Length);
    }

    [Test]
    public void Closing_IsDeterministic()
    {
        float[] gradient = Draws.Normal(new Random(11), Parameters), rows = Draws.Normal(new Random(13), Batch * RowsPerExample);
        Repetition.IsBitIdentical(() =>
        {
            StepState state = new Clock(this, 1f).Step(rows, rows, gradient);
            return [state.Sums.Reconstruction, state.Sums.Kl, state.Sums.GradientNorm, state.GradientScale];
        });
    }

    private static double Norm(float[] gradient) => Math.Sqrt(gradient.Sum(value => (double)value * value));

    /// <summary>A training step without a model: the clock, the norm and, where there is a rule, the optimiser.</summary>
    private sealed class Clock(StepClockTests suite, float limit, OptimiserRule? rule = null)
    {
        public const float Rate = 0.01f;

        private readonly ArrayView<StepState> state = suite.Upload(StepState.Start);
        private readonly Matrix partials = suite.Arena.Matrix(1, GradientNorm.Partials, MemoryUse.Parameters);
        private readonly Matrix parameters = suite.Upload(Draws.Normal(new Random(7), Parameters), 1, Parameters);
        private readonly Matrix first = suite.Arena.Matrix(1, Parameters, MemoryUse.Parameters);
        private readonly Matrix second = suite.Arena.Matrix(1, Parameters, MemoryUse.Parameters);

        public float[] Download() => suite.Device.Download(parameters.View);

        public StepState Step(float[] rows, float[] kls, float[] gradientValues)
        {
            Matrix gradient = suite.Upload(gradientValues, 1, Parameters);
            StepClose close = new()
            {
                Metrics = new()
                {
                    Reconstruction = new(suite.Upload(rows, rows.Length, 1), rows.Length),
                    Kl = new(suite.Upload(kls, kls.Length, 1), kls.Length > 1 ? Batch : 1),
                    GradientNorm = new(partials, 1f),
                },
                ClipNorm = limit,
                FirstMomentDecay = 0.9f,
                SecondMomentDecay = 0.999f,
            };
            suite.Run(list =>
            {
                StepClock.Open(list, state, Scheduled.Default with { LearningRate = Schedule.Constant(Rate) });
                GradientNorm.Record(list, gradient.View, partials);
                StepClock.Close(list, state, close);
                if (rule is { } given)
                    Optimiser.Record(list, state, given, parameters.View, gradient.View, first.View, second.View);
            });
            return suite.Device.Download(state)[0];
        }
    }
}
