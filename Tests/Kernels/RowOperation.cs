using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>A matrix that a row operation reads or writes.</summary>
/// <param name="Rows">R, or as many as there are.</param>
/// <param name="Columns">Columns; 1 of codes, whose numbers these are.</param>
public sealed record RowArray(int Rows, int Columns)
{
    /// <summary>What an input holds, and what an output holds before the launch.</summary>
    public float[]? Values { get; init; }

    /// <summary>Whether these are hard codes.</summary>
    public bool AreCodes { get; init; }

    /// <summary>Which of the operation's R rows a row here belongs to; null where it belongs to several.</summary>
    public Func<int, int>? RowOf { get; init; } = row => row;

    /// <summary>Values that the operation's rows share.</summary>
    public static RowArray Shared(float[] values, int columns) => Of(values, columns) with { RowOf = null };

    /// <summary>Values of which each of the operation's rows has its own.</summary>
    public static RowArray Of(float[] values, int columns) => new(values.Length / columns, columns) { Values = values };

    /// <summary>Hard codes to read.</summary>
    public static RowArray Codes(int[] numbers) => Of(Array.ConvertAll(numbers, number => (float)number), 1) with { AreCodes = true };
}

/// <summary>A row kernel's launch: what has to be launched, and what of it decides how rows are held.</summary>
internal sealed record RowLaunch(Type Kernel, int Rows, RowTraits Traits = RowTraits.None)
{
    /// <summary>What graphics processors are given in place of the kernel, where that holds no rows.</summary>
    public Type? OnGroups { get; init; }
}

/// <summary>
/// What <see cref="RowKernelSuite"/> has to know of an operation over R rows of K elements: what it reads and writes, how it is recorded, and the formula,
/// generic in the number type, that says what comes out (<see cref="Tolerance"/>). The first inputs are the ones that kinds of contents are tried on.
/// </summary>
/// <param name="kernel">The kernel that is launched once over the rows; null of an operation that says more of its <see cref="Launches"/>.</param>
/// <param name="traits">What it asks of the way rows are held.</param>
/// <param name="variant">What tells it from other entries of its class.</param>
internal abstract class RowOperation(Type? kernel = null, RowTraits traits = RowTraits.None, object? variant = null)
{
    /// <summary>The key of all noise.</summary>
    protected const ulong Seed = 11;

    /// <summary>The step that keys it.</summary>
    protected const int Step = 3;

    /// <summary>The step's temperature and weight of the KL.</summary>
    protected const float Temperature = 0.8f, Beta = 0.75f;

    /// <summary>The step's state.</summary>
    public virtual StepState State => new() { Step = Step, Scheduled = { Temperature = Temperature, Beta = Beta } };

    /// <summary>What the first input may hold beside Gaussian numbers.</summary>
    public virtual InputKind[] Kinds => [];

    /// <summary>Rows that are longer are not tried.</summary>
    public virtual int LongestRow => 1 << 11;

    /// <summary>Which output may lie over which input.</summary>
    public virtual (int Input, int Output)[] InPlace => [];

    /// <summary>The launches that are recorded, one behind the other.</summary>
    public virtual RowLaunch[] Launches(int rows, int k) => [new(kernel!, rows, traits)];

    /// <summary>What it reads: a matrix, if nothing else is said.</summary>
    public virtual RowArray[] Inputs(InputKind kind, int rows, int k) => [RowArray.Of(RowInputs.Make(kind, rows, k, 1), k)];

    /// <summary>What it writes: a matrix, if nothing else is said; those with values it adds to or replaces.</summary>
    public virtual RowArray[] Outputs(int rows, int k) => [new(rows, k)];

    /// <summary>Records it.</summary>
    public abstract void Record(RowRun run);

    /// <summary>What each output then holds, from the inputs and from what the outputs held; of codes the scores, [R, K], of which they are the best.</summary>
    public abstract T[][] Reference<T>(T[][] inputs, T[][] before, int rows, int k)
        where T : struct, System.Numerics.IFloatingPointIeee754<T>;

    /// <summary>
    /// For an output the largest number that each of its rows comes from, where that is larger than the result and what was there: see <see cref="Tolerance"/>.
    /// </summary>
    public virtual double[]? Magnitudes(int output, double[][] inputs, int rows, int k) => null;

    /// <inheritdoc/>
    public override string ToString() => GetType().Name + (variant is null ? string.Empty : $", {variant}");

    /// <summary>How many variables an example has of R rows [example, variable]: several where they divide R.</summary>
    protected static int Variables(int rows) => rows % 3 == 0 ? 3 : rows % 2 == 0 ? 2 : 1;

    /// <summary>Gaussian numbers.</summary>
    protected static float[] Normal(int rows, int k, int seed) => RowInputs.Make(InputKind.Normal, rows, k, seed);

    /// <summary>Any categories.</summary>
    protected static int[] Categories(int rows, int k, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => random.Next(k))];
    }

    /// <summary>Each row's result, one behind the other.</summary>
    protected static T[] Each<T>(int rows, Func<int, IEnumerable<T>> result) => [.. Enumerable.Range(0, rows).SelectMany(result)];

    /// <summary>Each row's result from a matrix.</summary>
    protected static T[] Each<T>(T[] values, int k, Func<T[], IEnumerable<T>> result) => Each(values.Length / k, row => result(ByRow.Row(values, row, k)));

    /// <summary>Each row's result from two matrices.</summary>
    protected static T[] Each<T>(T[] first, T[] second, int k, Func<T[], T[], IEnumerable<T>> result) =>
        Each(first.Length / k, row => result(ByRow.Row(first, row, k), ByRow.Row(second, row, k)));

    /// <summary>The sums, element by element.</summary>
    protected static T[] Sum<T>(T[] first, T[] second)
        where T : System.Numerics.IAdditionOperators<T, T, T> => [.. first.Zip(second, (a, b) => a + b)];
}
