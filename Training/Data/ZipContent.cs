using System.Buffers.Binary;
using System.IO.Compression;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>The files in a zip archive. One that is encrypted, or packed in a way that is not read here, is named as that.</summary>
internal sealed class ZipContent : IDisposable
{
    private const int EndBytes = 22;
    private const int LongestComment = ushort.MaxValue;
    private const int RecordBytes = 46;

    private readonly string path;
    private readonly FileStream file;
    private readonly ZipArchive archive;

    /// <summary>Opens an archive. What is wrong with it may show later: see <see cref="SourceFile.OrRefuse"/>.</summary>
    public ZipContent(string path)
    {
        this.path = path;
        file = File.OpenRead(path);
        try
        {
            archive = new ZipArchive(file, ZipArchiveMode.Read);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The entries, and their names with forward slashes, without those that archivers of macOS add.</summary>
    public IEnumerable<(string Name, ZipArchiveEntry Entry)> Entries => archive.Entries
        .Select(entry => (entry.FullName.Replace('\\', '/'), entry))
        .Where(pair => !pair.Item1.Split('/').Any(IsPassedOver));

    /// <summary>Whether a file or folder of this name is never data.</summary>
    public static bool IsPassedOver(string name) => name.StartsWith('.') || name == "__MACOSX";

    /// <summary>Where an entry is, for messages.</summary>
    public string Place(ZipArchiveEntry entry) => $"{path}, entry {MessageText.OneLine(entry.FullName.Replace('\\', '/'))}";

    /// <summary>An entry's plain content.</summary>
    /// <exception cref="InputException">It is encrypted, or packed in a way that is not read.</exception>
    public Stream Open(ZipArchiveEntry entry)
    {
        if (entry.IsEncrypted)
            throw new InputException($"{Place(entry)} is encrypted. Unpack the archive with its password, and name what was in it.");
        try
        {
            return entry.Open();
        }
        catch (InvalidDataException) when (Method(entry) is { } method)
        {
            throw new InputException(
                $"{Place(entry)} is packed with {method}, and only stored and deflated entries are read. Unpack the archive, and name what was in it.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        archive.Dispose();
        file.Dispose();
    }

    // The framework does not tell how an entry is packed: the archive's list of its entries does.
    private string? Method(ZipArchiveEntry entry)
    {
        byte[] end = ReadAt(Math.Max(0, file.Length - EndBytes - LongestComment), EndBytes + LongestComment);
        int last = end.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (last < 0 || last + EndBytes > end.Length)
            return null;
        long at = BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(last + 16));
        for (int i = 0; i < archive.Entries.Count; i++)
        {
            byte[] record = ReadAt(at, RecordBytes);
            if (record.Length < RecordBytes || !record.AsSpan().StartsWith("PK\u0001\u0002"u8))
                return null;
            if (archive.Entries[i] == entry)
                return Named(BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(10)));
            at += RecordBytes + BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(28)) + BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(30))
                + BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(32));
        }
        return null;
    }

    private byte[] ReadAt(long position, int bytes)
    {
        byte[] read = new byte[bytes];
        file.Position = Math.Min(position, file.Length);
        return read[..file.ReadAtLeast(read, bytes, throwOnEndOfStream: false)];
    }

    private static string? Named(int method) => method switch
    {
        0 or 8 => null,
        9 => "Deflate64",
        12 => "bzip2",
        14 => "LZMA",
        93 => "zstd",
        95 => "xz",
        98 => "PPMd",
        _ => $"method {method}",
    };
}
