using ILGPU;

namespace IlgpuVae.Kernels;

/// <summary>
/// Neighbouring elements of a row that a lane works on together, so that one source of a kernel becomes vector code on processors
/// (<see cref="ISixteen{TSelf}"/>) and, on graphics processors, 128-bit memory access (<see cref="Vector4"/>), four elements one by one
/// (<see cref="LooseFour"/>) or an element a lane (<see cref="Scalar"/>). Sums over a row run in Width separate partial sums: no compiler may reorder a single
/// one.
/// </summary>
/// <typeparam name="TSelf">The vector itself.</typeparam>
internal interface IVector<TSelf>
    where TSelf : struct, IVector<TSelf>
{
    /// <summary>How many elements it holds.</summary>
    static abstract int Width { get; }

    /// <summary>The same value throughout.</summary>
    static abstract TSelf Fill(float value);

    /// <summary>start, start + 1, ...: the numbers of the elements from <paramref name="start"/> on.</summary>
    static abstract TSelf CountFrom(int start);

    /// <summary>The elements of <paramref name="row"/> from <paramref name="start"/> on.</summary>
    static abstract TSelf Load(ArrayView<float> row, int start);

    /// <summary>Writes the elements to <paramref name="row"/> from <paramref name="start"/> on.</summary>
    static abstract void Store(TSelf value, ArrayView<float> row, int start);

    /// <summary>
    /// The first <paramref name="count"/> elements from <paramref name="start"/> on, and <paramref name="filler"/> behind them; all where there are more.
    /// </summary>
    static abstract TSelf LoadPart(ArrayView<float> row, int start, int count, float filler);

    /// <summary>Writes the first <paramref name="count"/> elements; all where there are more.</summary>
    static abstract void StorePart(TSelf value, ArrayView<float> row, int start, int count);

    /// <summary>The first <paramref name="count"/> elements of <paramref name="value"/>, and 0 behind them; all where there are more.</summary>
    static abstract TSelf Part(TSelf value, int count);

    /// <summary>The random words of the elements from <paramref name="column"/> on as signed whole numbers, rounded.</summary>
    static abstract TSelf RandomWords(RandomRow row, int column);

    /// <summary>a + b.</summary>
    static abstract TSelf operator +(TSelf a, TSelf b);

    /// <summary>a - b.</summary>
    static abstract TSelf operator -(TSelf a, TSelf b);

    /// <summary>a b.</summary>
    static abstract TSelf operator *(TSelf a, TSelf b);

    /// <summary>a / b.</summary>
    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>The square root of each.</summary>
    static abstract TSelf Sqrt(TSelf a);

    /// <summary>a b + c, rounded once where the hardware can.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The larger of each pair; the second where one is not a number.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>The smaller of each pair; the second where one is not a number.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary><see cref="FloatBits.PowerOfTwo"/> of each.</summary>
    static abstract TSelf PowerOfTwo(TSelf shifted);

    /// <summary><see cref="FloatBits.Exponent"/> of each.</summary>
    static abstract TSelf Exponent(TSelf value);

    /// <summary><see cref="FloatBits.Mantissa"/> of each.</summary>
    static abstract TSelf Mantissa(TSelf value);

    /// <summary>Where <paramref name="test"/> is above 0 <paramref name="value"/>, elsewhere <paramref name="otherwise"/>.</summary>
    static abstract TSelf WherePositive(TSelf test, TSelf value, TSelf otherwise);

    /// <summary>Where a equals b <paramref name="value"/>, elsewhere <paramref name="otherwise"/>.</summary>
    static abstract TSelf WhereEqual(TSelf a, TSelf b, TSelf value, TSelf otherwise);

    /// <summary>The first element.</summary>
    static abstract float First(TSelf value);

    /// <summary>The sum of the elements, always in the same order.</summary>
    static abstract float Sum(TSelf value);

    /// <summary>The largest element.</summary>
    static abstract float Largest(TSelf value);
}
