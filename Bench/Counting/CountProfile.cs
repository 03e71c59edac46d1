using System.Globalization;
using IlgpuVae.Bench.Works;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Bench.Counting;

/// <summary>
/// The work of every kernel and of the training steps, each counted once, and the least time that it leaves an H200: a bound, no measurement.
/// </summary>
internal sealed class CountProfile(ComputeDevice device, string? only, TextWriter output)
{
    /// <summary>Who a counted row is by: nobody who measured.</summary>
    internal const string Provider = "counted, not measured";

    // The largest step would be interpreted for half an hour, and its kernels are those of the others.
    private const int LargestBatch = 512;

    private readonly WorkCounter counter = new(device);

    /// <summary>Counts all of it; <paramref name="keep"/> gets the rows so far after each part.</summary>
    internal IReadOnlyList<BenchRow> Run(Action<IReadOnlyList<BenchRow>> keep)
    {
        List<BenchRow> rows = [];
        output.WriteLine("Counted, not measured: the least time an H200 needs for this work, without latency, caches, occupancy or launches.");
        output.WriteLine(Title);
        foreach (KernelWork work in KernelWorks.All(device, ProfileSize.Counted))
        {
            Add(Kernels(work, (name, shape) => rows.Any(row => row.Key == (name, shape))));
            keep(rows);
        }

        foreach (StepWork work in StepWorks.All(device).Where(work => work.Batch <= LargestBatch && IsWanted($"{work.Work} {work.Shape}")))
        {
            Add([Step(work)]);
            keep(rows);
        }

        return rows;

        void Add(IEnumerable<BenchRow> counted)
        {
            foreach (BenchRow row in counted)
            {
                rows.Add(row);
                Show(row);
            }
        }
    }

    private bool IsWanted(string name) => only is null || name.Contains(only, StringComparison.Ordinal);

    private IEnumerable<BenchRow> Kernels(KernelWork work, Func<string, string, bool> isSeen)
    {
        using Arena arena = new(device);
        WorkInputs inputs = new(device, arena, work.Tf32);
        work.Record(inputs);
        if (!inputs.List.Launches.Any(launch => IsWanted(work.Name ?? launch.Name)))
            yield break;
        foreach (Launch launch in inputs.List.Launches)
        {
            // All of them run, in order: a kernel may read what one before it wrote.
            WorkCounts? counts = counter.Count(launch);
            string name = work.Name ?? launch.Name;
            if (counts is not null && IsWanted(name) && !isSeen(name, work.Shape))
                yield return Row(name, work.Shape, counts, launch.Cost) with { Launches = 1, Held = launch.Shape.Length > 0 ? launch.Shape : null };
        }
    }

    private BenchRow Step(StepWork work)
    {
        (DiscreteVae vae, TrainingStep step) = work.Open(device, asGraph: false);
        using DiscreteVae model = vae;
        using TrainingStep run = step;
        (Launch Launch, WorkCounts? Counts)[] counted = [.. step.Launches.Select(launch => (launch, counter.Count(launch)))];
        KernelCost cost = step.Launches.Aggregate(default(KernelCost), (sum, launch) => sum + launch.Cost);
        KernelShare[] kernels =
        [
            .. counted.Where(each => each.Counts is not null).GroupBy(each => (each.Launch.Name, each.Launch.Shape)).Select(same =>
            {
                WorkCounts sum = same.Select(each => each.Counts!).Aggregate((one, other) => one + other);
                return new KernelShare(
                    same.Key.Name, same.Count(), sum.FilledUs / 1e3, same.Sum(each => each.Launch.Cost.Bytes), same.Sum(each => each.Launch.Cost.Flops))
                {
                    Held = same.Key.Shape.Length > 0 ? same.Key.Shape : null,
                    Counts = sum,
                };
            }).OrderByDescending(kernel => kernel.Ms),
        ];
        return Row(work.Work, work.Shape, kernels.Select(kernel => kernel.Counts!).Aggregate((one, other) => one + other), cost) with
        {
            Launches = step.Launches.Count,
            Kernels = kernels,
        };
    }

    // The time of a row is the bound, so that two files can be compared.
    private static BenchRow Row(string name, string shape, WorkCounts counts, KernelCost cost)
    {
        double ms = counts.FilledUs / 1e3;
        return new()
        {
            Provider = Provider,
            Work = name,
            Shape = shape,
            Ms = new Percentiles(ms, ms, ms),
            Bytes = cost.Bytes,
            Flops = cost.Flops,
            Clock = Provider,
            Counts = counts,
        };
    }

    private static string Title =>
        $"{"kernel",-30} {"shape",-30} {"filled us",10} {"bound us",10} {"binds",-7} {"s/fewest",8} {"conflicts",9} {"lanes",5} {"blocks",7}";

    private void Show(BenchRow row)
    {
        output.WriteLine(Line(row.Work, row.Shape, row.Counts!, row.Held));
        if (row.Kernels is not { } kernels)
            return;
        foreach (KernelShare kernel in kernels)
            output.WriteLine(Line($"  {kernel.Work}", $"{kernel.Launches} launches", kernel.Counts!, kernel.Held));
        string idlest = string.Join(", ", Idlest(kernels));
        int others = row.Launches!.Value - kernels.Sum(kernel => kernel.Launches);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {row.Launches} launches{(others > 0 ? $", {others} of them a library's and not counted" : string.Empty)}; multiprocessors without a block "
                + $"or in a last round keep it {100 * (1 - (row.Counts!.BoundUs / row.Counts.FilledUs)):F0} % idle, most in {idlest}"));
    }

    private static IEnumerable<string> Idlest(IEnumerable<KernelShare> kernels) => kernels
        .OrderByDescending(kernel => kernel.Counts!.FilledUs - kernel.Counts.BoundUs)
        .Take(3)
        .Select(kernel => string.Create(CultureInfo.InvariantCulture, $"{kernel.Work} ({kernel.Counts!.FilledUs - kernel.Counts.BoundUs:F2} us)"));

    private static string Line(string name, string shape, WorkCounts counts, string? held) => string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-30} {shape,-30} {counts.FilledUs,10:F3} {counts.BoundUs,10:F3} {counts.Binds,-7} {counts.SectorsOverFewest,8:F2} "
            + $"{counts.ConflictsPerAccess,9:F3} {counts.LanesPerInstruction,5:F1} {counts.Blocks,7} {held}").TrimEnd();
}
