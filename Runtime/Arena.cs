using System.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace IlgpuVae.Runtime;

/// <summary>What a piece of device memory is for; decides which option an out-of-memory message names.</summary>
public enum MemoryUse
{
    /// <summary>Parameters, their gradients and the optimiser's moments.</summary>
    Parameters,

    /// <summary>Activations and their gradients: grows with the batch and the layers' widths.</summary>
    Activations,

    /// <summary>Codes, their log-likelihoods and decoder rows: grows with latents, categories and samples.</summary>
    Codes,

    /// <summary>The data set.</summary>
    Data,
}

/// <summary>
/// The device memory of one model: 256-byte aligned pieces cut from a few large slabs, freed together. Everything is cut
/// before the first training step; a step allocates nothing.
/// </summary>
public sealed class Arena : IDisposable
{
    // ILGPU assumes kernel buffers are 256-byte aligned and emits vector loads on that assumption.
    private const long Alignment = 256;
    private const long SlabBytes = 8L << 20;

    private readonly ComputeDevice device;
    private readonly List<MemoryBuffer1D<byte, Stride1D.Dense>> slabs = [];
    private readonly List<IDisposable> users = [];
    private readonly long[] usedBy = new long[Enum.GetValues<MemoryUse>().Length];
    private readonly bool isLimited;
    private ArrayView<byte> free;
    private long freeOffset;

    /// <summary>Creates an empty arena on <paramref name="device"/>.</summary>
    /// <param name="device">Where the memory lives.</param>
    /// <param name="limitBytes">The most this arena may take; the device's own memory when left out.</param>
    public Arena(ComputeDevice device, long? limitBytes = null)
    {
        this.device = device;
        LimitBytes = limitBytes ?? device.MemoryBytes;
        isLimited = limitBytes is not null;
    }

    /// <summary>The most this arena may take, in bytes.</summary>
    public long LimitBytes { get; }

    /// <summary>Bytes handed out, alignment included. Nothing is given back before the end, so this is the peak.</summary>
    public long UsedBytes => usedBy.Sum();

    /// <summary>Bytes handed out for <paramref name="use"/>.</summary>
    public long UsedBytesFor(MemoryUse use) => usedBy[(int)use];

    /// <summary>A zeroed matrix [rows, columns].</summary>
    public Matrix Matrix(int rows, int columns, MemoryUse use) => new(Allocate<float>((long)rows * columns, use), rows, columns);

    /// <summary>A zeroed array of <paramref name="length"/> elements.</summary>
    /// <exception cref="InputException">The device has no room; the message says how much was asked, how much there is and what to change.</exception>
    public ArrayView<T> Allocate<T>(long length, MemoryUse use)
        where T : unmanaged
    {
        // A view's offset counts whole elements, and a cast rounds it down: a piece starts at a multiple of its element's size as well.
        long size = Interop.SizeOf<T>();
        long granule = Alignment / (long)BigInteger.GreatestCommonDivisor(Alignment, size) * size;
        long bytes = checked(Math.Max(1, length) * size);
        long skipped = (granule - (freeOffset % granule)) % granule;
        long aligned = skipped + ((bytes + Alignment - 1) / Alignment * Alignment);
        if (aligned > free.Length)
        {
            aligned -= skipped;
            skipped = 0;
            free = NewSlab(Math.Max(aligned, Math.Min(SlabBytes, LimitBytes - UsedBytes)), aligned, use);
            freeOffset = 0;
        }

        ArrayView<T> piece = free.SubView(skipped, bytes).Cast<T>().SubView(0, length);
        free = aligned == free.Length ? default : free.SubView(aligned, free.Length - aligned);
        freeOffset += aligned;
        usedBy[(int)use] += aligned;
        return piece;
    }

    /// <summary>Has <paramref name="user"/>, which works on this memory on its own, disposed before the memory is freed.</summary>
    public void DisposeFirst(IDisposable user) => users.Add(user);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable user in users)
            user.Dispose();
        users.Clear();
        foreach (MemoryBuffer1D<byte, Stride1D.Dense> slab in slabs)
            slab.Dispose();
        slabs.Clear();
    }

    private ArrayView<byte> NewSlab(long bytes, long asked, MemoryUse use)
    {
        if (UsedBytes + asked > LimitBytes)
            throw OutOfMemory(asked, use, null);
        try
        {
            MemoryBuffer1D<byte, Stride1D.Dense> slab = device.Accelerator.Allocate1D<byte>(bytes);
            slabs.Add(slab);
            slab.View.AsContiguous().MemSetToZero(device.Stream);
            return slab.View.AsContiguous();
        }
        catch (Exception failure) when (failure is AcceleratorException or OutOfMemoryException)
        {
            throw OutOfMemory(asked, use, failure);
        }
    }

    private InputException OutOfMemory(long asked, MemoryUse use, Exception? cause)
    {
        MemoryUse largest = UsedBytesFor(use) + asked >= usedBy.Max() ? use : (MemoryUse)Array.IndexOf(usedBy, usedBy.Max());
        string cure = largest switch
        {
            MemoryUse.Parameters => $"narrower layers ({Setting.Of("Encoder")}, {Setting.Of("Decoder")})",
            MemoryUse.Activations => $"a smaller {Setting.Of("Batch")} or narrower layers ({Setting.Of("Encoder")}, {Setting.Of("Decoder")})",
            MemoryUse.Codes =>
                $"fewer {Setting.Of("Categories")}, {Setting.Of("Latents")} or {Setting.Of("Samples")}, a smaller {Setting.Of("Batch")}, or another "
                    + $"{Setting.Of("Estimator")}",
            _ => $"{Setting.Of("Stream", "Always")}, which keeps no more than a part of the data on the device",
        };
        string message = $"{device.Name} is out of memory: {Mebibytes(asked)} more were asked for on top of {Mebibytes(UsedBytes)}, and "
            + $"{Mebibytes(LimitBytes)} is all {(isLimited ? $"that {Setting.Of("MemoryLimit")} allows" : "there is")}. Use "
            + $"{cure}{(isLimited ? $", or raise {Setting.Of("MemoryLimit")}" : string.Empty)}.";
        return cause is null ? new InputException(message) : new InputException(message, cause);
    }

    private static string Mebibytes(long bytes) => $"{bytes / 1048576.0:F1} MiB";
}
