using System.Runtime.CompilerServices;

namespace IlgpuVae.Kernels;

/// <summary>What rows end in on the processor.</summary>
internal interface IRowEnds
{
    /// <summary>Whether every vector is whole: no load and no store then has to ask.</summary>
    static abstract bool AreWhole { get; }
}

/// <summary>Rows of whole vectors.</summary>
internal readonly struct WholeVectors : IRowEnds
{
    /// <inheritdoc/>
    public static bool AreWhole => true;
}

/// <summary>Rows whose last vector may be a part.</summary>
internal readonly struct PartVectors : IRowEnds
{
    /// <inheritdoc/>
    public static bool AreWhole => false;
}

/// <summary>Accesses that know how rows end.</summary>
internal static unsafe class RowEnds
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Load<T, TEnds>(float* at, int count, float filler)
        where T : struct, ISixteen<T>
        where TEnds : struct, IRowEnds => TEnds.AreWhole ? T.Load(at) : T.LoadPart(at, count, filler);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store<T, TEnds>(T value, float* at, int count)
        where T : struct, ISixteen<T>
        where TEnds : struct, IRowEnds
    {
        if (TEnds.AreWhole)
            T.Store(value, at);
        else
            T.StorePart(value, at, count);
    }
}
