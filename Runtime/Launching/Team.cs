using ILGPU;

namespace IlgpuVae.Runtime;

/// <summary>
/// The lanes that share a row: a lane visits elements Lane, Lane + Lanes, Lane + 2 Lanes, ... and the reductions combine what
/// the lanes found. One source of a row kernel serves a single lane and a whole group.
/// </summary>
/// <remarks>
/// All lanes have to reach a reduction together. A conditional expression in its argument breaks that without a word: ILGPU may make a branch of it and
/// copy what follows, barriers included, into both arms. <c>Utilities.Select</c> never branches. An early return of some lanes, also out of a method that is
/// called between two reductions, does the same: write it as a condition around what the lane does. Behind a reduction that all lanes reach or none, inside a
/// branch, <see cref="Sync"/> where the branch ends: without it PoCL's lanes went on with another lane's number.
/// </remarks>
internal interface ITeam
{
    /// <summary>This lane's number, from 0.</summary>
    static abstract int Lane { get; }

    /// <summary>How many lanes share the row.</summary>
    static abstract int Lanes { get; }

    /// <summary>Whether several lanes share the row.</summary>
    static abstract bool SharesRow { get; }

    /// <summary>The sum over the lanes, the same on every lane, always added in the same order.</summary>
    static abstract float Sum(float value);

    /// <summary>The maximum over the lanes, the same on every lane.</summary>
    static abstract float Max(float value);

    /// <summary>The minimum over the lanes, the same on every lane.</summary>
    static abstract int Min(int value);

    /// <summary>Makes what the lanes wrote to memory visible to all of them.</summary>
    static abstract void Sync();
}

/// <summary>The teams of kernels that parts of warps are not worth while for: such a kernel is compiled and tested for no others.</summary>
internal interface ILaneOrGroup : ITeam
{
    /// <summary>What the first lane has, on every lane.</summary>
    static abstract long OfFirst(long value);
}

/// <summary>A row a lane: processors, and short rows on any device.</summary>
internal readonly struct OneLane : ILaneOrGroup
{
    /// <inheritdoc/>
    public static int Lane => 0;

    /// <inheritdoc/>
    public static int Lanes => 1;

    /// <inheritdoc/>
    public static bool SharesRow => false;

    /// <inheritdoc/>
    public static float Sum(float value) => value;

    /// <inheritdoc/>
    public static float Max(float value) => value;

    /// <inheritdoc/>
    public static int Min(int value) => value;

    /// <inheritdoc/>
    public static long OfFirst(long value) => value;

    /// <inheritdoc/>
    public static void Sync()
    {
    }
}

/// <summary>A row a group, with reductions in shared memory: long rows on graphics processors. The group size is a power of two.</summary>
internal readonly struct OneGroup : ILaneOrGroup
{
    private const int MaxLanes = 256;

    /// <inheritdoc/>
    public static int Lane => Group.IdxX;

    /// <inheritdoc/>
    public static int Lanes => Group.DimX;

    /// <inheritdoc/>
    public static bool SharesRow => true;

    /// <inheritdoc/>
    public static float Sum(float value)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(MaxLanes);
        shared[Group.IdxX] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (Group.IdxX < half)
                shared[Group.IdxX] += shared[Group.IdxX + half];
            Group.Barrier();
        }

        float result = shared[0];

        // Without this barrier a fast lane starts the next reduction and overwrites element 0 before a slow one has read it.
        Group.Barrier();
        return result;
    }

    /// <inheritdoc/>
    public static float Max(float value)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(MaxLanes);
        shared[Group.IdxX] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (Group.IdxX < half)
            {
                float other = shared[Group.IdxX + half];
                if (shared[Group.IdxX] < other)
                    shared[Group.IdxX] = other;
            }

            Group.Barrier();
        }

        float result = shared[0];
        Group.Barrier();
        return result;
    }

    /// <inheritdoc/>
    public static int Min(int value)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(MaxLanes);
        shared[Group.IdxX] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (Group.IdxX < half && shared[Group.IdxX + half] < shared[Group.IdxX])
                shared[Group.IdxX] = shared[Group.IdxX + half];
            Group.Barrier();
        }

        int result = shared[0];
        Group.Barrier();
        return result;
    }

    /// <inheritdoc/>
    public static long OfFirst(long value)
    {
        ArrayView<long> shared = SharedMemory.Allocate<long>(1);
        if (Group.IdxX == 0)
            shared[0] = value;
        Group.Barrier();
        long result = shared[0];
        Group.Barrier();
        return result;
    }

    /// <inheritdoc/>
    public static void Sync() => Group.Barrier();
}
