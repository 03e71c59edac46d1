using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>A piece of work to profile: its launches over inputs of one shape. A launch is measured under the name it was recorded with.</summary>
/// <param name="Shape">As <c>R=8192 K=64</c>.</param>
/// <param name="Record">Records it; called once for each set of inputs.</param>
internal sealed record KernelWork(string Shape, Action<WorkInputs> Record)
{
    /// <summary>What the rows are called where that is not the launch's name: what the peers call it.</summary>
    internal string? Name { get; init; }

    /// <summary>Whether products may round to TF32.</summary>
    internal bool Tf32 { get; init; }
}

/// <summary>A set of inputs of a <see cref="KernelWork"/>, and the list that its launches are recorded in.</summary>
internal sealed class WorkInputs(ComputeDevice device, Arena arena, bool tf32 = false)
{
    // Of the size of logits.
    private const float Spread = 4f;

    private uint filled;

    /// <summary>Where to record.</summary>
    internal LaunchList List { get; } = new(device) { Tf32 = tf32 };

    /// <summary>The device.</summary>
    internal ComputeDevice Device => device;

    /// <summary>A step state in the middle of a run.</summary>
    internal ArrayView<StepState> State
    {
        get
        {
            ArrayView<StepState> state = Empty<StepState>(1);
            StepState middle = StepState.Start with { Step = 1, GradientScale = 1f, FirstMomentPower = 0.9f, SecondMomentPower = 0.999f };
            middle.Scheduled.Temperature = 0.7f;
            device.Upload<StepState>(state, [middle]);
            return state;
        }
    }

    /// <summary>A matrix of 0.</summary>
    internal Matrix Empty(int rows, int columns) => arena.Matrix(rows, columns, MemoryUse.Activations);

    /// <summary>An array of 0.</summary>
    internal ArrayView<T> Empty<T>(long length)
        where T : unmanaged => arena.Allocate<T>(length, MemoryUse.Activations);

    /// <summary>A matrix of numbers in (-4, 4).</summary>
    internal Matrix Filled(int rows, int columns)
    {
        Matrix matrix = Empty(rows, columns);
        Run(fill => fill.Elements("fill", checked((int)matrix.Length), new FillBody(matrix.View, Spread, filled++), default));
        return matrix;
    }

    /// <summary>Hard codes, all categories alike.</summary>
    internal Codes HardCodes(int rows, int variables, int categories)
    {
        Codes codes = Codes.Hard(Empty<int>((long)rows * variables), rows, variables, categories);
        Run(fill => fill.Elements("fill", rows * variables, new NumberBody(codes.Numbers, categories, filled++), default));
        return codes;
    }

    private void Run(Action<LaunchList> record)
    {
        LaunchList fill = new(device);
        record(fill);
        fill.Replay();
    }

    // MurmurHash3's finaliser.
    private static uint Hash(uint index, uint stream)
    {
        uint h = (index * 0x9E3779B1u) + (stream * 0x85EBCA77u);
        h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
        h = (h ^ (h >> 13)) * 0xC2B2AE35u;
        return h ^ (h >> 16);
    }

    internal readonly struct FillBody(ArrayView<float> values, float spread, uint stream) : IElementBody
    {
        public void At(int i) => values[i] = spread * (((int)(Hash((uint)i, stream) >> 8) * (2f / (1 << 24))) - 1f);
    }

    internal readonly struct NumberBody(ArrayView<int> numbers, int categories, uint stream) : IElementBody
    {
        public void At(int i) => numbers[i] = (int)(Hash((uint)i, stream) % (uint)categories);
    }
}
