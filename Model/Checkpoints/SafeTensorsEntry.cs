using System.Text.Json;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model.Checkpoints;

/// <summary>Number types that become 32-bit floats without rounding.</summary>
internal enum SafeTensorsType
{
    F32,
    F16,
    BF16,
}

/// <summary>One tensor as the header describes it; ordered by where its data begin.</summary>
internal sealed record SafeTensorsEntry(string Name, SafeTensorsType Type, int[] Shape, int Count, long Begin, long End)
    : IComparable<SafeTensorsEntry>
{
    private long Bytes => (long)Count * (Type == SafeTensorsType.F32 ? sizeof(float) : sizeof(ushort));

    /// <summary>Writes the tensor's entry with its data at <paramref name="offset"/> and returns where they end.</summary>
    internal static long Write(Utf8JsonWriter json, NamedTensor tensor, long offset)
    {
        if (CountOf(tensor.Shape) != tensor.Values.Length)
        {
            throw new ArgumentException(
                $"{tensor.Name} has shape {Format(tensor.Shape)} but {tensor.Values.Length} values; give as many as it holds.",
                nameof(tensor));
        }

        long end = offset + ((long)tensor.Values.Length * sizeof(float));
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", nameof(SafeTensorsType.F32));
        WriteNumbers(json, "shape", tensor.Shape.Select(dimension => (long)dimension));
        WriteNumbers(json, "data_offsets", [offset, end]);
        json.WriteEndObject();
        return end;
    }

    /// <summary>Reads one entry of the header.</summary>
    internal static SafeTensorsEntry Read(string path, string name, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw SafeTensorsHeader.Damaged(path, $"the entry of {name} is not an object");
        SafeTensorsType type = ReadType(path, name, element);
        long[] shape = Numbers(path, name, "shape", element);
        long[] offsets = Numbers(path, name, "data_offsets", element);
        if (offsets.Length != 2)
            throw SafeTensorsHeader.Damaged(path, $"data_offsets of {name} is not a pair");
        if (CountOf(shape) is not int count)
            throw SafeTensorsHeader.Damaged(path, $"{name} {Format(shape)} holds more numbers than one tensor may (2 GiB)");
        return new SafeTensorsEntry(name, type, Array.ConvertAll(shape, dimension => (int)dimension), count, offsets[0], offsets[1]);
    }

    /// <summary>Where the data end, which must begin at <paramref name="start"/>.</summary>
    internal long EndAfter(string path, long start)
    {
        if (Begin != start)
            throw SafeTensorsHeader.Damaged(path, $"the data of {Name} begin at {Begin}, where the tensor before ends at {start}");
        return End - Begin == Bytes
            ? End
            : throw SafeTensorsHeader.Damaged(
                path,
                $"{Name} {Format(Shape)} needs {Bytes} bytes, its offsets {Begin} to {End} hold {End - Begin}");
    }

    /// <inheritdoc/>
    public int CompareTo(SafeTensorsEntry? other) => other is null ? 1 : (Begin, End, Name).CompareTo((other.Begin, other.End, other.Name));

    private static SafeTensorsType ReadType(string path, string name, JsonElement element)
    {
        if (!element.TryGetProperty("dtype", out JsonElement type) || type.ValueKind != JsonValueKind.String)
            throw SafeTensorsHeader.Damaged(path, $"{name} has no dtype");
        return type.GetString() switch
        {
            "F32" => SafeTensorsType.F32,
            "F16" => SafeTensorsType.F16,
            "BF16" => SafeTensorsType.BF16,
            string other => throw new InputException($"{path} holds {name} as {other}; only F32, F16 and BF16 are read, so convert it."),
            null => throw SafeTensorsHeader.Damaged(path, $"{name} has no dtype"),
        };
    }

    private static long[] Numbers(string path, string name, string key, JsonElement element)
    {
        if (!element.TryGetProperty(key, out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            throw SafeTensorsHeader.Damaged(path, $"{name} has no {key}");
        return [.. list.EnumerateArray().Select(item =>
            item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out long number) && number >= 0
                ? number
                : throw SafeTensorsHeader.Damaged(path, $"{key} of {name} holds {item.GetRawText()}, not a whole number from 0 up"))];
    }

    // The bytes of one tensor are addressed as one span, whose length is an int. A zero anywhere empties the tensor, so it is
    // looked for before the product can overflow.
    private static int? CountOf(IReadOnlyCollection<long> shape)
    {
        if (shape.Any(dimension => dimension is < 0 or > int.MaxValue))
            return null;
        if (shape.Contains(0))
            return 0;
        long count = 1;
        foreach (long dimension in shape)
        {
            count *= dimension;
            if (count > int.MaxValue / sizeof(float))
                return null;
        }

        return (int)count;
    }

    private static int? CountOf(int[] shape) => CountOf(Array.ConvertAll(shape, dimension => (long)dimension));

    private static string Format<T>(T[] shape) => $"[{string.Join(", ", shape)}]";

    private static void WriteNumbers(Utf8JsonWriter json, string key, IEnumerable<long> numbers)
    {
        json.WriteStartArray(key);
        foreach (long number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
