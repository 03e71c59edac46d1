using System.Globalization;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Training.Steps;

/// <summary>Whether data stream from the host.</summary>
public enum Streaming
{
    /// <summary>Where they would take too much of the device's memory.</summary>
    Auto,

    /// <summary>They do.</summary>
    Always,

    /// <summary>They are copied to the device as a whole.</summary>
    Never,
}

/// <summary>Where a data set is kept, and why. It decides about memory and time alone: the batches are the same.</summary>
/// <param name="ChunkBytes">The size of the chunks in which it streams from the host, or null where it is resident on the device.</param>
/// <param name="Reason">Why, in words for people.</param>
public sealed record DataPlacement(long? ChunkBytes, string Reason)
{
    // Room for the model beside the data.
    private const long ResidentShare = 2;

    // Two chunks are on the device: together a small part of its memory.
    private const long ChunkShare = 32;

    /// <summary>The most bytes of a chunk: enough steps that waiting once in a chunk costs nothing.</summary>
    public const long LargestChunk = 32L << 20;

    /// <summary>On the device as a whole.</summary>
    public static DataPlacement Resident { get; } = new(null, "asked for");

    /// <summary><c>resident</c> or <c>streamed</c>.</summary>
    public string Name => ChunkBytes is null ? "resident" : "streamed";

    /// <summary>Decides where to keep a data set.</summary>
    /// <param name="asked">What was asked for.</param>
    /// <param name="data">The set, with its contexts.</param>
    /// <param name="usedBytes">Bytes that other data take on the device.</param>
    /// <param name="limitBytes">Bytes that may be used there in all.</param>
    public static DataPlacement Choose(Streaming asked, DataSet data, long usedBytes, long limitBytes)
    {
        long allowed = limitBytes / ResidentShare;
        bool fits = usedBytes + data.StoredBytes <= allowed;
        if (asked == Streaming.Never || (asked == Streaming.Auto && fits))
            return new DataPlacement(
                null,
                asked == Streaming.Never ? "asked for" : $"auto: {Mebibytes(data.StoredBytes)}, and data may take {Mebibytes(allowed)}, half of the memory");
        return new DataPlacement(
            Math.Min(LargestChunk, limitBytes / ChunkShare),
            asked == Streaming.Always ? "asked for" : $"auto: {Mebibytes(data.StoredBytes)}, and data may take {Mebibytes(allowed)}, half of the memory");
    }

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:N1} MiB");
}
