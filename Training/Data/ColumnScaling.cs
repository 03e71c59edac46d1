namespace IlgpuVae.Training.Data;

/// <summary>
/// How real-valued columns were standardised: x' = (x - mean) / deviation, both measured on the train split. A log-density of x' in nats
/// becomes one of x by subtracting <see cref="LogVolume"/>.
/// </summary>
internal sealed record ColumnScaling
{
    /// <summary>Mean of each column [D] over the train split, in the source's units.</summary>
    public required double[] Mean { get; init; }

    /// <summary>Standard deviation of each column [D] over the train split; 1 where the column is constant.</summary>
    public required double[] Deviation { get; init; }

    /// <summary>The smallest and the largest value of each column [D] on the train split, in the source's units.</summary>
    public required (float Least, float Most)[] Range { get; init; }

    /// <summary>Sum over columns of the log deviation, in nats an example.</summary>
    public double LogVolume => Deviation.Sum(Math.Log);

    internal static ColumnScaling Measure(DataSet train)
    {
        double[] mean = new double[train.Width];
        double[] deviation = new double[train.Width];
        (float Least, float Most)[] range = new (float, float)[train.Width];
        for (int d = 0; d < train.Width; d++)
        {
            range[d] = (float.PositiveInfinity, float.NegativeInfinity);
            for (int i = 0; i < train.Count; i++)
            {
                float value = train.Values![(i * train.Width) + d];
                mean[d] += value;
                range[d] = (MathF.Min(range[d].Least, value), MathF.Max(range[d].Most, value));
            }

            mean[d] /= train.Count;
            // A second pass: a sum of squares would lose the digits of a column far from zero.
            for (int i = 0; i < train.Count; i++)
                deviation[d] += Math.Pow(train.Values![(i * train.Width) + d] - mean[d], 2);
            deviation[d] = Math.Sqrt(deviation[d] / train.Count);
            if (deviation[d] <= 1e-12 * Math.Abs(mean[d]))
                deviation[d] = 1;
        }
        return new ColumnScaling { Mean = mean, Deviation = deviation, Range = range };
    }

    internal ColumnScaling Narrow(int[] columns) => new()
    {
        Mean = Array.ConvertAll(columns, column => Mean[column]),
        Deviation = Array.ConvertAll(columns, column => Deviation[column]),
        Range = Array.ConvertAll(columns, column => Range[column]),
    };

    internal DataSet Apply(DataSet set)
    {
        float[] scaled = new float[set.Values!.Length];
        for (int i = 0; i < scaled.Length; i++)
            scaled[i] = (float)((set.Values[i] - Mean[i % set.Width]) / Deviation[i % set.Width]);
        return set with { Values = scaled };
    }
}
