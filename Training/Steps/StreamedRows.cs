using ILGPU;
using ILGPU.Runtime;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Training.Steps;

/// <summary>
/// Two chunks of a data set's rows in device memory, the same kind of bytes or numbers as on the host, and a chunk of page-locked host memory through which
/// they are filled: only from there do copies run beside kernels.
/// </summary>
internal sealed class StreamedRows : IDisposable
{
    private readonly DataSet data;
    private readonly PageLockedArray1D<byte> staged;

    internal StreamedRows(ComputeDevice device, Arena arena, DataSet data, int chunkRows)
    {
        this.data = data;
        int chunkBytes = checked(chunkRows * data.RowBytes);
        OnDevice = arena.Allocate<byte>((long)ExampleWindow.Chunks * chunkBytes, MemoryUse.Data);
        staged = device.Accelerator.AllocatePageLocked1D<byte>(chunkBytes, uninitialized: false);
    }

    /// <summary>The rows of both chunks.</summary>
    internal ArrayView<byte> OnDevice { get; }

    /// <summary>Puts an example into row <paramref name="row"/> of the chunk to be copied. Different rows may be put at the same time.</summary>
    internal void Stage(int row, int example) => data.Row(example).CopyTo(staged.GetArray().AsSpan(row * data.RowBytes, data.RowBytes));

    /// <summary>Enqueues the copy of the whole chunk to one of the two places.</summary>
    internal void Copy(AcceleratorStream stream, int place) => OnDevice.SubView(place * staged.Length, staged.Length).CopyFrom(stream, staged.ArrayView);

    public void Dispose() => staged.Dispose();
}
