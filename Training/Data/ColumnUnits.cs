namespace IlgpuVae.Training.Data;

/// <summary>Rows of numbers in the data's own units and as a model sees them, x' = (x - shift) / scale; the same where nothing was scaled.</summary>
/// <param name="columns">The columns of a row, in order; none where nothing was scaled.</param>
internal sealed class ColumnUnits(IEnumerable<ContractColumn> columns)
{
    private readonly ContractColumn[] columns = [.. columns];

    /// <summary>x' of x.</summary>
    public float[] Inward(ReadOnlySpan<float> values) => Changed(values.ToArray(), (value, column) => column.Inward(value));

    /// <summary>x of x'.</summary>
    public float[] Outward(float[] values) => Changed([.. values], (value, column) => column.Outward(value));

    /// <summary>Deviations of x from those of x'.</summary>
    public float[] DeviationsOutward(float[] deviations) => Changed([.. deviations], (deviation, column) => deviation * column.Scale);

    private float[] Changed(float[] values, Func<double, ContractColumn, double> change)
    {
        for (int i = 0; columns.Length > 0 && i < values.Length; i++)
            values[i] = (float)change(values[i], columns[i % columns.Length]);
        return values;
    }
}
