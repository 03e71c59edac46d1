using System.Text.Json.Serialization;

namespace IlgpuVae.Bench.Counting;

/// <summary>
/// What launches ask of an H200, counted as an emulated CUDA device ran them: no time, no caches, no waiting. The same program gives the same counts.
/// </summary>
public sealed record WorkCounts
{
    /// <summary>Groups of the launches, all together.</summary>
    public required long Blocks { get; init; }

    /// <summary>Instructions of warps.</summary>
    public required long Instructions { get; init; }

    /// <summary>Lanes that had something to do, of all those instructions.</summary>
    public required long Lanes { get; init; }

    /// <summary>Pieces of 32 bytes of global memory that warps touched.</summary>
    public required long Sectors { get; init; }

    /// <summary>The fewest that could hold what they read and wrote.</summary>
    public required long FewestSectors { get; init; }

    /// <summary>Accesses of warps to shared memory.</summary>
    public required long SharedAccesses { get; init; }

    /// <summary>Passes over shared memory beyond those that accesses without conflicts of banks would take.</summary>
    public required long Conflicts { get; init; }

    /// <summary>The least time that all multiprocessors together need, microseconds.</summary>
    public required double BoundUs { get; init; }

    /// <summary>The least time of the multiprocessors that have a block, microseconds: launches of few blocks leave the others idle.</summary>
    public required double FilledUs { get; init; }

    /// <summary>What that least time is needed for: memory, issue, fp32, alu, sfu or lsu.</summary>
    public required string Binds { get; init; }

    /// <summary>Sectors over the fewest; 1 where nothing was read or written.</summary>
    [JsonIgnore]
    public double SectorsOverFewest => FewestSectors == 0 ? 1 : (double)Sectors / FewestSectors;

    /// <summary>Conflicts an access to shared memory.</summary>
    [JsonIgnore]
    public double ConflictsPerAccess => SharedAccesses == 0 ? 0 : (double)Conflicts / SharedAccesses;

    /// <summary>Active lanes of a warp, 32 at most.</summary>
    [JsonIgnore]
    public double LanesPerInstruction => Instructions == 0 ? 0 : (double)Lanes / Instructions;

    /// <summary>Both, one after the other; what binds is that of the longer.</summary>
    public static WorkCounts operator +(WorkCounts one, WorkCounts other) => new()
    {
        Blocks = one.Blocks + other.Blocks,
        Instructions = one.Instructions + other.Instructions,
        Lanes = one.Lanes + other.Lanes,
        Sectors = one.Sectors + other.Sectors,
        FewestSectors = one.FewestSectors + other.FewestSectors,
        SharedAccesses = one.SharedAccesses + other.SharedAccesses,
        Conflicts = one.Conflicts + other.Conflicts,
        BoundUs = one.BoundUs + other.BoundUs,
        FilledUs = one.FilledUs + other.FilledUs,
        Binds = one.FilledUs >= other.FilledUs ? one.Binds : other.Binds,
    };
}
