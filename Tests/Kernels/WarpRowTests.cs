using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// Row kernels shared by the lanes of warps, halves and quarters of them, beside the same kernels with a lane a row, which the suites of the kernels hold to
/// float64. Few rows, that fill warps in all the ways there are, and beside them a lane or a group: 3 to 42 categories but 20 are single elements, 20 and 64 to
/// 200 fours; 3 are a lane's own, 42, 200 and 258 more than a warp holds.
/// </summary>
[TestFixture(3)]
[TestFixture(5)]
[TestFixture(10)]
[TestFixture(18)]
[TestFixture(20)]
[TestFixture(42)]
[TestFixture(64)]
[TestFixture(128)]
[TestFixture(200)]
[TestFixture(258)]
public sealed class WarpRowTests(int k)
{
    private const ulong Seed = 11;

    private ComputeDevice? lanes, warps;

    [OneTimeSetUp]
    public void OpenDevices() => (lanes, warps) = (ComputeDevice.Open("cpu", LaunchStyle.Processor), WarpDevice.Open());

    [OneTimeTearDown]
    public void CloseDevices()
    {
        lanes?.Dispose();
        warps?.Dispose();
    }

    [Test]
    public void Softmax_IsTheLanes([Values(6, 8)] int rows) => Verify(rows, (list, arena) =>
    {
        Matrix logits = Draw(list, arena, rows, 1, masked: true), grad = Draw(list, arena, rows, 2);
        Matrix p = Empty(arena, rows), logP = Empty(arena, rows), sums = arena.Matrix(rows, 1, MemoryUse.Activations), pulled = Empty(arena, rows);
        Softmax.Forward(list, logits, p);
        Softmax.LogForward(list, logits, logP);
        Softmax.LogSumExp(list, logits, sums);
        Softmax.Backward(list, p, grad, pulled);
        return [p, logP, sums, pulled];
    });

    [Test]
    public void CategoricalPass_IsTheLanes([Values(6, 8)] int rows) => Verify(rows, (list, arena) =>
    {
        Matrix kl = arena.Matrix(rows, 1, MemoryUse.Activations), reconstruction = arena.Matrix(rows, 1, MemoryUse.Activations);
        Matrix logitsGrad = Empty(arena, rows), priorGrad = Empty(arena, rows), grad = Empty(arena, rows);
        CategoricalTerms terms = new()
        {
            Logits = Draw(list, arena, rows, 1, masked: true),
            Prior = Draw(list, arena, 2, 2),
            LogLikelihoods = Draw(list, arena, rows, 3),
            Kl = kl,
            Reconstruction = reconstruction,
            LogitsGrad = logitsGrad,
            PriorGrad = priorGrad,
            LogLikelihoodsGrad = grad,
            Objective = new KlObjective { FreeBits = 0.4f },
        };
        CategoricalPass.Record(list, terms, State(list, arena), 0.25f);
        return [kl, reconstruction, logitsGrad, priorGrad, grad];
    });

    [Test]
    public void GumbelSoftmax_IsTheLanes([Values(6, 8)] int rows) => Verify(rows, (list, arena) =>
    {
        ArrayView<StepState> state = State(list, arena);
        Codes hard = Hard(arena, rows);
        Matrix soft = Empty(arena, rows), alone = Empty(arena, rows), pulled = Draw(list, arena, rows, 3);
        Matrix logits = Draw(list, arena, rows, 1, masked: true);
        GumbelSoftmax.Forward(list, state, logits, soft, hard, Seed, Randomness.Codes);
        GumbelSoftmax.Forward(list, state, logits, alone, null, Seed, Randomness.Codes);
        GumbelSoftmax.Backward(list, state, soft, Draw(list, arena, rows, 2), pulled);
        return [soft, OneHotRowsOf(list, arena, hard), alone, pulled];
    });

    [Test]
    public void PullBacks_AreTheLanes([Values(6, 8)] int rows) => Verify(rows, (list, arena) =>
    {
        ArrayView<StepState> state = State(list, arena);
        Matrix logits = Draw(list, arena, rows, 1), grad = Draw(list, arena, rows, 3);
        Codes codes = Hard(arena, rows), relaxed = Codes.Relaxed(Draw(list, arena, rows, 2), 1);
        list.Device.Upload<int>(codes.Numbers, [.. Enumerable.Range(0, rows).Select(row => 3 * row % k)]);
        Matrix straight = Draw(list, arena, rows, 4), reinmax = Draw(list, arena, rows, 5), score = Draw(list, arena, rows, 6),
            relaxedScore = Draw(list, arena, rows, 8);
        StraightThrough.Backward(list, StraightThroughRule.Plain, state, logits, codes, grad, straight);
        StraightThrough.Backward(list, StraightThroughRule.ReinMax, state, logits, codes, grad, reinmax);
        Matrix advantages = arena.Matrix(rows, 1, MemoryUse.Activations);
        list.Device.Upload<float>(advantages.View, Draws.Normal(new Random(7), rows));
        ScoreFunction.Backward(list, codes, advantages, logits, score, 0.5f);
        ScoreFunction.Backward(list, relaxed, advantages, logits, relaxedScore, 0.5f);
        return [straight, reinmax, score, relaxedScore];
    });

    [Test]
    public void Samples_AreTheLanes([Values(6, 8)] int rows) => Verify(rows, (list, arena) =>
    {
        Matrix logits = Draw(list, arena, rows, 1, masked: true);
        Codes once = Hard(arena, rows), often = Codes.Hard(arena.Allocate<int>(4 * rows, MemoryUse.Codes), 2 * rows, 2, k);
        CategoricalSample.Record(list, State(list, arena), logits, once, Seed, Randomness.Codes);
        CategoricalSample.Record(list, State(list, arena), logits, often, Seed, Randomness.Evaluation, samplesPerRow: 4);
        return [OneHotRowsOf(list, arena, once), OneHotRowsOf(list, arena, often)];
    });

    [Test]
    public void Rebar_IsTheLanes([Values(3, 6, 8)] int rows, [Values(1, 2)] int probesPerExample) => Verify(rows, (list, arena) =>
    {
        Matrix control = arena.Matrix(1, 2, MemoryUse.Activations);
        list.Device.Upload<float>(control.View, [0.2f, -0.3f]);
        RebarSample sample = new()
        {
            Logits = Draw(list, arena, rows, 1),
            Codes = Hard(arena, rows),
            Gaps = Empty(arena, rows),
            Probes = Empty(arena, rows * probesPerExample),
            Control = control,
            InitialScale = 1f,
        };
        RebarSignals signals = new()
        {
            Sums = arena.Matrix(rows * probesPerExample, 4, MemoryUse.Activations),
            LogLikelihood = Column(list, arena, rows, 2),
            ProbeLogLikelihood = Column(list, arena, rows * probesPerExample, 3),
            ProbesGrad = Draw(list, arena, rows * probesPerExample, 4),
            Network = Column(list, arena, rows * probesPerExample, 5),
            NetworkGrad = Draw(list, arena, rows * probesPerExample, 6),
            LogitsGrad = Draw(list, arena, rows, 7),
            Estimate = Empty(arena, rows),
            ControlSlopes = arena.Matrix(rows, 2, MemoryUse.Activations),
        };
        Matrix directions = Empty(arena, rows), parts = arena.Matrix(rows, 2, MemoryUse.Activations);
        Rebar.Sample(list, State(list, arena), sample, 1, Seed);
        Rebar.Backward(list, State(list, arena), sample, signals, 1, 1f / rows);
        Relax.Directions(list, State(list, arena), sample, signals.Estimate.Value, directions, parts, 1);
        return
        [
            OneHotRowsOf(list, arena, sample.Codes), sample.Gaps, sample.Probes, signals.Sums, signals.LogitsGrad, signals.Estimate.Value, directions, parts,
        ];
    });

    [Test]
    public void GumbelRao_IsTheLanes([Values(3, 6, 8)] int rows) => Verify(rows, (list, arena) =>
    {
        Codes codes = Hard(arena, rows);
        list.Device.Upload<int>(codes.Numbers, [.. Enumerable.Range(0, rows).Select(row => 3 * row % k)]);
        Matrix logitsGrad = Draw(list, arena, rows, 3), perturbed = Empty(arena, rows);
        GumbelRao.Backward(list, State(list, arena), Draw(list, arena, rows, 1), codes, Draw(list, arena, rows, 2), logitsGrad, perturbed, 3, Seed);
        return [logitsGrad, perturbed];
    });

    [Test]
    public void SumsOverExamples_AreTheLanes([Values(3, 6, 8)] int rows) => Verify(rows, (list, arena) =>
    {
        Matrix logits = Draw(list, arena, 2 * rows, 1), prior = Draw(list, arena, rows, 2), kl = arena.Matrix(2 * rows, 1, MemoryUse.Activations);
        Matrix logitsGrad = Draw(list, arena, 2 * rows, 3), priorGrad = Draw(list, arena, 2 * rows, 4), logPosterior = Empty(arena, 2 * rows),
            logPrior = Empty(arena, rows);
        MarginalKlTerms terms = new()
        {
            Pass = new CategoricalTerms
            {
                Logits = logits,
                Prior = prior,
                Kl = kl,
                LogitsGrad = logitsGrad,
                PriorGrad = priorGrad,
                Objective = new KlObjective { MarginalWeight = 2f },
            },
            LogPosterior = logPosterior,
            LogPrior = logPrior,
            LogRatio = Empty(arena, rows),
            MarginalKl = arena.Matrix(rows, 1, MemoryUse.Activations),
            Information = arena.Matrix(rows, 1, MemoryUse.Activations),
        };
        MarginalKl.Record(list, terms, State(list, arena));
        Matrix marginal = arena.Matrix(2 * rows, 1, MemoryUse.Activations), bound = arena.Matrix(rows, 1, MemoryUse.Activations),
            weights = Column(list, arena, rows * k, 6);
        LogMarginal.Record(list, Draw(list, arena, 2 * rows, 5), logPrior, marginal);
        ImportanceBound.Record(list, Column(list, arena, rows * k, 7), bound, weights, 0.25f);
        return [logPosterior, terms.LogRatio, terms.MarginalKl, terms.Information, logitsGrad, priorGrad, marginal, bound, weights];
    });

    [Test]
    public void MixturesAndExpectations_AreTheLanes([Values(6, 8)] int rows) => Verify(rows, (list, arena) =>
    {
        Matrix logits = Draw(list, arena, rows, 1), mixed = Empty(arena, rows), pulled = Empty(arena, rows), joint = Empty(arena, rows);
        Matrix reconstruction = arena.Matrix(rows, 1, MemoryUse.Activations);
        UniformMix.Forward(list, logits, mixed, 0.1f);
        UniformMix.Backward(list, logits, Draw(list, arena, rows, 2), pulled, 0.1f);
        Softmax.LogForward(list, logits, joint);
        JointCodes.Expectation(list, joint, Draw(list, arena, rows, 3), reconstruction);
        return [mixed, pulled, joint, reconstruction];
    });

    // Both sides compute in float32 and add in another order; the numbers are of order one.
    private void Verify(int rows, Func<LaunchList, Arena, Matrix[]> record)
    {
        float[][] expected = Results(lanes!, record), actual = Results(warps!, record);
        for (int i = 0; i < expected.Length; i++)
            Assert.That(actual[i], Is.EqualTo(expected[i]).Within(2e-5f), $"result {i} of {rows} rows");
    }

    private static float[][] Results(ComputeDevice device, Func<LaunchList, Arena, Matrix[]> record)
    {
        using Arena arena = new(device);
        LaunchList list = new(device);
        Matrix[] results = record(list, arena);
        list.Replay();
        device.Wait();
        return [.. results.Select(result => device.Download(result.View))];
    }

    private Matrix Draw(LaunchList list, Arena arena, int rows, int seed, bool masked = false)
    {
        float[] values = Draws.Normal(new Random(seed), rows * k);
        if (masked)
            values[k + 1] = float.NegativeInfinity;
        Matrix matrix = Empty(arena, rows);
        list.Device.Upload<float>(matrix.View, values);
        return matrix;
    }

    private static Matrix Column(LaunchList list, Arena arena, int rows, int seed)
    {
        Matrix column = arena.Matrix(rows, 1, MemoryUse.Activations);
        list.Device.Upload<float>(column.View, Draws.Normal(new Random(seed), rows));
        return column;
    }

    private Codes Hard(Arena arena, int rows) => Codes.Hard(arena.Allocate<int>(rows, MemoryUse.Codes), rows, 1, k);

    private static Matrix OneHotRowsOf(LaunchList list, Arena arena, Codes codes)
    {
        Matrix rows = arena.Matrix(codes.Rows, codes.Width, MemoryUse.Activations);
        OneHotRows.Record(list, codes, rows);
        return rows;
    }

    private Matrix Empty(Arena arena, int rows) => arena.Matrix(rows, k, MemoryUse.Activations);

    private static ArrayView<StepState> State(LaunchList list, Arena arena)
    {
        ArrayView<StepState> state = arena.Allocate<StepState>(1, MemoryUse.Activations);
        list.Device.Upload<StepState>(state, [new StepState { Step = 3, Scheduled = { Beta = 0.7f, Temperature = 0.8f } }]);
        return state;
    }
}
