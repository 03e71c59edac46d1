using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.Estimators;

/// <summary>What the suites of the estimators' kernels share: results in guard bands, and logits worth a test.</summary>
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

    /// <summary>What <paramref name="record"/> writes into a [rows, columns] result that starts as <paramref name="initial"/>.</summary>
    protected float[] Result(int rows, int columns, Action<LaunchList, Matrix> record, float[]? initial = null)
    {
        GuardedMatrix result = new(Device, Arena, rows, columns);
        if (initial is not null)
            Device.Upload<float>(result.Matrix.View, initial);
        Run(list => record(list, result.Matrix));
        return result.Download();
    }

    /// <summary>The one-hot rows [rows, variables k] of the hard codes that <paramref name="record"/> writes.</summary>
    protected float[] ResultCodes(int rows, int variables, int k, Action<LaunchList, Codes> record)
    {
        GuardedCodes result = new(Device, Arena, rows, variables, k);
        Run(list => record(list, result.Codes));
        return result.DownloadRows();
    }
}
