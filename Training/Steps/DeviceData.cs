using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Training.Steps;

/// <summary>A data set in device memory, as bytes where it came as grey levels.</summary>
public sealed class DeviceData
{
    private readonly ArrayView<byte> bytes;
    private readonly ArrayView<float> numbers;
    private readonly bool isBytes;
    private readonly int firstElement;

    /// <summary>Copies <paramref name="data"/> to the device.</summary>
    public DeviceData(ComputeDevice device, Arena arena, DataSet data)
    {
        Count = data.Count;
        Width = data.Width;
        isBytes = data.Bytes is not null;
        firstElement = data.FirstElement;
        if (data.Bytes is { } grey)
        {
            bytes = arena.Allocate<byte>(grey.LongLength, MemoryUse.Data);
            device.Upload<byte>(bytes, grey);
        }
        else
        {
            numbers = arena.Allocate<float>(data.Values!.LongLength, MemoryUse.Data);
            device.Upload<float>(numbers, data.Values);
        }
    }

    /// <summary>n.</summary>
    public int Count { get; }

    /// <summary>D.</summary>
    public int Width { get; }

    /// <summary>Records the gathering of the step's batch [B, D].</summary>
    public void RecordGather(LaunchList list, ArrayView<StepState> state, Matrix batch, BatchOrder order, DeviceBinarisation binarisation, ulong seed)
    {
        if (isBytes)
            BatchGather.Record(list, state, bytes, Count, batch, order, binarisation, seed, firstElement);
        else
            BatchGather.Record(list, state, numbers, Count, batch, order, seed);
    }
}
