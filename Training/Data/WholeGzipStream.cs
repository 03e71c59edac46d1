using System.IO.Compression;

namespace IlgpuVae.Training.Data;

/// <summary>
/// Unpacks a gzip file, of one member or of several one behind the other, and fails at its end where it was cut short. The framework's stream takes such a
/// file for one that ends there, which would lose examples without a word. So a member of our own is read behind the file's last: its content comes out whole,
/// and last, only where all before it was.
/// </summary>
internal sealed class WholeGzipStream : ForwardStream
{
    private const int Block = 1 << 16;

    // bgzip cuts a file into members and ends it with this empty one. Without it, whole members are missing at the end.
    private static readonly byte[] BgzipEnd =
        [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0xFF, 6, 0, (byte)'B', (byte)'C', 2, 0, 0x1B, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private static readonly byte[] Mark = [.. "the end of a whole gzip file"u8];
    private static readonly byte[] PackedMark = Pack(Mark);

    private readonly GZipStream unpacked;
    private readonly byte[] buffer = new byte[Block + Mark.Length];
    private int start, end;
    private bool isAtEnd;

    /// <summary>Unpacks what <paramref name="file"/> holds from its start, and owns it.</summary>
    public WholeGzipStream(FileStream file)
    {
        RefuseCutBgzip(file);
        unpacked = new GZipStream(new MarkedStream(file), CompressionMode.Decompress);
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        // The last bytes that came may be the mark: they are held back until more follow them.
        while (end - start <= Mark.Length && !isAtEnd)
            Fill();
        int got = Math.Min(buffer.Length, Math.Max(0, end - start - Mark.Length));
        this.buffer.AsSpan(start, got).CopyTo(buffer);
        start += got;
        return got;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            unpacked.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        (start, end) = (0, end - start);
        int got = unpacked.Read(buffer, end, buffer.Length - end);
        end += got;
        isAtEnd = got == 0;
        if (isAtEnd && !buffer.AsSpan(0, end).SequenceEqual(Mark))
            throw new InvalidDataException("the file ends within what was packed, or goes on with something that is not gzip");
    }

    private static void RefuseCutBgzip(FileStream file)
    {
        Span<byte> bytes = stackalloc byte[BgzipEnd.Length];
        file.Position = 0;
        bool isBgzip = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length && bytes[..4].SequenceEqual(BgzipEnd.AsSpan(0, 4))
            && bytes[10..16].SequenceEqual(BgzipEnd.AsSpan(10, 6));
        if (isBgzip)
        {
            file.Position = file.Length - bytes.Length;
            file.ReadExactly(bytes);
            if (!bytes.SequenceEqual(BgzipEnd))
                throw new InvalidDataException("the empty block that bgzip puts at the end is missing");
        }
        file.Position = 0;
    }

    private static byte[] Pack(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }

    /// <summary>A file with the packed mark behind it.</summary>
    private sealed class MarkedStream(FileStream file) : ForwardStream
    {
        private int marked;

        public override int Read(Span<byte> buffer)
        {
            int got = file.Read(buffer);
            if (got > 0 || buffer.IsEmpty)
                return got;
            got = Math.Min(buffer.Length, PackedMark.Length - marked);
            PackedMark.AsSpan(marked, got).CopyTo(buffer);
            marked += got;
            return got;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                file.Dispose();
            base.Dispose(disposing);
        }
    }
}
