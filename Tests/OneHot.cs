namespace IlgpuVae.Tests;

/// <summary>Hard codes as references read them, one-hot rows, and as the library does, category numbers.</summary>
public static class OneHot
{
    /// <summary>The category of each variable of one-hot rows, after checking that it is one 1 among zeros.</summary>
    public static int[] Categories(float[] values, int k)
    {
        int[] categories = new int[values.Length / k];
        for (int row = 0; row < categories.Length; row++)
        {
            ReadOnlySpan<float> cells = values.AsSpan(row * k, k);
            int category = cells.IndexOf(1f);
            if (category < 0 || cells[..category].ContainsAnyExcept(0f) || cells[(category + 1)..].ContainsAnyExcept(0f))
                Assert.Fail($"row {row} is not one-hot: {string.Join(' ', cells[..Math.Min(k, 20)].ToArray())}");
            categories[row] = category;
        }

        return categories;
    }

    /// <summary>The one-hot row of each category number.</summary>
    public static float[] Rows(int[] categories, int k)
    {
        float[] rows = new float[categories.Length * k];
        for (int row = 0; row < categories.Length; row++)
            rows[(row * k) + categories[row]] = 1f;
        return rows;
    }

    /// <summary>The one-hot row of a category's number.</summary>
    public static T[] Row<T>(T number, int k)
        where T : System.Numerics.INumber<T> => [.. Enumerable.Range(0, k).Select(i => T.CreateChecked(i) == number ? T.One : T.Zero)];
}
