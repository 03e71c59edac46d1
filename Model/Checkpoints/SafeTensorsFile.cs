using IlgpuVae.Runtime;

namespace IlgpuVae.Model.Checkpoints;

/// <summary>The content of a safetensors file.</summary>
public sealed class SafeTensorsFile
{
    private readonly Dictionary<string, NamedTensor> byName;

    internal SafeTensorsFile(string path, IReadOnlyDictionary<string, string> metadata, IReadOnlyList<NamedTensor> tensors)
    {
        Path = path;
        Metadata = metadata;
        Tensors = tensors;
        byName = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>The file that was read, for messages.</summary>
    public string Path { get; }

    /// <summary>The file's text map, without the checksum that <see cref="SafeTensors.Write"/> adds to it.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors in the order of their data.</summary>
    public IReadOnlyList<NamedTensor> Tensors { get; }

    /// <summary>Whether the file has a tensor of this name.</summary>
    public bool Has(string name) => byName.ContainsKey(name);

    /// <summary>The numbers of a tensor that must have the given shape.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="shape">The shape the model wants.</param>
    /// <exception cref="InputException">The file lacks the tensor, or has it in another shape.</exception>
    public float[] Values(string name, ReadOnlySpan<int> shape)
    {
        const string cure = "use the options of the run that wrote it.";
        if (!byName.TryGetValue(name, out NamedTensor? tensor))
        {
            string held = Tensors.Count == 0 ? "no tensors" : string.Join(", ", Tensors.Take(8).Select(other => other.Name));
            throw new InputException($"{Path} has no tensor {name}, it has {held}{(Tensors.Count > 8 ? ", ..." : "")}; {cure}");
        }

        return shape.SequenceEqual(tensor.Shape)
            ? tensor.Values
            : throw new InputException($"{Path} has {name} {Format(tensor.Shape)}, this model wants {Format(shape)}; {cure}");
    }

    /// <summary>The text stored under <paramref name="key"/>.</summary>
    /// <exception cref="InputException">The file has no such entry.</exception>
    public string Text(string key) => Metadata.TryGetValue(key, out string? text)
        ? text
        : throw new InputException($"{Path} has no metadata entry {key}; give a checkpoint that ilgpu-vae wrote.");

    private static string Format(ReadOnlySpan<int> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
