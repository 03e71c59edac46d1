using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// All parameters of a model in one flat buffer, with gradients and both moments in buffers of the same layout, so that the optimiser is one launch.
/// Layers first declare what they need; <see cref="Allocate"/> then places and initialises everything.
/// </summary>
public sealed class ParameterSet
{
    // Keeps every parameter on a 256-byte boundary of the flat buffers.
    private const int AlignmentFloats = 64;

    private readonly List<Parameter> parameters = [];
    private long length;

    /// <summary>The parameters in order of declaration.</summary>
    public IReadOnlyList<Parameter> All => parameters;

    /// <summary>How many numbers are trained.</summary>
    public long Count => parameters.Sum(parameter => parameter.Length);

    /// <summary>Values, padding included.</summary>
    public ArrayView<float> Values { get; private set; }

    /// <summary>Gradients; the padding stays 0.</summary>
    public ArrayView<float> Gradients { get; private set; }

    /// <summary>First moments of the optimiser.</summary>
    public ArrayView<float> FirstMoments { get; private set; }

    /// <summary>Second moments of the optimiser.</summary>
    public ArrayView<float> SecondMoments { get; private set; }

    /// <summary>Declares a parameter.</summary>
    /// <exception cref="InvalidOperationException">The set is allocated already, or the name is taken.</exception>
    public Parameter Declare(string name, int rows, int columns, ParameterLayout layout, ParameterStart start)
    {
        if (Values.Length > 0)
            throw new InvalidOperationException($"parameter {name} was declared after the parameters were allocated.");
        if (parameters.Any(other => other.Name == name))
            throw new InvalidOperationException($"there are two parameters named {name}.");
        Parameter parameter = new(this, name, rows, columns, layout, start, length);
        parameters.Add(parameter);
        length += (parameter.Length + AlignmentFloats - 1) / AlignmentFloats * AlignmentFloats;
        return parameter;
    }

    /// <summary>Places all declared parameters in <paramref name="arena"/> and gives them their first values.</summary>
    public void Allocate(ComputeDevice device, Arena arena, ulong seed)
    {
        Values = arena.Allocate<float>(length, MemoryUse.Parameters);
        Gradients = arena.Allocate<float>(length, MemoryUse.Parameters);
        FirstMoments = arena.Allocate<float>(length, MemoryUse.Parameters);
        SecondMoments = arena.Allocate<float>(length, MemoryUse.Parameters);
        for (int i = 0; i < parameters.Count; i++)
            device.Upload<float>(parameters[i].Value.View, FirstValues(parameters[i], i, seed));
    }

    private static float[] FirstValues(Parameter parameter, int index, ulong seed)
    {
        float[] values = new float[parameter.Length];
        for (int i = 0; i < values.Length; i++)
        {
            Philox4 words = Philox.Generate((uint)i, (uint)index, 0, (uint)Randomness.Initialisation, seed);
            values[i] = parameter.Start.Kind switch
            {
                ParameterStartKind.Uniform => parameter.Start.Scale * ((2f * Philox.Uniform(words.X)) - 1f),
                ParameterStartKind.Normal => parameter.Start.Scale * BoxMuller(Philox.Uniform(words.X), Philox.Uniform(words.Y)),
                _ => parameter.Start.Scale,
            };
            values[i] += parameter.Start.Offsets?[i] ?? 0f;
        }

        return values;
    }

    private static float BoxMuller(float u, float v) => MathF.Sqrt(-2f * MathF.Log(u)) * MathF.Cos(2f * MathF.PI * v);
}
