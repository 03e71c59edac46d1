namespace IlgpuVae.Training;

/// <summary>Each row of a matrix several times, one after the other.</summary>
internal static class RepeatedRows
{
    /// <summary>Rows [n each, width] from rows [n, width].</summary>
    public static float[] Of(ReadOnlySpan<float> rows, int width, int each)
    {
        int count = rows.Length / width * each;
        float[] repeated = new float[count * width];
        for (int row = 0; row < count; row++)
            rows.Slice(row / each * width, width).CopyTo(repeated.AsSpan(row * width));
        return repeated;
    }
}
