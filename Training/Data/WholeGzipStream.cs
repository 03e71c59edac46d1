using System.Buffers.Binary;
using System.IO.Compression;

namespace IlgpuVae.Training.Data;

/// <summary>
/// Unpacks a gzip file and fails at its end where the length that it records is not what came out. The framework's stream takes a file that was
/// cut short for one that ends there, which would lose examples without a word.
/// </summary>
internal sealed class WholeGzipStream(FileStream file) : GZipStream(file, CompressionMode.Decompress)
{
    private readonly uint recorded = LastFourBytes(file);
    private uint unpacked;

    // The base class sends its other ways to read, but for ReadByte, through this one.
    public override int Read(byte[] buffer, int offset, int count)
    {
        int got = base.Read(buffer, offset, count);
        unpacked += (uint)got;
        if (got == 0 && count > 0 && unpacked != recorded)
            throw new InvalidDataException(
                $"{unpacked} bytes were unpacked, but the file ends as one of {recorded} does; if it is several gzip files in one, unpack it with gunzip "
                    + "first");
        return got;
    }

    public override int ReadByte()
    {
        byte[] one = new byte[1];
        return Read(one, 0, 1) == 0 ? -1 : one[0];
    }

    private static uint LastFourBytes(FileStream file)
    {
        Span<byte> last = stackalloc byte[4];
        file.Position = Math.Max(0, file.Length - 4);
        _ = file.ReadAtLeast(last, 4, throwOnEndOfStream: false);
        file.Position = 0;
        return BinaryPrimitives.ReadUInt32LittleEndian(last);
    }
}
