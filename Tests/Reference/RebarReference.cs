using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>
/// REBAR and RELAX for one variable as Tucker et al. 2017 and Grathwohl et al. 2018 write them, with the Jacobian matrices spelt out. How the noise given the
/// winner moves with the logits is taken from its definition by differences, so that no closed form is believed; the closed forms, which have a float32, are
/// held to it.
/// </summary>
public static class RebarReference
{
    // Five-point differences: truncation and rounding are both near 1e-12 for derivatives between 0 and 1.
    private const double Step = 1e-3;

    /// <summary>
    /// ds~/dl [i, j] at the noise for which s~ = s: s~_w = logsumexp(l) - log E_w and s~_i = -log(E_i e^-l_i + e^-s~_w). Only the gaps s - s_w are known;
    /// another s_w multiplies every E by the same number and adds the same number to every s~ at all l, so 0 will do.
    /// </summary>
    public static double[][] ConditionalJacobian(double[] logits, double[] gaps) =>
        Columns(logits.Length, j => Derivative(h => Conditional(logits, gaps, Moved(logits, Unit(logits.Length, j), h))));

    /// <summary>(dy/dl - dy~/dl) v, along <paramref name="v"/>, by differences of the two relaxations themselves.</summary>
    public static double[] Direction(double[] logits, double[] gaps, double[] v, double t)
    {
        double[] free = Derivative(h => EstimatorReference.Softmax(Moved(gaps, v, h), t));
        double[] conditional = Derivative(h => EstimatorReference.Softmax(Conditional(logits, gaps, Moved(logits, v, h)), t));
        return [.. free.Zip(conditional, (a, b) => a - b)];
    }

    /// <summary>(f(b) - c) (b - q) + (ds/dl - ds~/dl)^T (dy/ds)^T g, with g = dc/dy and ds/dl the identity.</summary>
    /// <param name="logits">l.</param>
    /// <param name="code">b.</param>
    /// <param name="y">The relaxed sample.</param>
    /// <param name="advantage">f(b) - c(y~).</param>
    /// <param name="g">dc/dy.</param>
    /// <param name="t">The temperature.</param>
    /// <param name="conditional">ds~/dl.</param>
    public static T[] Estimate<T>(T[] logits, T[] code, T[] y, T advantage, T[] g, T t, T[][] conditional)
        where T : struct, IFloatingPointIeee754<T>
    {
        int k = y.Length;

        // (dy/ds)^T g, dy_i/ds_j = y_i ([i = j] - y_j) / t.
        T[] pulled =
        [
            .. Enumerable.Range(0, k)
            .Select(j => SoftmaxReference.Sum(Enumerable.Range(0, k).Select(i => g[i] * y[i] * ((i == j ? T.One : T.Zero) - y[j]) / t))),
        ];
        T[] score = EstimatorReference.Score(logits, code, advantage);
        return
        [
            .. Enumerable.Range(0, k)
            .Select(j => score[j] + pulled[j] - SoftmaxReference.Sum(Enumerable.Range(0, k).Select(i => conditional[i][j] * pulled[i]))),
        ];
    }

    /// <summary>(ds/dl - ds~/dl)^T (dy/ds)^T g in closed form: e_j u_j - q_j sum(e u), u = (dy/ds)^T g, e = e^gap.</summary>
    public static T[] Pull<T>(T[] logits, T[] gaps, T[] y, T[] g, T t)
        where T : struct, IFloatingPointIeee754<T>
    {
        T[] moved = [.. SoftmaxReference.Backward(y, g).Zip(gaps, (u, gap) => u / t * T.Exp(gap))];
        T sum = SoftmaxReference.Sum(moved);
        return [.. moved.Zip(EstimatorReference.Softmax(logits), (m, q) => m - (q * sum))];
    }

    /// <summary>(dy/dl - dy~/dl) v in closed form: dy/ds a, a = e (v - sum(q v)).</summary>
    public static T[] ClosedDirection<T>(T[] logits, T[] gaps, T[] y, T[] v, T t)
        where T : struct, IFloatingPointIeee754<T>
    {
        T mean = SoftmaxReference.Sum(EstimatorReference.Softmax(logits).Zip(v, (q, x) => q * x));
        return [.. SoftmaxReference.Backward(y, [.. gaps.Zip(v, (gap, x) => T.Exp(gap) * (x - mean))]).Select(d => d / t)];
    }

    /// <summary>s~ at other logits, with the noise for which it is <paramref name="gaps"/> at <paramref name="logits"/>.</summary>
    private static double[] Conditional(double[] logits, double[] gaps, double[] moved)
    {
        int winner = Array.IndexOf(gaps, 0.0);
        double winnerNoise = Math.Exp(SoftmaxReference.LogSumExp(logits)), top = SoftmaxReference.LogSumExp(moved) - Math.Log(winnerNoise);
        return [.. Enumerable.Range(0, gaps.Length).Select(i =>
        {
            if (i == winner)
                return top;
            double noise = (Math.Exp(-gaps[i]) - 1) * Math.Exp(logits[i]);
            return double.IsNegativeInfinity(logits[i]) ? logits[i] : -Math.Log((noise * Math.Exp(-moved[i])) + Math.Exp(-top));
        })];
    }

    // A masked category stays where it is: its derivatives are 0.
    private static double[] Derivative(Func<double, double[]> function)
    {
        (double[] below2, double[] below, double[] above, double[] above2) = (function(-2 * Step), function(-Step), function(Step), function(2 * Step));
        return
        [
            .. Enumerable.Range(0, above.Length)
            .Select(i => double.IsFinite(above[i]) ? ((8 * (above[i] - below[i])) - (above2[i] - below2[i])) / (12 * Step) : 0),
        ];
    }

    private static double[] Moved(double[] point, double[] direction, double h) => [.. point.Zip(direction, (p, d) => p + (h * d))];

    private static double[] Unit(int length, int at) => [.. Enumerable.Range(0, length).Select(i => i == at ? 1.0 : 0)];

    private static double[][] Columns(int k, Func<int, double[]> column)
    {
        double[][] columns = [.. Enumerable.Range(0, k).Select(column)];
        return [.. Enumerable.Range(0, k).Select(i => columns.Select(values => values[i]).ToArray())];
    }
}
