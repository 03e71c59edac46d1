using System.Buffers.Binary;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>
/// How a binary file stores a number: <paramref name="Kind"/> is <c>b</c> (truth value), <c>u</c>, <c>i</c> or <c>f</c>,
/// <paramref name="Size"/> its bytes.
/// </summary>
internal readonly record struct NumberFormat(char Kind, int Size, bool BigEndian)
{
    public bool IsByte => Kind is 'b' or 'u' && Size == 1;

    /// <summary>The examples of a file as a data set: bytes stay grey levels, everything else becomes finite floats.</summary>
    public DataSet ToDataSet(string path, byte[] payload, int count, int width, (int Height, int Width)? picture)
    {
        DataSet set = new() { Name = Path.GetFileName(path), Count = count, Width = width, Picture = picture };
        return IsByte ? set with { Bytes = payload } : set with { Values = ToFloats(path, payload, width) };
    }

    private float[] ToFloats(string path, byte[] payload, int width)
    {
        float[] values = new float[payload.Length / Size];
        for (int i = 0; i < values.Length; i++)
        {
            Span<byte> raw = payload.AsSpan(i * Size, Size);
            if (BigEndian)
                raw.Reverse();
            values[i] = (float)Read(raw);
            if (!float.IsFinite(values[i]))
            {
                throw new InputException(
                    $"{path}: example {(i / width) + 1}, number {(i % width) + 1} is {Read(raw)}, which is not a finite float. Replace or drop such "
                        + "examples first.");
            }
        }
        return values;
    }

    /// <summary>A number as it is stored by the machine that reads it, little-endian.</summary>
    public double Read(ReadOnlySpan<byte> raw) => (Kind, Size) switch
    {
        ('b' or 'u', 1) => raw[0],
        ('i', 1) => (sbyte)raw[0],
        ('i', 2) => BinaryPrimitives.ReadInt16LittleEndian(raw),
        ('i', 4) => BinaryPrimitives.ReadInt32LittleEndian(raw),
        ('i', 8) => BinaryPrimitives.ReadInt64LittleEndian(raw),
        ('u', 2) => BinaryPrimitives.ReadUInt16LittleEndian(raw),
        ('u', 4) => BinaryPrimitives.ReadUInt32LittleEndian(raw),
        ('u', 8) => BinaryPrimitives.ReadUInt64LittleEndian(raw),
        ('f', 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(raw),
        ('f', 4) => BinaryPrimitives.ReadSingleLittleEndian(raw),
        ('f', 8) => BinaryPrimitives.ReadDoubleLittleEndian(raw),
        _ => throw new InvalidOperationException($"No number format {Kind}{Size}."),
    };
}
