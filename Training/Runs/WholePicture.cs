using IlgpuVae.Training.Data;

namespace IlgpuVae.Training.Runs;

/// <summary>
/// How the examples of a set are shown: as the pictures that they are, or, where the context is the part of the picture above them, as the whole picture with
/// the context on top.
/// </summary>
internal sealed class WholePicture
{
    private readonly DataSet data;
    private readonly bool hasTop;
    private readonly ColumnUnits modelled, told;

    internal WholePicture(DataSet data, DataContract contract)
    {
        this.data = data;
        (modelled, told) = (new ColumnUnits(contract.Modelled), new ColumnUnits(contract.Told));
        hasTop = data.Picture is { } below && data.Context?.Picture is { } above && above.Width == below.Width;
    }

    /// <summary>Its height and width, or null where examples are no pictures.</summary>
    internal (int Height, int Width)? Size => data.Picture is { } picture
        ? (picture.Height + (hasTop ? data.Context!.Picture!.Value.Height : 0), picture.Width)
        : null;

    /// <summary>Numbers of it in the data's own units, [n, H W], from those of x [n, D] and of the contexts [n, C] as the model sees them.</summary>
    internal float[] Of(float[] x, float[]? contexts)
    {
        float[] own = modelled.Outward(x);
        if (!hasTop)
            return own;
        float[] above = told.Outward(contexts!);
        return [.. Enumerable.Range(0, x.Length / data.Width).SelectMany(i => Row(above, i, data.Context!.Width).Concat(Row(own, i, data.Width)))];
    }

    /// <summary>The contexts of examples, [n, C], or null where the set has none.</summary>
    internal static float[]? Contexts(DataSet data, IEnumerable<int> examples) =>
        data.Context is { } context ? [.. examples.SelectMany(context.Example)] : null;

    private static ArraySegment<float> Row(float[] rows, int row, int width) => new(rows, row * width, width);
}
