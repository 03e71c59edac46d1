using System.Numerics;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>One shape of the joint-code kernels; each kernel gets the reference's inputs, so that an error stays where it was made.</summary>
public sealed class JointCodesCase
{
    private readonly ComputeDevice device;
    private readonly Arena arena;
    private readonly int rows, n, k;
    private readonly float scale;
    private readonly string what;
    private readonly int[][] codes;
    private readonly float[] log, jointLog, q, f, e, before;

    public JointCodesCase(ComputeDevice device, Arena arena, InputKind kind, int rows, int n, int k, float scale)
    {
        (this.device, this.arena, this.rows, this.n, this.k, this.scale) = (device, arena, rows, n, k, scale);
        what = $"{kind}, {rows} examples of {n} variables of {k}";
        codes = JointCodesReference.Codes(n, k);
        log = ByRow.Map<float>(RowInputs.Make(kind, rows * n, k, 1), k, SoftmaxReference.LogSoftmax);
        jointLog = Narrow(Joint<double>());
        q = Array.ConvertAll(jointLog, MathF.Exp);
        f = RowInputs.LogLikelihoods(rows, codes.Length, 2);
        e = Narrow(Expectation<double>());
        before = RowInputs.Make(InputKind.Normal, rows, n * k, 3);
    }

    /// <summary>Joint log-probabilities, expectations, q, the logits' gradient and the log-likelihoods' gradient.</summary>
    public float[][] Compute(Action<Action<LaunchList>> run)
    {
        int s = codes.Length;
        GuardedMatrix joint = new(device, arena, rows, s), reconstruction = new(device, arena, rows, 1), fGrad = new(device, arena, rows, s);
        Matrix jointInPlace = Upload(jointLog, s), qMatrix = Upload(q, s), fMatrix = Upload(f, s), logMatrix = Upload(log, n * k), grad = Upload(before, n * k);
        run(list =>
        {
            JointCodes.LogProbabilities(list, logMatrix, joint.Matrix, n, k);
            JointCodes.Expectation(list, jointInPlace, fMatrix, reconstruction.Matrix);
            JointCodes.Backward(list, qMatrix, fMatrix, Upload(e, 1), logMatrix, grad, n, k, scale);
            JointCodes.LogLikelihoodsGrad(list, qMatrix, fGrad.Matrix, scale);
        });
        return [joint.Download(), reconstruction.Download(), device.Download(jointInPlace.View), device.Download(grad.View), fGrad.Download()];
    }

    /// <summary>Computes and checks everything.</summary>
    public void Verify(Action<Action<LaunchList>> run)
    {
        int s = codes.Length;
        float[][] actual = Compute(run);

        // A sum of N log-probabilities is as good as the largest of them; an expectation as the mean size of what it averages.
        double[] logs =
        [
            .. Enumerable.Range(0, rows)
            .Select(row => ByRow.Row(log, row, n * k).Where(float.IsFinite).Select(x => Math.Abs((double)x)).DefaultIfEmpty(0).Max()),
        ];
        double[] sizes = [.. Enumerable.Range(0, rows).Select(row => Size(ByRow.Row(q, row, s), ByRow.Row(f, row, s)))];
        Tolerance.Check($"joint log-probabilities, {what}", actual[0], Joint<double>(), Joint<float>(), s, logs);
        Tolerance.Check($"expectation, {what}", actual[1], Expectation<double>(), Expectation<float>(), 1, sizes);
        Tolerance.Check($"joint probabilities, {what}", actual[2], Array.ConvertAll(jointLog, x => Math.Exp(x)), q, s);
        Tolerance.Check($"logits' gradient, {what}", actual[3], Gradient<double>(), Gradient<float>(), n * k, Array.ConvertAll(sizes, x => scale * x));
        Assert.That(actual[4], Is.EqualTo(Array.ConvertAll(q, x => -scale * x)), $"log-likelihoods' gradient, {what}");
    }

    private T[] Joint<T>() where T : IFloatingPointIeee754<T> => ByRow.Map<T>(log, n * k, row => JointCodesReference.LogProbabilities(row, codes, k));

    private T[] Expectation<T>() where T : IFloatingPointIeee754<T> =>
        ByRow.Map<T>(jointLog, f, codes.Length, (j, x) => [JointCodesReference.Expectation(j, x)]);

    private T[] Gradient<T>() where T : IFloatingPointIeee754<T> =>
    [
        .. Enumerable.Range(0, rows).SelectMany(row => JointCodesReference.Gradient(
            Row<T>(q, row, codes.Length), Row<T>(f, row, codes.Length), T.CreateChecked(e[row]), Row<T>(log, row, n * k), codes, k)
            .Zip(Row<T>(before, row, n * k), (g, b) => b - (T.CreateChecked(scale) * g))),
    ];

    private Matrix Upload(float[] values, int columns)
    {
        Matrix matrix = arena.Matrix(rows, columns, MemoryUse.Activations);
        device.Upload<float>(matrix.View, values);
        return matrix;
    }

    private static T[] Row<T>(float[] values, int row, int columns) where T : IFloatingPointIeee754<T> => ByRow.As<T>(ByRow.Row(values, row, columns));

    private static double Size(float[] q, float[] f) => q.Any(float.IsNaN) ? 0 : q.Zip(f, (a, b) => (double)a * Math.Abs(b)).Sum();

    private static float[] Narrow(double[] values) => Array.ConvertAll(values, x => (float)x);
}
