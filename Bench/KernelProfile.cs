using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>Every kernel on shapes of real training, against the copy bandwidth measured in the same run.</summary>
internal sealed class KernelProfile(ComputeDevice device, bool quick, string? only)
{
    // Several sets of inputs, used in turn, so that a cache does not serve what training would read from memory.
    private const int Sets = 3;
    private const ulong Seed = 1;

    private readonly Timing timing = new(device, quick);
    private readonly List<BenchRow> rows = [];

    private int Scale => quick ? 1 : 4;

    internal (double CopyGbPerS, IReadOnlyList<BenchRow> Rows) Run(Action<BenchRow> measured)
    {
        double copy = MeasureCopy();
        foreach ((string shape, Action<LaunchList, Arena> record) in Works())
        {
            using Arena arena = new(device);
            LaunchList[] sets = [.. Enumerable.Range(0, Sets).Select(_ => Recorded(record, arena))];
            for (int launch = 0; launch < sets[0].Launches.Count; launch++)
            {
                int next = 0;
                Launch first = sets[0].Launches[launch];
                if (only is not null && !first.Name.Contains(only, StringComparison.Ordinal))
                    continue;
                Percentiles ms = timing.Measure(() => sets[next++ % Sets].Launches[launch].Run(device.Stream));
                BenchRow row = Row(first, shape, ms, copy);
                rows.Add(row);
                measured(row);
            }
        }

        return (copy, rows);
    }

    private static BenchRow Row(Launch launch, string shape, Percentiles ms, double copy)
    {
        double gb = launch.Cost.Bytes / ms.P50 / 1e6;
        return new BenchRow
        {
            Provider = "ilgpu-vae",
            Work = launch.Name,
            Shape = shape,
            Ms = ms,
            Bytes = launch.Cost.Bytes,
            Flops = launch.Cost.Flops,
            GbPerS = gb,
            GflopPerS = launch.Cost.Flops / ms.P50 / 1e6,
            PercentOfCopy = 100 * gb / copy,
            Launches = 1,
        };
    }

    private LaunchList Recorded(Action<LaunchList, Arena> record, Arena arena)
    {
        LaunchList list = new(device);
        record(list, arena);
        return list;
    }

    private double MeasureCopy()
    {
        using Arena arena = new(device);
        int n = 16 << 20;
        ArrayView<float> from = arena.Allocate<float>(n, MemoryUse.Data), to = arena.Allocate<float>(n, MemoryUse.Data);
        LaunchList list = new(device);
        list.Elements("copy", n, new CopyBody(from, to), KernelCost.Floats(2L * n, 0));
        return list.Launches[0].Cost.Bytes / timing.Measure(list.Replay).P20 / 1e6;
    }

    private IEnumerable<(string Shape, Action<LaunchList, Arena> Record)> Works()
    {
        int rowsCount = 16384 * Scale;
        foreach (int k in new[] { 10, 64, 1024 })
        {
            int r = Math.Max(64, rowsCount * 16 / k);
            yield return ($"R={r} K={k}", (list, arena) => CategoricalWork(list, arena, r, k));
        }

        int b = 128 * Scale;
        yield return ($"R={b} D=784", (list, arena) => LikelihoodWork(list, arena, b, 784));
        foreach ((int m, int n, int k) in new[] { (1024, 1024, 1024), (128, 784, 256), (100, 512, 784), (784, 512, 100) })
        {
            yield return ($"{m}x{n}x{k}", (list, arena) =>
                MatMul.Record(list, Filled(list, arena, m, k), Filled(list, arena, k, n), arena.Matrix(m, n, MemoryUse.Activations)));
        }

        int p = 1_000_000;
        yield return ($"P={p}", (list, arena) => Optimiser.Record(
            list, State(arena), new OptimiserRule(OptimiserKind.Adam), arena.Allocate<float>(p, MemoryUse.Parameters), Filled(list, arena, 1, p).View, arena.Allocate<float>(p, MemoryUse.Parameters), arena.Allocate<float>(p, MemoryUse.Parameters)));
        yield return ($"P={p}", (list, arena) => GradientNorm.Record(list, Filled(list, arena, 1, p).View, arena.Matrix(1, GradientNorm.Partials, MemoryUse.Parameters)));
        yield return ("R=1024 C=512", (list, arena) => ColumnSum.Record(list, Filled(list, arena, 1024, 512), arena.Matrix(1, 512, MemoryUse.Activations)));
    }

    private void CategoricalWork(LaunchList list, Arena arena, int r, int k)
    {
        ArrayView<StepState> state = State(arena);
        Matrix logits = Filled(list, arena, r, k), logLikelihoods = Filled(list, arena, r, k);
        Matrix a = arena.Matrix(r, k, MemoryUse.Activations), bMatrix = arena.Matrix(r, k, MemoryUse.Activations);
        Matrix kl = arena.Matrix(r, 1, MemoryUse.Activations), reconstruction = arena.Matrix(r, 1, MemoryUse.Activations);
        Softmax.Forward(list, logits, a);
        Softmax.LogForward(list, logits, a);
        GumbelSoftmax.Forward(list, state, logits, a, null, Seed, Randomness.Codes);
        GumbelSoftmax.Backward(list, state, a, logLikelihoods, bMatrix);
        CategoricalSample.Record(list, state, logits, a, Seed, Randomness.Codes);
        CategoricalPass.Record(
            list,
            new CategoricalTerms { Logits = logits, LogLikelihoods = logLikelihoods, Kl = kl, Reconstruction = reconstruction, LogitsGrad = a, LogLikelihoodsGrad = bMatrix },
            state,
            1f / r);
    }

    private void LikelihoodWork(LaunchList list, Arena arena, int b, int d)
    {
        Matrix outputs = Filled(list, arena, b, d), data = Filled(list, arena, b, d);
        RowLikelihood.Record(
            list,
            "bernoulli.rows",
            new LikelihoodRows { Outputs = outputs, Statistic = data, LogLikelihood = arena.Matrix(b, 1, MemoryUse.Codes), OutputsGrad = arena.Matrix(b, d, MemoryUse.Activations), Weight = -1f / b },
            default(BernoulliLikelihood),
            d);
    }

    private ArrayView<StepState> State(Arena arena)
    {
        ArrayView<StepState> state = arena.Allocate<StepState>(1, MemoryUse.Parameters);
        device.Upload<StepState>(state, [new StepState { Step = 1, Beta = 1f, Temperature = 0.7f, GradientScale = 1f, LearningRate = 1e-3f, FirstMomentPower = 0.9f, SecondMomentPower = 0.999f }]);
        return state;
    }

    // Gumbel noise makes realistic inputs, outliers included.
    private Matrix Filled(LaunchList list, Arena arena, int rowCount, int columns)
    {
        Matrix matrix = arena.Matrix(rowCount, columns, MemoryUse.Activations);
        LaunchList fill = new(list.Device);
        GumbelNoise.Record(fill, State(arena), matrix, Seed, Randomness.Initialisation);
        fill.Replay();
        device.Wait();
        return matrix;
    }

    internal readonly struct CopyBody(ArrayView<float> from, ArrayView<float> to) : IElementBody
    {
        public void At(int i) => to[i] = from[i];
    }
}
