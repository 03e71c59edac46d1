using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model.Checkpoints;

/// <summary>
/// The safetensors format: eight bytes of header length (little-endian), a JSON header padded with spaces to a multiple of eight, then
/// the tensors' numbers back to back. Written as 32-bit floats; read from 32-bit, 16-bit and bfloat16 floats.
/// </summary>
/// <remarks>
/// Files written here carry a checksum in their metadata, so that a damaged checkpoint is refused instead of trained on: the SHA-256 of
/// the whole file with the checksum's own 64 digits taken as zeros. Other programs see one more line of text. Numbers are copied as
/// the bytes in memory, which every platform ILGPU runs on keeps little-endian.
/// </remarks>
public static class SafeTensors
{
    /// <summary>Metadata key of the checksum.</summary>
    public const string ChecksumKey = "ilgpu_vae.sha256";

    private const int ReadAhead = 1 << 20;

    /// <summary>
    /// Writes the tensors in their order and the metadata by key, replacing the file as a whole (see <see cref="AtomicFile"/>). The
    /// same input gives the same bytes.
    /// </summary>
    /// <exception cref="ArgumentException">A name is missing, reserved or used twice, or a shape does not fit its values.</exception>
    /// <exception cref="IOException">The file cannot be written; one that was there before is still whole.</exception>
    public static void Write(string path, IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(metadata);
        byte[] header = SafeTensorsHeader.Compose(tensors, metadata);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        foreach (NamedTensor tensor in tensors)
            hash.AppendData(MemoryMarshal.AsBytes<float>(tensor.Values));
        Encoding.ASCII.GetBytes(Digits(hash), header.AsSpan(SafeTensorsHeader.ChecksumDigits(header)!.Value));

        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (NamedTensor tensor in tensors)
                stream.Write(MemoryMarshal.AsBytes<float>(tensor.Values));
        });
    }

    /// <summary>Reads a whole file; every length, offset and shape in its header is checked before it is used.</summary>
    /// <exception cref="InputException">The file cannot be opened, is damaged, or is no safetensors file.</exception>
    public static SafeTensorsFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, ReadAhead);
            return Read(path, stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {error.Message}", error);
        }
    }

    private static SafeTensorsFile Read(string path, FileStream stream)
    {
        SafeTensorsHeader header = SafeTensorsHeader.Read(path, stream);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (header.Checksum is not null)
            hash.AppendData(header.WithoutChecksum());

        List<NamedTensor> tensors = new(header.Entries.Count);
        foreach (SafeTensorsEntry entry in header.Entries)
            tensors.Add(new NamedTensor(entry.Name, entry.Shape, ReadValues(stream, entry, header.Checksum is null ? null : hash)));

        return header.Checksum is null || header.Checksum == Digits(hash)
            ? new SafeTensorsFile(path, header.Metadata, tensors)
            : throw new InputException(
                $"{path} has changed since it was written: its checksum does not fit. Use another copy or an earlier checkpoint.");
    }

    private static float[] ReadValues(FileStream stream, SafeTensorsEntry entry, IncrementalHash? hash)
    {
        float[] values = new float[entry.Count];
        if (entry.Type == SafeTensorsType.F32)
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan());
            stream.ReadExactly(bytes);
            hash?.AppendData(bytes);
            return values;
        }

        ushort[] halves = new ushort[entry.Count];
        stream.ReadExactly(MemoryMarshal.AsBytes(halves.AsSpan()));
        hash?.AppendData(MemoryMarshal.AsBytes<ushort>(halves));
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = entry.Type == SafeTensorsType.F16
                ? (float)BitConverter.UInt16BitsToHalf(halves[i])
                : BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
        }

        return values;
    }

    private static string Digits(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());
}
