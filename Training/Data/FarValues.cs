using System.Globalization;

namespace IlgpuVae.Training.Data;

/// <summary>Notices values far from everything that a run was trained on, and columns that no longer vary.</summary>
/// <param name="columns">The columns as the run knows them.</param>
internal sealed class FarValues(IReadOnlyList<ContractColumn> columns)
{
    // Standard deviations beyond the smallest and largest value of the training split.
    private const double Far = 5;
    private const int MostShown = 3;

    // In a few rows a column that seldom varies says nothing by not varying.
    private const int FewRows = 100;

    private readonly float[] least = [.. columns.Select(_ => float.PositiveInfinity)], most = [.. columns.Select(_ => float.NegativeInfinity)];
    private long seen;

    /// <summary>Sees the value of a column, in the data's own units.</summary>
    public void See(int column, float value)
    {
        least[column] = Math.Min(least[column], value);
        most[column] = Math.Max(most[column], value);
        seen++;
    }

    /// <summary>What was noticed, a sentence each.</summary>
    public IEnumerable<string> Remarks(string path)
    {
        string[] far = [.. Enumerable.Range(0, columns.Count).Where(IsFar).Select(Describe)];
        if (far.Length > 0)
            yield return $"{path}: far from what the run was trained on: {string.Join("; ", far.Take(MostShown))}"
                + $"{(far.Length > MostShown ? $"; and {far.Length - MostShown} more columns" : string.Empty)}. What the model says of such rows means little.";
        string[] constant =
        [
            .. Enumerable.Range(0, columns.Count).Where(i => seen > (long)FewRows * columns.Count && least[i] == most[i] && columns[i].Deviation > 0)
                .Select(i => MessageText.Excerpt(columns[i].Title)),
        ];
        if (constant.Length > 0)
            yield return $"{path}: the same value in every row of {MessageText.List(constant, MostShown, "more columns")}, which varied "
                + "in the run's data.";
    }

    private bool IsFar(int i)
    {
        double room = (Far * columns[i].Deviation) + (1e-6 * Math.Max(Math.Abs(columns[i].Minimum), Math.Abs(columns[i].Maximum)));
        return least[i] < columns[i].Minimum - room || most[i] > columns[i].Maximum + room;
    }

    private string Describe(int i)
    {
        ContractColumn column = columns[i];
        float worst = column.Minimum - least[i] > most[i] - column.Maximum ? least[i] : most[i];
        return string.Create(
            CultureInfo.InvariantCulture, $"column {MessageText.Excerpt(column.Title)} reaches {worst:G5} (trained on {column.Minimum:G5} to "
                + $"{column.Maximum:G5})");
    }
}
