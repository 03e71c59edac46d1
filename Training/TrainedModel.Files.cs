using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Training;

/// <content>The model on files, read as the run read its own, batch by batch.</content>
public sealed partial class TrainedModel
{
    private const int FileBatchRows = 4096;

    /// <summary>
    /// The rows of a file or folder in its order: columns are found by name, classes too, shift and scale are the run's. It is read as it is asked for, so that
    /// a file of any length takes the memory of a batch.
    /// </summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="batchRows">The most rows at a time.</param>
    /// <param name="contextsAlone">Whether what is modelled need not be there, for <see cref="Predict(RowBatch, int)"/>.</param>
    /// <param name="remark">Hears, when all is read, what one should know of how that was done, a sentence each.</param>
    /// <exception cref="InputException">It cannot be read as the run's own data were; the message says where and why.</exception>
    public IEnumerable<RowBatch> Read(string path, int batchRows = FileBatchRows, bool contextsAlone = false, Action<string>? remark = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchRows, 1);
        using NewData file = NewData.Open(path, Data, Config.Options.Reading, contextsAlone);
        while (file.Next(batchRows) is { } rows)
            yield return rows;
        foreach (string sentence in file.Remarks)
            remark?.Invoke(sentence);
    }

    /// <summary>The most probable category of each variable of q(z | x), or q(z | x, c), [n, N].</summary>
    /// <param name="rows">Rows of <see cref="Read"/>.</param>
    public int[] Encode(RowBatch rows) => inference.MostProbable(Posterior(rows));

    /// <summary>Posterior probabilities q(z | x), or q(z | x, c), [n, N K].</summary>
    /// <param name="rows">Rows of <see cref="Read"/>.</param>
    public float[] Posterior(RowBatch rows) => PosteriorOf(Examples(rows), rows.Contexts);

    /// <summary>log p(x), or log p(x | c), of each row [n], nats in the data's own units: exact where the codes can be summed, else a bound.</summary>
    /// <param name="rows">Rows of <see cref="Read"/>.</param>
    public double[] LogLikelihood(RowBatch rows) => Scores(rows).LogLikelihood;

    /// <summary>The most probable codes of each context in the order of p(z | c), with what they mean.</summary>
    /// <param name="rows">Rows of <see cref="Read"/>.</param>
    /// <param name="most">Codes a context.</param>
    public IReadOnlyList<IReadOnlyList<Prediction>> Predict(RowBatch rows, int most) => Predict(ToldOutward(Contexts(rows).Numbers()), most);

    /// <summary>ELBO and log-likelihood of each row, nats in the data's own units.</summary>
    /// <param name="rows">Rows of <see cref="Read"/>.</param>
    /// <param name="importanceSamples">Draws a row where the codes are not summed; 0 leaves the log-likelihood out there.</param>
    internal (double[] Elbo, double[] LogLikelihood) Scores(RowBatch rows, int importanceSamples = 1000) =>
        Scores(Examples(rows) with { Context = rows.Contexts }, rows.First, importanceSamples);

    private static DataSet Examples(RowBatch rows) =>
        rows.Examples ?? throw new ArgumentException("these rows were read for their contexts alone.", nameof(rows));

    private static DataSet Contexts(RowBatch rows) => rows.Contexts ?? throw new ArgumentException("these rows have no contexts.", nameof(rows));
}
