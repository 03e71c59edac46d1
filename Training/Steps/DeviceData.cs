using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Training.Steps;

/// <summary>
/// A data set as a device reads it, as bytes where it came as grey levels: all of it in device memory, or streaming from the host through a window.
/// </summary>
public sealed class DeviceData
{
    private readonly ArrayView<byte> memory;
    private readonly ExampleWindow? window;
    private readonly bool isBytes;
    private readonly int firstElement;

    /// <summary>Copies <paramref name="data"/> to the device.</summary>
    public DeviceData(ComputeDevice device, Arena arena, DataSet data)
        : this(
            data,
            arena.Allocate<byte>((long)data.Count * data.RowBytes, MemoryUse.Data),
            null,
            data.Context is { } context ? new DeviceData(device, arena, context) : null)
    {
        if (data.Bytes is { } grey)
            device.Upload<byte>(memory, grey);
        else
            device.Upload<float>(memory.Cast<float>(), data.Values);
    }

    /// <summary>Copies other examples of the same kind over the first ones; no more than there are.</summary>
    internal void Overwrite(ComputeDevice device, DataSet data)
    {
        if (data.Bytes is { } grey)
            device.Upload<byte>(memory.SubView(0, grey.Length), grey);
        else
            device.Upload<float>(memory.Cast<float>().SubView(0, data.Values!.Length), data.Values);
        if (data.Context is { } context)
            Context!.Overwrite(device, context);
    }

    private DeviceData(DataSet data, ArrayView<byte> memory, ExampleWindow? window, DeviceData? context)
    {
        Count = data.Count;
        Width = data.Width;
        Context = context;
        isBytes = data.Bytes is not null;
        firstElement = data.FirstElement;
        this.memory = memory;
        this.window = window;
    }

    /// <summary>n.</summary>
    public int Count { get; }

    /// <summary>D.</summary>
    public int Width { get; }

    /// <summary>What a conditional model is told about each example, in the same order; null where nothing is.</summary>
    public DeviceData? Context { get; }

    /// <summary>Whether the data stream from the host.</summary>
    public bool IsStreamed => window is not null;

    /// <summary>Puts <paramref name="data"/> where <paramref name="placement"/> says.</summary>
    /// <param name="device">The device.</param>
    /// <param name="arena">Its memory.</param>
    /// <param name="data">The set; where it streams its arrays have to stay as they are.</param>
    /// <param name="placement">Where it is kept.</param>
    /// <param name="order">The order in which it will be read.</param>
    /// <param name="seed">The key of a shuffled order.</param>
    /// <param name="batch">B.</param>
    internal static DeviceData Place(ComputeDevice device, Arena arena, DataSet data, DataPlacement placement, BatchOrder order, ulong seed, int batch)
    {
        if (placement.ChunkBytes is not { } chunkBytes)
            return new DeviceData(device, arena, data);
        ExampleWindow window = new(device, arena, data, order, seed, batch, chunkBytes);
        DeviceData? context = data.Context is { } told ? new DeviceData(told, window.Contexts!.OnDevice, window, null) : null;
        return new DeviceData(data, window.Examples.OnDevice, window, context);
    }

    /// <summary>Has the batch of a step on the device before the step is enqueued; only data that stream need it.</summary>
    /// <param name="step">The step that the device will be in.</param>
    /// <param name="batch">B.</param>
    public void Fetch(int step, int batch) => window?.Fetch(step, batch);

    /// <summary>Records the gathering of the step's batch [B, D].</summary>
    /// <exception cref="ArgumentException">The data stream in another order.</exception>
    internal void RecordGather(LaunchList list, ArrayView<StepState> state, Matrix batch, BatchOrder order, DeviceBinarisation binarisation, ulong seed)
    {
        if (window?.Follows(order, seed) == false)
            throw new ArgumentException("the data stream in another order or by another seed.", nameof(order));
        int rows = window?.Rows ?? 0;
        if (isBytes)
            BatchGather.Record(list, state, memory, Count, batch, order, binarisation, seed, firstElement, rows);
        else
            BatchGather.Record(list, state, memory.Cast<float>(), Count, batch, order, seed, rows);
    }
}
