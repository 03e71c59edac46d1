using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Twenty steps of each optimiser against the papers' loops, and that a bad gradient changes nothing.</summary>
[SuiteOf(typeof(Optimiser), typeof(OptimiserReference<>))]
public class OptimiserTests(Target target) : AcceleratorSuite(target)
{
    private const int Steps = 20;

    [Test]
    public void TwentySteps_MatchThePapers(
        [Values] OptimiserKind kind, [Values(0f, 0.05f)] float weightDecay, [Values(1, 17, 1000)] int length, [Values(1f, 0.4f)] float scale)
    {
        OptimiserRule rule = new(kind) { WeightDecay = weightDecay, SecondMomentDecay = 0.99f };
        Random random = new(length);
        float[] parameters = Draws.Normal(random, length);
        OptimiserReference<double> expected = new(rule, ByRow.As<double>(parameters));
        OptimiserReference<float> naive = new(rule, parameters);
        GuardedMatrix p = Guarded(parameters), first = Guarded(new float[length]), second = Guarded(new float[length]);
        for (int step = 1; step <= Steps; step++)
        {
            float[] gradient = Draws.Normal(random, length);
            float rate = 0.1f / step;
            expected.Update(ByRow.As<double>(gradient), rate, scale);
            naive.Update(gradient, rate, scale);
            Update(rule, State(rule, step, rate, scale), p, gradient, first, second);
        }

        Tolerance.Check("parameters", p.Download(), expected.Parameters, naive.Parameters, length);
        Tolerance.Check("first moments", first.Download(), [.. expected.First], [.. naive.First], length);
        if (kind == OptimiserKind.Sgd)
            Repetition.VerifyBits(second.Download(), new float[length], "SGD has no second moments");
        else
            Tolerance.Check("second moments", second.Download(), [.. expected.Second], [.. naive.Second], length);
    }

    [Test]
    public void ScaleOfZero_LeavesEverything([Values] OptimiserKind kind, [Values(float.NaN, float.PositiveInfinity, 1f)] float bad)
    {
        OptimiserRule rule = new(kind) { WeightDecay = 0.1f };
        Random random = new(3);
        float[] parameters = Draws.Normal(random, 33), moments = Draws.Uniform(random, 33), gradient = Draws.Normal(random, 33);
        gradient[7] = bad;
        GuardedMatrix p = Guarded(parameters), first = Guarded(moments), second = Guarded(moments);
        Update(rule, State(rule, 5, 0.1f, 0f), p, gradient, first, second);
        Repetition.VerifyBits(p.Download(), parameters, "parameters");
        Repetition.VerifyBits(first.Download(), moments, "first moments");
        Repetition.VerifyBits(second.Download(), moments, "second moments");
    }

    [Test]
    public void TinyGradients_MoveAdamByTheRate()
    {
        // Adam's first step has length rate * sign(g) as long as |g| is well above epsilon, however small g is.
        OptimiserRule rule = new(OptimiserKind.Adam);
        GuardedMatrix p = Guarded([1f, 1f]), first = Guarded(new float[2]), second = Guarded(new float[2]);
        Update(rule, State(rule, 1, 0.125f, 1f), p, [1e-5f, -1e3f], first, second);
        Tolerance.CheckRounded("parameters", p.Download(), [1 - (0.125 * 1e-5 / (1e-5 + 1e-8)), 1.125], 1);
    }

    [Test]
    public void Update_IsDeterministic([Values] OptimiserKind kind)
    {
        OptimiserRule rule = new(kind) { WeightDecay = 0.01f };
        float[] gradient = Draws.Normal(new Random(5), 1000);
        Repetition.IsBitIdentical(() =>
        {
            GuardedMatrix p = Guarded(gradient), first = Guarded(gradient), second = Guarded([.. gradient.Select(Math.Abs)]);
            Update(rule, State(rule, 3, 0.1f, 0.7f), p, gradient, first, second);
            return p.Download();
        });
    }

    private static StepState State(OptimiserRule rule, int step, float rate, float scale) => new()
    {
        Step = step,
        Scheduled = { LearningRate = rate },
        GradientScale = scale,
        FirstMomentPower = (float)Math.Pow(rule.FirstMomentDecay, step),
        SecondMomentPower = (float)Math.Pow(rule.SecondMomentDecay, step),
    };

    private GuardedMatrix Guarded(float[] values)
    {
        GuardedMatrix matrix = new(Device, Arena, 1, values.Length);
        Device.Upload<float>(matrix.Matrix.View, values);
        return matrix;
    }

    private void Update(OptimiserRule rule, StepState state, GuardedMatrix p, float[] gradient, GuardedMatrix first, GuardedMatrix second)
    {
        ArrayView<StepState> view = Upload(state);
        Run(list => Optimiser.Record(list, view, rule, p.Matrix.View, Upload(gradient, 1, gradient.Length).View, first.Matrix.View, second.Matrix.View));
    }
}
