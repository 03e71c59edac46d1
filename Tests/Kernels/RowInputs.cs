namespace IlgpuVae.Tests.KernelSuites;

/// <summary>What the rows of a test matrix hold.</summary>
public enum InputKind
{
    /// <summary>Standard Gaussian.</summary>
    Normal,

    /// <summary>Standard Gaussian with two elements a row multiplied by 20.</summary>
    Outliers,

    /// <summary>The same number everywhere.</summary>
    AllEqual,

    /// <summary>Plus or minus 100.</summary>
    Hundreds,

    /// <summary>Plus or minus 1e4.</summary>
    Huge,

    /// <summary>Standard Gaussian with one minus infinity a row (where it has more than one element).</summary>
    Masked,

    /// <summary>Minus infinity everywhere but in one place.</summary>
    OneHot,

    /// <summary>Standard Gaussian with one element of the middle row not a number.</summary>
    NanRow,
}

/// <summary>Shapes and contents that row kernels are tried on.</summary>
public static class RowInputs
{
    // Without barriers a launch costs little: each way to hold rows, with ends that fill a vector, a pair or a warp and ends that do not, and many rows.
    private static readonly (int Rows, int K)[] Many =
    [
        (1, 1), (65, 1), (1, 2), (33, 2), (3001, 2), (65, 3), (7, 4), (8, 5), (6, 5), (12, 7), (5, 8), (12, 8), (130, 8), (9, 10), (96, 10), (33, 13), (32, 14),
        (1, 16), (64, 16), (1501, 17),
        (3, 17), (6, 18), (8, 18), (3, 20), (6, 20), (8, 20), (3, 32), (65, 33), (4, 42), (33, 64), (3, 128), (3, 200), (2, 256), (3, 257), (3, 258), (1, 1031),
    ];

    private static readonly (int Rows, int K)[] OnSimulatedGroups = [(3, 1), (65, 3), (1, 16), (3, 17), (2, 33), (1, 257), (9, 18), (3, 36)];

    // A lane, and each part of a warp and a group in single elements, in loose fours and in whole ones.
    private static readonly (int Rows, int K)[] OnSimulatedWarps =
        [(8, 2), (40, 3), (32, 6), (6, 10), (32, 16), (3, 18), (6, 18), (8, 18), (3, 20), (6, 20), (8, 20), (2, 42), (1, 200), (1, 258)];

    /// <summary>Shapes that leave no way to hold rows out; few and small where barriers are simulated.</summary>
    public static IEnumerable<(int Rows, int K)> Shapes(Target target) =>
        target.HasSimulatedWarps ? OnSimulatedWarps : target.IsSimulatedGroup ? OnSimulatedGroups : Many;

    /// <summary>The shapes for rows of this kind: all for plain Gaussian rows, and few for the others.</summary>
    public static IEnumerable<(int Rows, int K)> Shapes(Target target, InputKind kind) => kind == InputKind.Normal ? Shapes(target)
        : target.HasSimulatedWarps ? [(8, 5), (3, 20)]
        : target.IsSimulatedGroup ? [(3, 1), (65, 3), (3, 17), (3, 36)]
        : [(65, 1), (33, 2), (65, 3), (12, 8), (9, 10), (3, 17), (8, 20), (33, 64), (3, 257)];

    /// <summary>The longest row, where the target can afford it.</summary>
    public static IEnumerable<(int Rows, int K)> LongRows(Target target) => target.IsSimulatedGroup ? [] : [(3, 65536)];

    /// <summary>A matrix [rows, k] of this kind.</summary>
    public static float[] Make(InputKind kind, int rows, int k, int seed)
    {
        Random random = new((seed * 7919) + (rows * 31) + k);
        float[] values = new float[rows * k];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < k; column++)
                values[(row * k) + column] = Element(kind, random);
            Adorn(kind, values.AsSpan(row * k, k), random, row == rows / 2);
        }

        return values;
    }

    /// <summary>Log-likelihoods of images under codes, [rows, k]: hundreds of nats, tens apart.</summary>
    public static float[] LogLikelihoods(int rows, int k, int seed) => Array.ConvertAll(Make(InputKind.Normal, rows, k, seed), x => (20 * x) - 150);

    /// <summary>The name of a case for messages.</summary>
    public static string Describe(string output, InputKind kind, int rows, int k) => $"{output} of {kind} [{rows}, {k}]";

    private static float Element(InputKind kind, Random random) => kind switch
    {
        InputKind.AllEqual => 1.375f,
        InputKind.Hundreds => random.Next(2) == 0 ? 100 : -100,
        InputKind.Huge => random.Next(2) == 0 ? 1e4f : -1e4f,
        InputKind.OneHot => float.NegativeInfinity,
        _ => (float)MathNet.Numerics.Distributions.Normal.Sample(random, 0, 1),
    };

    private static void Adorn(InputKind kind, Span<float> row, Random random, bool middle)
    {
        switch (kind)
        {
            case InputKind.Outliers:
                row[random.Next(row.Length)] *= 20;
                row[random.Next(row.Length)] *= 20;
                break;
            case InputKind.Masked when row.Length > 1:
                row[random.Next(row.Length)] = float.NegativeInfinity;
                break;
            case InputKind.OneHot:
                row[random.Next(row.Length)] = 0.5f;
                break;
            case InputKind.NanRow when middle:
                row[random.Next(row.Length)] = float.NaN;
                break;
            default:
                break;
        }
    }
}
