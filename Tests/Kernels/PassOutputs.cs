using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Which outputs of the categorical pass to check.</summary>
[Flags]
public enum PassParts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>KL of each row.</summary>
    Kl = 1,

    /// <summary>Expected reconstruction of each row.</summary>
    Reconstruction = 2,

    /// <summary>Gradient with respect to the logits.</summary>
    LogitsGrad = 4,

    /// <summary>Gradient with respect to the prior's logits.</summary>
    PriorGrad = 8,

    /// <summary>Gradient with respect to the log-likelihoods.</summary>
    LogLikelihoodsGrad = 16,

    /// <summary>Everything.</summary>
    All = 31,
}

/// <summary>Guarded outputs of the categorical pass and their check against float64.</summary>
public sealed class PassOutputs(ComputeDevice device, Arena arena, int rows, int k)
{
    /// <summary>KL, [R, 1].</summary>
    public GuardedMatrix Kl { get; } = new(device, arena, rows, 1);

    /// <summary>Expected reconstruction, [R, 1].</summary>
    public GuardedMatrix Reconstruction { get; } = new(device, arena, rows, 1);

    /// <summary>Gradient with respect to the logits, [R, K].</summary>
    public GuardedMatrix LogitsGrad { get; } = new(device, arena, rows, k);

    /// <summary>Gradient with respect to each row's prior logits, [R, K].</summary>
    public GuardedMatrix PriorGrad { get; } = new(device, arena, rows, k);

    /// <summary>Gradient with respect to the log-likelihoods, [R, K].</summary>
    public GuardedMatrix LogLikelihoodsGrad { get; } = new(device, arena, rows, k);

    /// <summary>The pass from these inputs to all outputs; the prior's gradient only where there is a prior.</summary>
    public CategoricalTerms Terms(Matrix logits, Matrix? prior, Matrix f) => new()
    {
        Logits = logits,
        Prior = prior,
        LogLikelihoods = f,
        Kl = Kl.Matrix,
        Reconstruction = Reconstruction.Matrix,
        LogitsGrad = LogitsGrad.Matrix,
        PriorGrad = prior is null ? null : PriorGrad.Matrix,
        LogLikelihoodsGrad = LogLikelihoodsGrad.Matrix,
    };

    /// <summary>Checks the outputs in <paramref name="parts"/>.</summary>
    public void Verify(
        string what, float[] logits, float[]? prior, float[]? f, float beta, float scale, PassParts parts = PassParts.All, KlObjective? objective = null)
    {
        CategoricalPassReference<double>[] exact = Rows<double>(logits, prior, f, beta, scale, objective);
        CategoricalPassReference<float>[] naive = Rows<float>(logits, prior, f, beta, scale, objective);
        (double Kl, double Reconstruction, double Grad)[] magnitudes = [.. Enumerable.Range(0, rows).Select(row => CategoricalPassReference<double>.Magnitudes(
            Row<double>(logits, row)!, Row<double>(prior, row), Row<double>(f, row), beta, scale))];

        if (parts.HasFlag(PassParts.Kl))
            Tolerance.Check($"KL, {what}", Kl.Download(), [.. exact.Select(r => r.Kl)], [.. naive.Select(r => r.Kl)], 1, [.. magnitudes.Select(m => m.Kl)]);
        if (parts.HasFlag(PassParts.Reconstruction))
        {
            Tolerance.Check(
                $"reconstruction, {what}",
                Reconstruction.Download(),
                [.. exact.Select(r => r.Reconstruction)],
                [.. naive.Select(r => r.Reconstruction)],
                1,
                [.. magnitudes.Select(m => m.Reconstruction)]);
        }

        if (parts.HasFlag(PassParts.LogitsGrad))
        {
            double[] grad = [.. exact.SelectMany(r => r.LogitsGrad)];
            Tolerance.Check(
                $"logits' gradient, {what}", LogitsGrad.Download(), grad, [.. naive.SelectMany(r => r.LogitsGrad)], k, [.. magnitudes.Select(m => m.Grad)]);
        }

        if (parts.HasFlag(PassParts.PriorGrad) && prior is not null)
        {
            double[] grad = [.. exact.SelectMany(r => r.PriorGrad)];
            double[] largest = [.. exact.Select(r => r.LogLikelihoodsGrad.Any(double.IsNaN) ? 0 : beta * r.LogLikelihoodsGrad.Max(Math.Abs))];
            Tolerance.Check($"prior's gradient, {what}", PriorGrad.Download(), grad, [.. naive.SelectMany(r => r.PriorGrad)], k, largest);
        }

        if (parts.HasFlag(PassParts.LogLikelihoodsGrad))
        {
            double[] grad = [.. exact.SelectMany(r => r.LogLikelihoodsGrad)];
            Tolerance.Check($"likelihoods' gradient, {what}", LogLikelihoodsGrad.Download(), grad, [.. naive.SelectMany(r => r.LogLikelihoodsGrad)], k);
        }
    }

    private CategoricalPassReference<T>[] Rows<T>(float[] logits, float[]? prior, float[]? f, float beta, float scale, KlObjective? objective)
        where T : System.Numerics.IFloatingPointIeee754<T> =>
        [.. Enumerable.Range(0, rows).Select(row => CategoricalPassReference<T>.Of(
            Row<T>(logits, row)!, Row<T>(prior, row), Row<T>(f, row), T.CreateChecked(beta), T.CreateChecked(scale), objective))];

    // A prior has fewer rows where rows share it: row r uses prior row r mod P.
    private T[]? Row<T>(float[]? values, int row)
        where T : System.Numerics.IFloatingPointIeee754<T> =>
        values is null ? null : ByRow.As<T>(ByRow.Row(values, row % (values.Length / k), k));
}
