using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace IlgpuVae.Kernels;

/// <summary>
/// Sixteen numbers in the vector registers of a processor: one vector of 512 bits (<see cref="OneOf512"/>), or two of 256 (<see cref="TwoOf256"/>), which .NET
/// makes of two of 128 each where the processor has no more. Every operation does the same to each number and every sum has the same order, so that the width
/// of a processor's vectors changes no bit.
/// </summary>
/// <typeparam name="TSelf">The vector itself.</typeparam>
internal unsafe interface ISixteen<TSelf> : IVector<TSelf>
    where TSelf : struct, ISixteen<TSelf>
{
    /// <summary>The numbers of two halves.</summary>
    static abstract TSelf Of(Vector256<float> lower, Vector256<float> upper);

    /// <summary>Sixteen bytes as numbers from 0 to 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static virtual TSelf OfBytes(Vector128<byte> bytes)
    {
        (Vector128<ushort> lower, Vector128<ushort> upper) = Vector128.Widen(bytes);
        (Vector128<uint> first, Vector128<uint> second) = Vector128.Widen(lower);
        (Vector128<uint> third, Vector128<uint> fourth) = Vector128.Widen(upper);
        return TSelf.Of(
            Vector256.ConvertToSingle(Vector256.Create(first, second).AsInt32()), Vector256.ConvertToSingle(Vector256.Create(third, fourth).AsInt32()));
    }

    /// <summary>The sixteen numbers from an address on.</summary>
    static abstract TSelf Load(float* at);

    /// <summary>
    /// The first <paramref name="count"/> numbers from an address on and <paramref name="filler"/> behind them; sixteen where there are more.
    /// </summary>
    static abstract TSelf LoadPart(float* at, int count, float filler);

    /// <summary>Writes the numbers from an address on.</summary>
    static abstract void Store(TSelf value, float* at);

    /// <summary>Writes the first <paramref name="count"/> numbers; sixteen where there are more.</summary>
    static abstract void StorePart(TSelf value, float* at, int count);

    /// <summary>Each number at its neighbour's place: the two of a pair exchanged.</summary>
    static abstract TSelf SwapOnes(TSelf value);

    /// <summary>The two pairs of each four exchanged.</summary>
    static abstract TSelf SwapTwos(TSelf value);

    /// <summary>The two fours of each eight exchanged.</summary>
    static abstract TSelf SwapFours(TSelf value);
}
