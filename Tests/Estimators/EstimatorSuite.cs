namespace IlgpuVae.Tests.Estimators;

/// <summary>What the suites of estimators in expectation share: logits worth a test.</summary>
public abstract class EstimatorSuite(Target target) : AcceleratorSuite(target)
{
    /// <summary>Logits of one variable: ordinary ones, near-deterministic ones, and a masked category.</summary>
    protected static IEnumerable<float[]> Logits { get; } =
    [
        [0.3f, -0.7f],
        [8f, -6f],
        [float.NegativeInfinity, 0.5f],
        [0.2f, -1.1f, 0.7f],
        [-2f, 12f, 0.5f],
        [1.5f, float.NegativeInfinity, 0.4f],
        [0.1f, -0.4f, 1.2f, 0.9f, -2.1f, 0f, 0.6f],
        [0f, -1f, 1f, 0.5f, 0.2f, 15f, 0.1f],
        [0.3f, 1.1f, float.NegativeInfinity, -0.2f, 0.8f, float.NegativeInfinity, -1f],
    ];
}
