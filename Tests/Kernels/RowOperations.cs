using IlgpuVae.Kernels;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Every operation that is a row kernel; a new one is entered here.</summary>
internal static class RowOperations
{
    /// <summary>All entries, an operation's variants side by side.</summary>
    public static IEnumerable<RowOperation> All =>
    [
        .. Enum.GetValues<Softmax.Output>().Select(output => new SoftmaxForward(output)),
        new SoftmaxBackward(),
        new UniformMixForward(0.01f),
        new UniformMixForward(0.5f),
        new UniformMixBackward(0.01f),
        new UniformMixBackward(0.5f),
        new Noise(),
        new Samples(1),
        new Samples(2),
        .. new[] { 0.01f, 0.1f, 0.8f, 10f }.Select(temperature => new GumbelSoftmaxForward(temperature)),
        .. new[] { 0.01f, 0.8f, 10f }.Select(temperature => new GumbelSoftmaxBackward(temperature)),
        .. Enum.GetValues<PriorRows>().Select(prior => new CategoricalPassOperation(prior)),
        new CategoricalPassOperation(PriorRows.Each, new() { PosteriorWeight = 0.3f, PriorWeight = 1.75f, InformationWeight = 0.5f, FreeBits = 0.8f }),
        new MarginalKlOperation(PriorRows.None),
        new MarginalKlOperation(PriorRows.Variables),
        new MarginalKlOperation(PriorRows.Each),
        new LogMarginalOperation(PriorRows.One),
        new LogMarginalOperation(PriorRows.Variables),
        new LogMarginalOperation(PriorRows.Each),
        new ImportanceBoundOperation(),
        new JointExpectation(),
        .. Enum.GetValues<StraightThroughRule>().Select(rule => new StraightThroughOperation(rule)),
        new ScoreFunctionOperation(hard: true, accumulate: true, shared: false),
        new ScoreFunctionOperation(hard: false, accumulate: false, shared: false),
        new ScoreFunctionOperation(hard: true, accumulate: false, shared: true),
        new ScoreFunctionOperation(hard: false, accumulate: true, shared: true),
        new GumbelRaoOperation(),
        new RebarSampling(1),
        new RebarSampling(2),
        new RebarBackward(1, network: false),
        new RebarBackward(1, network: true),
        new RebarBackward(2, network: true),
        new RelaxDirections(),
        new LocalExpectationBackward(),
        new LocalReconstruction(),
    ];
}
