using System.Numerics;
using IlgpuVae.Kernels;

namespace IlgpuVae.Tests.Reference;

/// <summary>The estimators' formulas as the papers write them, for one variable or one example at a time, in either precision.</summary>
public static class EstimatorReference
{
    /// <summary>softmax(l / t).</summary>
    public static T[] Softmax<T>(T[] logits, double t = 1)
        where T : struct, IFloatingPointIeee754<T> => SoftmaxReference.Softmax(Array.ConvertAll(logits, l => l / T.CreateChecked(t)));

    /// <summary>a d log q(z) / dl = a (z - q).</summary>
    public static T[] Score<T>(T[] logits, T[] code, T advantage)
        where T : struct, IFloatingPointIeee754<T> => [.. code.Zip(Softmax(logits), (z, q) => advantage * (z - q))];

    /// <summary>f less the mean of the example's other samples.</summary>
    public static T[] LeaveOneOut<T>(T[] f, int samples)
        where T : struct, IFloatingPointIeee754<T> => [.. f.Select((value, row) =>
        {
            T others = SoftmaxReference.Sum(ByRow.Row(f, row / samples, samples).Where((_, other) => other != row % samples));
            return value - (others / T.CreateChecked(samples - 1));
        })];

    /// <summary>Bengio, Leonard, Courville 2013: the sample's gradient passes through softmax(l / t).</summary>
    public static T[] Plain<T>(T[] logits, T[] g, double t)
        where T : struct, IFloatingPointIeee754<T> => [.. SoftmaxReference.Backward(Softmax(logits, t), g).Select(value => value / T.CreateChecked(t))];

    /// <summary>Liu et al. 2023, algorithm 2: 2 J(pi_1)^T g - 1/2 J(pi_0)^T g, pi_1 = (softmax(l / t) + z) / 2.</summary>
    public static T[] ReinMax<T>(T[] logits, T[] code, T[] g, double t)
        where T : struct, IFloatingPointIeee754<T>
    {
        T half = T.CreateChecked(0.5), two = T.CreateChecked(2);
        T[] middle = SoftmaxReference.Backward([.. Softmax(logits, t).Zip(code, (p, z) => half * (p + z))], g);
        return [.. middle.Zip(SoftmaxReference.Backward(Softmax(logits), g), (first, second) => (two * first) - (half * second))];
    }

    /// <summary>Mnih and Rezende 2016, equations 5 to 9: the bound, the signals L - L_-s - v_s and the normalised weights v_s.</summary>
    public static (T Bound, T[] Signals, T[] Weights) Vimco<T>(T[] logWeights, VimcoMean mean)
        where T : struct, IFloatingPointIeee754<T>
    {
        T s = T.CreateChecked(logWeights.Length);
        T bound = SoftmaxReference.LogSumExp(logWeights) - T.Log(s);
        T[] weights = [.. logWeights.Select(w => T.Exp(w - SoftmaxReference.LogSumExp(logWeights)))];
        T[] signals = [.. logWeights.Select((_, i) =>
        {
            T[] others = [.. logWeights.Where((_, j) => j != i)];
            T standIn = mean == VimcoMean.Geometric ? SoftmaxReference.Sum(others) / (s - T.One) : SoftmaxReference.LogSumExp(others) - T.Log(s - T.One);
            return bound - (SoftmaxReference.LogSumExp([.. others, standIn]) - T.Log(s)) - weights[i];
        })];
        return (bound, signals, weights);
    }

    /// <summary>Dong, Mnih, Tucker 2020, equation 9: dE/dphi from an antithetic pair (b, b').</summary>
    public static T Disarm<T>(int b, int antithetic, T f, T antitheticF, T phi)
        where T : struct, IFloatingPointIeee754<T>
    {
        T sign = antithetic == 0 ? T.One : -T.One;
        return b == antithetic ? T.Zero : T.CreateChecked(0.5) * (f - antitheticF) * sign / (T.One + T.Exp(-T.Abs(phi)));
    }

    /// <summary>Burda et al. 2016: log p(x | z) + log p(z) - log q(z | x) of one code.</summary>
    public static T LogWeight<T>(T[] code, T logLikelihood, T[] logPosterior, T[] logPrior)
        where T : struct, IFloatingPointIeee754<T> =>
        logLikelihood
            + SoftmaxReference.Sum(Enumerable.Range(0, code.Length).Where(i => code[i] > T.Zero).Select(i => code[i] * (logPrior[i] - logPosterior[i])));
}
