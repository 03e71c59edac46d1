namespace IlgpuVae.Training.Output;

/// <summary>A column of some rows of a result.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Values">Its values [n]: int[], long[], float[], double[] or string[].</param>
internal sealed record OutputColumn(string Name, Array Values)
{
    /// <summary>The columns of a row-major matrix [n, names].</summary>
    public static IEnumerable<OutputColumn> Of<T>(IReadOnlyList<string> names, T[] values) => names.Select((name, c) =>
        new OutputColumn(name, Enumerable.Range(0, values.Length / names.Count).Select(row => values[(row * names.Count) + c]).ToArray()));

    /// <summary>A value as text that reads back as the same number.</summary>
    public string Text(int row) => Values.GetValue(row) switch
    {
        string text => text,
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => string.Empty,
    };
}
