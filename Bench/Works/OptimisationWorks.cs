using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench.Works;

/// <summary>What every step does around the model: clock, batch, gradient norm, update; and the statistics of an audit.</summary>
internal static class OptimisationWorks
{
    private const int Pixels = 784;
    private const int Batch = 512;

    internal static IEnumerable<KernelWork> All(ProfileSize size)
    {
        OptimiserRule adam = new(OptimiserKind.Adam), sgd = new(OptimiserKind.Sgd);
        if (size.Huge > 0)
            yield return Update(adam, size.Huge) with { Name = "adam" };
        yield return Update(adam, size.Elements) with { Name = "adam" };
        yield return Update(sgd, size.Elements);
        yield return new KernelWork($"P={size.Elements}", inputs =>
        {
            Matrix gradient = inputs.Filled(1, size.Elements), exact = inputs.Filled(1, size.Elements);
            GradientNorm.Record(inputs.List, gradient.View, inputs.Empty(1, GradientNorm.Partials));
            GradientMoments.Add(inputs.List, gradient, exact, inputs.Empty(1, size.Elements), inputs.Empty(1, size.Elements));
            GradientMoments.AddCosine(inputs.List, gradient, exact, inputs.Empty(1, 1));
        });
        yield return new KernelWork($"B={Batch}", Clock);
        int examples = KernelWorks.Rows(size.Elements, Pixels);
        yield return new KernelWork($"B={examples} D={Pixels} bytes", inputs => BatchGather.Record(
            inputs.List, inputs.State, inputs.Empty<byte>((long)examples * Pixels), examples, inputs.Empty(examples, Pixels), BatchOrder.Shuffled,
                DeviceBinarisation.Dynamic, KernelWorks.Seed));
        yield return new KernelWork($"B={examples} D={Pixels} numbers", inputs => BatchGather.Record(
            inputs.List, inputs.State, inputs.Filled(examples, Pixels).View, examples, inputs.Empty(examples, Pixels), BatchOrder.Shuffled, KernelWorks.Seed));
    }

    private static KernelWork Update(OptimiserRule rule, int parameters) => new(
        $"P={parameters}",
        inputs => Optimiser.Record(
            inputs.List,
            inputs.State,
            rule,
            inputs.Empty<float>(parameters),
            inputs.Filled(1, parameters).View,
            inputs.Empty<float>(parameters),
            inputs.Empty<float>(rule.Kind == OptimiserKind.Sgd ? 1 : parameters)));

    private static void Clock(WorkInputs inputs)
    {
        Schedule rate = new(ScheduleKind.Cosine, 1e-3f, 0f, 1000, 10);
        ArrayView<StepState> state = inputs.State;
        StepClock.Open(inputs.List, state, Scheduled.Default with { LearningRate = rate });
        StepClock.Close(inputs.List, state, new StepClose
        {
            Metrics = new()
            {
                Reconstruction = new(inputs.Filled(Batch, 1), Batch),
                Kl = new(inputs.Filled(Batch, 1), Batch),
                GradientNorm = new(inputs.Empty(1, GradientNorm.Partials), 1f),
            },
            ClipNorm = float.PositiveInfinity,
        });
    }
}
