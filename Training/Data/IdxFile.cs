using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>
/// Reads IDX, the form of MNIST: two zero bytes, a type, the number of dimensions, each dimension as a big-endian 32-bit count, the numbers.
/// </summary>
internal static class IdxFile
{
    /// <summary>Examples [n, D] or [n, height, width].</summary>
    public static DataSet ReadExamples(string path) => SourceFile.Read(path, stream =>
    {
        (NumberFormat format, long[] dims, byte[] payload) = ReadArray(path, stream);
        if (dims.Length is 2 or 3)
            return format.ToDataSet(
                path, payload, (int)dims[0], payload.Length / format.Size / (int)dims[0], dims.Length == 2 ? null : ((int)dims[1], (int)dims[2]));
        throw new InputException(dims.Length == 1
            ? $"{path} holds one number an example, so these are labels. Name the file of images, or the folder that holds both."
            : $"{path} has {dims.Length} dimensions; examples have 2 (count, numbers) or 3 (count, height, width). Convert the pictures to one grey channel.");
    });

    /// <summary>Class labels [n], which must be as many as there are examples in <paramref name="examples"/>.</summary>
    public static int[] ReadLabels(string path, DataSet examples) => SourceFile.Read(path, stream =>
    {
        (NumberFormat format, long[] dims, byte[] payload) = ReadArray(path, stream);
        if (dims.Length != 1 || !format.IsByte)
            throw new InputException(
                $"{path} has {dims.Length} dimensions of type {format.Kind}{format.Size}; labels have one, of unsigned bytes. Put the matching labels file "
                    + "there, or remove it.");
        if (dims[0] != examples.Count)
            throw new InputException(
                $"{path} holds {dims[0]} labels, but {examples.Name} holds {examples.Count} examples. Put the matching labels file there, or remove it.");
        return Array.ConvertAll(payload, label => (int)label);
    });

    private static (NumberFormat Format, long[] Dims, byte[] Payload) ReadArray(string path, Stream stream)
    {
        byte[] magic = SourceFile.ReadHeader(stream, path, "IDX", 0, 4);
        if (magic[0] != 0 || magic[1] != 0 || !TryFormat(magic[2], out NumberFormat? format) || magic[3] is 0 or > 4)
        {
            throw new InputException(
                $"{path}: bytes 1-4 are {Convert.ToHexString(magic)}, but IDX starts 0000, a type (08, 09, 0B to 0E) and 1 to 4 dimensions. " +
                "This is another kind of file, or a damaged one: download it again.");
        }
        byte[] counts = SourceFile.ReadHeader(stream, path, "IDX", 4, 4 * magic[3]);
        long[] dims = new long[magic[3]];
        UInt128 numbers = 1;
        for (int i = 0; i < dims.Length; i++)
        {
            dims[i] = BinaryPrimitives.ReadUInt32BigEndian(counts.AsSpan(4 * i));
            numbers *= (UInt128)dims[i];
        }
        string promise = string.Join(" x ", dims);
        if (numbers == 0)
            throw new InputException($"{path}: the header promises {promise} numbers, so there are no examples. Name a file that holds some.");
        long headerBytes = 4 + counts.Length;
        HostBudget.Check(path, numbers, format.Value.Size);
        return (format.Value, dims, SourceFile.ReadPayload(stream, path, promise + " numbers", headerBytes, (long)numbers * format.Value.Size));
    }

    private static bool TryFormat(byte type, [NotNullWhen(true)] out NumberFormat? format)
    {
        format = type switch
        {
            0x08 => new('u', 1, true),
            0x09 => new('i', 1, true),
            0x0B => new('i', 2, true),
            0x0C => new('i', 4, true),
            0x0D => new('f', 4, true),
            0x0E => new('f', 8, true),
            _ => null,
        };
        return format is not null;
    }
}
