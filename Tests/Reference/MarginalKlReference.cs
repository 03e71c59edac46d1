using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>
/// The KL of the aggregate posterior, straight from the definition: M = sum_k q'_k log(q'_k / p'_k) with the means q' and p' over the batch, and
/// I = mean_b KL(q_b || q'). Examples share prior rows where there are fewer of them.
/// </summary>
public sealed record MarginalKlReference<T>(T[] MarginalKl, T[] Information, T[] LogitsGrad, T[] PriorGrad)
    where T : IFloatingPointIeee754<T>
{
    /// <summary>Of logits [B N, K] and prior logits [N, K] or [B N, K]; gradients are of scale sum_n M_n.</summary>
    public static MarginalKlReference<T> Of(T[] logits, T[]? prior, int n, int k, T posteriorScale, T priorScale)
    {
        int rows = logits.Length / k;
        T[][] q = [.. Enumerable.Range(0, rows).Select(row => SoftmaxReference.Softmax(ByRow.Row(logits, row, k)))];
        T[][] p =
        [
            .. Enumerable.Range(0, rows).Select(row => SoftmaxReference.Softmax(prior is null ? new T[k] : ByRow.Row(prior, row % (prior.Length / k), k))),
        ];
        T[][] meanQ = Means(q, n), meanP = Means(p, n);
        T[] Ratio(int v) => [.. meanQ[v].Zip(meanP[v], (a, b) => a == T.Zero ? T.Zero : T.Log(a / b))];
        T One(T[] left, Func<int, T> log) => SoftmaxReference.Sum(left.Select((x, i) => x == T.Zero ? T.Zero : x * log(i)));
        T examples = T.CreateChecked(rows / n);
        return new(
            [.. Enumerable.Range(0, n).Select(v => One(meanQ[v], i => Ratio(v)[i]))],
            [
                .. Enumerable.Range(0, n)
                .Select(
                    v => SoftmaxReference.Sum(
                        Enumerable.Range(0, rows).Where(row => row % n == v).Select(row => One(q[row], i => T.Log(q[row][i] / meanQ[v][i])))) / examples),
            ],
            [.. q.SelectMany((row, r) => SoftmaxReference.Backward(row, Array.ConvertAll(Ratio(r % n), x => posteriorScale * x / examples)))],
            [.. p.SelectMany((row, r) => SoftmaxReference.Backward(row, [.. meanQ[r % n].Zip(meanP[r % n], (a, b) => -priorScale * a / (b * examples))]))]);
    }

    private static T[][] Means(T[][] rows, int n) => [.. Enumerable.Range(0, n).Select(v =>
    {
        T[][] own = [.. rows.Where((_, row) => row % n == v)];
        return (T[])[.. Enumerable.Range(0, rows[0].Length).Select(i => SoftmaxReference.Sum(own.Select(row => row[i])) / T.CreateChecked(own.Length))];
    })];
}
