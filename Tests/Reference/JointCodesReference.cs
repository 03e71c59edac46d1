using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>All K^N codes of N categorical variables, enumerated: variable 0 turns slowest.</summary>
public static class JointCodesReference
{
    /// <summary>The digits of every code in order, by counting up like an odometer.</summary>
    public static int[][] Codes(int n, int k)
    {
        IEnumerable<int[]> codes = [[]];
        for (int variable = 0; variable < n; variable++)
            codes = codes.SelectMany(code => Enumerable.Range(0, k).Select(digit => (int[])[.. code, digit]));
        return [.. codes];
    }

    /// <summary>log q(s) = sum_n log q_n(s_n) for one example's log-probabilities [N, K].</summary>
    public static T[] LogProbabilities<T>(T[] logProbabilities, int[][] codes, int k) where T : IFloatingPointIeee754<T> =>
        [.. codes.Select(code => SoftmaxReference.Sum(code.Select((digit, variable) => logProbabilities[(variable * k) + digit])))];

    /// <summary>E = sum_s q(s) F(s); an impossible code adds nothing, whatever its F.</summary>
    public static T Expectation<T>(T[] jointLog, T[] f) where T : IFloatingPointIeee754<T> =>
        SoftmaxReference.Sum(jointLog.Zip(f, (log, value) => log == T.NegativeInfinity ? T.Zero : T.Exp(log) * value));

    /// <summary>dE/dl [N, K]: the expectation restricted to s_n = k, less q_nk E.</summary>
    public static T[] Gradient<T>(T[] q, T[] f, T e, T[] logProbabilities, int[][] codes, int k) where T : IFloatingPointIeee754<T>
    {
        T[] gradient = new T[logProbabilities.Length];
        for (int i = 0; i < gradient.Length; i++)
        {
            IEnumerable<int> with = Enumerable.Range(0, codes.Length).Where(s => codes[s][i / k] == i % k && q[s] != T.Zero);
            gradient[i] = SoftmaxReference.Sum(with.Select(s => q[s] * f[s])) - (T.Exp(logProbabilities[i]) * e);
        }

        return gradient;
    }

    /// <summary>
    /// The expectation as a function of the logits [N, K], by products of softmax probabilities: nothing shared with the methods above but the order.
    /// </summary>
    public static double BruteForce(double[] logits, double[] f, int n, int k)
    {
        double[][] q = [.. Enumerable.Range(0, n).Select(variable => SoftmaxReference.Softmax(ByRow.Row(logits, variable, k)))];
        return Codes(n, k).Select((code, s) => f[s] * code.Select((digit, variable) => q[variable][digit]).Aggregate(1.0, (a, b) => a * b)).Sum();
    }
}
