using System.Runtime.Intrinsics;
using IlgpuVae.Kernels;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>What moves sixteen numbers about: parts that are read and written, exchanges of neighbours, sums over all, random words in their places.</summary>
public sealed unsafe class SixteenPlacesTests
{
    private const int Width = 16, Band = 16;
    private const float Guard = 12345f, Filler = -7f;

    private static readonly float[] Counted = [.. Enumerable.Range(0, Width).Select(i => i + 0.5f)];

    [Test]
    public void Parts_AreReadToTheirEnd([Range(0, 18)] int count)
    {
        float[] expected = [.. Counted.Select((x, i) => i < count ? x : Filler)];
        Both(Loaded<TwoOf256>, Loaded<OneOf512>, expected);

        float[] Loaded<T>()
            where T : struct, ISixteen<T>
        {
            fixed (float* at = Counted)
                return Stored(T.LoadPart(at, count, Filler));
        }
    }

    [Test]
    public void Parts_AreWrittenToTheirEnd([Range(0, 18)] int count)
    {
        float[] whole = [.. Enumerable.Repeat(Guard, Band + Width + Band)];
        Counted.AsSpan(0, Math.Min(count, Width)).CopyTo(whole.AsSpan(Band));
        Both(Written<TwoOf256>, Written<OneOf512>, whole);

        float[] Written<T>()
            where T : struct, ISixteen<T>
        {
            float[] target = [.. Enumerable.Repeat(Guard, Band + Width + Band)];
            fixed (float* from = Counted, to = target)
                T.StorePart(T.Load(from), to + Band, count);
            return target;
        }
    }

    [Test]
    public void Parts_AreFollowedByZeros([Range(0, 18)] int count)
    {
        Both(Part<TwoOf256>, Part<OneOf512>, [.. Counted.Select((x, i) => i < count ? x : 0f)]);

        float[] Part<T>()
            where T : struct, ISixteen<T>
        {
            fixed (float* at = Counted)
                return Stored(T.Part(T.Load(at), count));
        }
    }

    [Test]
    public void Counting_GoesOnFromAnyStart([Values(0, 3, 160)] int start) =>
        Both(() => Stored(TwoOf256.CountFrom(start)), () => Stored(OneOf512.CountFrom(start)), [.. Enumerable.Range(start, Width).Select(i => (float)i)]);

    [Test]
    public void Halves_AreOneBehindTheOther()
    {
        Vector256<float> lower = Vector256.Create(Counted.AsSpan(0, 8)), upper = Vector256.Create(Counted.AsSpan(8));
        Both(() => Stored(TwoOf256.Of(lower, upper)), () => Stored(OneOf512.Of(lower, upper)), Counted);
    }

    [Test]
    public void Neighbours_AreExchanged()
    {
        Both(Ones<TwoOf256>, Ones<OneOf512>, [.. Counted.Select((_, i) => Counted[i ^ 1])]);
        Both(Twos<TwoOf256>, Twos<OneOf512>, [.. Counted.Select((_, i) => Counted[i ^ 2])]);
        Both(Fours<TwoOf256>, Fours<OneOf512>, [.. Counted.Select((_, i) => Counted[i ^ 4])]);

        float[] Ones<T>()
            where T : struct, ISixteen<T>
        {
            fixed (float* at = Counted)
                return Stored(T.SwapOnes(T.Load(at)));
        }

        float[] Twos<T>()
            where T : struct, ISixteen<T>
        {
            fixed (float* at = Counted)
                return Stored(T.SwapTwos(T.Load(at)));
        }

        float[] Fours<T>()
            where T : struct, ISixteen<T>
        {
            fixed (float* at = Counted)
                return Stored(T.SwapFours(T.Load(at)));
        }
    }

    /// <summary>Halves, their halves, pairs: the order is a part of every result's bits.</summary>
    [Test]
    public void Sum_HasOneOrder()
    {
        Random random = new(2);
        for (int round = 0; round < 200; round++)
        {
            float[] x = [.. Enumerable.Range(0, Width).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 7))))];
            float[] eight = [.. Enumerable.Range(0, 8).Select(i => x[i] + x[i + 8])];
            float[] four = [.. Enumerable.Range(0, 4).Select(i => eight[i] + eight[i + 4])];
            Both(Reduced<TwoOf256>, Reduced<OneOf512>, [(four[0] + four[1]) + (four[2] + four[3]), x.Max(), x[0]]);

            float[] Reduced<T>()
                where T : struct, ISixteen<T>
            {
                fixed (float* at = x)
                    return [T.Sum(T.Load(at)), T.Largest(T.Load(at)), T.First(T.Load(at))];
            }
        }
    }

    [Test]
    public void RandomWords_AreThoseOfSingleWords([Values(0, 16, 4096)] int column)
    {
        RandomRow row = new(0x123456789ABCDEF0, Randomness.Codes, 77, 1234567);
        float[] expected = [.. Enumerable.Range(column, Width).Select(i => Scalar.First(Scalar.RandomWords(row, i)))];
        Both(() => Stored(TwoOf256.RandomWords(row, column)), () => Stored(OneOf512.RandomWords(row, column)), expected);
    }

    /// <summary>Packed rows are neighbours: each has its own counter, whatever vector it stands in.</summary>
    [Test]
    public void RandomWords_OfPackedRowsAreThoseOfSingleWords([Values(2, 4, 8)] int k, [Values(0, 48, 1 << 20)] int first)
    {
        RandomRow row = new(0xFEDCBA9876543210, Randomness.Codes, 3, first);
        float[] expected = [.. Enumerable.Range(0, Width).Select(i => Scalar.First(Scalar.RandomWords(row with { Row = first + (i / k) }, i % k)))];
        Both(() => Stored(SixteenWords.OfPackedRows<TwoOf256>(row, k)), () => Stored(SixteenWords.OfPackedRows<OneOf512>(row, k)), expected);
    }

    private static float[] Stored<T>(T value)
        where T : struct, ISixteen<T>
    {
        float[] all = new float[Width];
        fixed (float* at = all)
            T.Store(value, at);
        return all;
    }

    private static void Both(Func<float[]> halves, Func<float[]> whole, float[] expected)
    {
        Assert.That(Bits(halves()), Is.EqualTo(Bits(expected)), "two vectors of 256 bits");
        if (Vector512.IsHardwareAccelerated)
            Assert.That(Bits(whole()), Is.EqualTo(Bits(expected)), "one vector of 512 bits");
    }

    private static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}
