using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Training.Evaluation;

/// <summary>ELBO and log-likelihood of single rows, a batch at a time, by the same sums as <see cref="Evaluator"/>'s.</summary>
internal sealed class RowScores
{
    private readonly DiscreteVae vae;
    private readonly DataContract contract;
    private readonly DeviceData data;
    private readonly BatchEvaluator batch;

    /// <summary>Reserves memory for batches of <paramref name="rows"/> rows like those of <paramref name="like"/>.</summary>
    public RowScores(DiscreteVae vae, DataContract contract, DataSet like, int rows, ulong seed, int importanceSamples)
    {
        this.vae = vae;
        this.contract = contract;
        Rows = rows;
        data = new DeviceData(vae.Device, vae.Arena, Filled(like));
        LaunchList prepare = new(vae.Device);
        ExactMarginal? exact = Evaluator.IsExact(vae, importanceSamples) ? new ExactMarginal(vae, prepare) : null;
        batch = new BatchEvaluator(vae, data, rows, seed, exact, exact is null ? importanceSamples : 0);
        prepare.Replay();
    }

    /// <summary>Rows a batch.</summary>
    public int Rows { get; }

    /// <summary>ELBO and log p(x), or log p(x | c), of each row [n], n at most <see cref="Rows"/>, nats in the data's own units.</summary>
    public (double[] Elbo, double[] LogLikelihood) Of(DataSet rows, long first)
    {
        data.Overwrite(vae.Device, rows);
        BatchMeasurement measured = batch.Run((int)(first % int.MaxValue), 0);
        double[] elbo = [.. measured.Reconstruction.Zip(measured.KlByExample(), (term, kl) => term - kl - contract.LogVolume)];
        return (elbo[..rows.Count], [.. measured.LogLikelihood.Take(rows.Count).Select(value => value - contract.LogVolume)]);
    }

    // A whole batch of the same kind; what it holds does not matter.
    private DataSet Filled(DataSet like) => like with
    {
        Count = Rows,
        Bytes = like.Bytes is null ? null : new byte[Rows * like.Width],
        Values = like.Values is null ? null : new float[Rows * like.Width],
        Labels = null,
        Context = like.Context is { } context ? Filled(context) : null,
    };
}
