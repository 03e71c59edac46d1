namespace IlgpuVae.Training.Evaluation;

/// <summary>
/// log (1 / M) sum_m w_m of importance weights that come one after the other as logarithms, in float64: however many there are, and in whatever chunks, a sum
/// of small ones beside a large one is not lost.
/// </summary>
internal struct LogMeanWeight()
{
    private double max = double.NegativeInfinity;
    private double sum;
    private long count;

    /// <summary>The logarithm of the mean of what was added, nats.</summary>
    internal readonly double Value => max + Math.Log(sum / count);

    /// <summary>Adds a weight by its logarithm, nats.</summary>
    internal void Add(double logWeight)
    {
        count++;
        if (logWeight > max)
        {
            sum = (sum * Math.Exp(max - logWeight)) + 1;
            max = logWeight;
        }
        else
        {
            sum += Math.Exp(logWeight - max);
        }
    }
}
