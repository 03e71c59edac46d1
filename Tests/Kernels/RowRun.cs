using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>A row operation on a device: its arrays in guard bands, its launches recorded once, to be replayed at will.</summary>
internal sealed class RowRun
{
    private readonly ComputeDevice device;
    private readonly Arena arena;
    private readonly Matrix[] inputs;
    private readonly RowArray[] outputs;
    private readonly GuardedMatrix?[] matrices;
    private readonly GuardedCodes?[] codes;
    private readonly List<GuardedMatrix> scratch = [];
    private readonly RowArray[] read;
    private readonly (int Input, int Output)? inPlace;

    public RowRun(ComputeDevice device, Arena arena, RowOperation operation, RowArray[] read, int rows, int k, (int Input, int Output)? inPlace = null)
    {
        (this.device, this.arena, this.read, this.inPlace, Rows, K) = (device, arena, read, inPlace, rows, k);
        outputs = operation.Outputs(rows, k);
        matrices = Array.ConvertAll(outputs, output => output.AreCodes ? null : new GuardedMatrix(device, arena, output.Rows, output.Columns));
        codes = Array.ConvertAll(outputs, output => output.AreCodes ? new GuardedCodes(device, arena, output.Rows, 1, k) : null);
        inputs = [.. read.Select((input, i) => inPlace is { } both && both.Input == i ? matrices[both.Output]!.Matrix : Upload(input))];
        State = arena.Allocate<StepState>(1, MemoryUse.Activations);
        device.Upload<StepState>(State, [operation.State]);
        List = new LaunchList(device);
        operation.Record(this);
    }

    /// <summary>R and K.</summary>
    public int Rows { get; }

    /// <summary>K.</summary>
    public int K { get; }

    /// <summary>Where the operation is recorded.</summary>
    public LaunchList List { get; }

    /// <summary>The step's state.</summary>
    public ArrayView<StepState> State { get; }

    /// <summary>An input.</summary>
    public Matrix In(int i) => inputs[i];

    /// <summary>An input, as [rows, ...].</summary>
    public Matrix In(int i, int rows) => inputs[i].Reshape(rows, (int)inputs[i].Length / rows);

    /// <summary>An output.</summary>
    public Matrix Out(int i) => matrices[i]!.Matrix;

    /// <summary>An output, as [rows, ...].</summary>
    public Matrix Out(int i, int rows) => Out(i).Reshape(rows, (int)Out(i).Length / rows);

    /// <summary>An input's codes.</summary>
    public Codes CodesIn(int i, int variables)
    {
        ArrayView<int> numbers = arena.Allocate<int>(inputs[i].Length, MemoryUse.Codes);
        device.Upload<int>(numbers, Array.ConvertAll(read[i].Values!, number => (int)number));
        return Codes.Hard(numbers, (int)inputs[i].Length / variables, variables, K);
    }

    /// <summary>An output's codes.</summary>
    public Codes CodesOut(int i, int variables) => Codes.Hard(codes[i]!.Codes.Numbers, outputs[i].Rows / variables, variables, K);

    /// <summary>Memory that the operation works in.</summary>
    public Matrix Scratch(int rows, int columns)
    {
        scratch.Add(new GuardedMatrix(device, arena, rows, columns));
        return scratch[^1].Matrix;
    }

    /// <summary>What one more run writes, after checking all bands; codes as numbers.</summary>
    public float[][] Replay()
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            float[]? before = inPlace is { } both && both.Output == i ? read[both.Input].Values : outputs[i].Values;
            if (before is not null)
                device.Upload<float>(Out(i).View, before);
        }

        List.Replay();
        device.Wait();
        foreach (GuardedMatrix matrix in scratch)
            _ = matrix.Download();
        return [.. outputs.Select((output, i) => output.AreCodes ? Array.ConvertAll(codes[i]!.Download(), number => (float)number) : matrices[i]!.Download())];
    }

    private Matrix Upload(RowArray input)
    {
        Matrix matrix = arena.Matrix(input.Rows, input.Columns, MemoryUse.Activations);
        device.Upload<float>(matrix.View, input.Values!);
        return matrix;
    }
}
