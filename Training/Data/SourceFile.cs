using System.IO.Compression;
using System.Security;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Opens the files of a source, unpacking gzip by content rather than by name, and turns the system's errors into ours.</summary>
internal static class SourceFile
{
    /// <summary>Runs <paramref name="read"/> on the plain content. The stream can seek exactly where its length is known beforehand.</summary>
    public static T Read<T>(string path, Func<Stream, T> read) => OrRefuse(path, () =>
    {
        using Stream content = Open(path);
        return read(content);
    });

    /// <summary>The plain content. What is wrong with it beyond being no file or empty shows while it is read: see <see cref="OrRefuse"/>.</summary>
    public static Stream Open(string path, bool allowsJson = false) => OrRefuse(path, () =>
    {
        FileStream file = File.OpenRead(path);
        try
        {
            if (!file.CanSeek)
                throw new InputException($"{path} is not a regular file. Copy what it delivers to a file and name that.");
            if (file.Length == 0)
                throw new InputException($"{path} is empty (0 bytes). Copy or download the file again.");
            byte[] start = Start(file);
            bool gzip = start is [0x1F, 0x8B, ..];
            ForeignFile.Refuse(path, gzip ? UnpackedStart(file) : start, allowsJson);
            file.Position = 0;
            return gzip ? new WholeGzipStream(file) : (Stream)file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    });

    /// <summary>Runs <paramref name="work"/> on what <paramref name="path"/> names; an error of the system becomes one that says what to do.</summary>
    public static T OrRefuse<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (InvalidDataException e)
        {
            throw new InputException($"{path}: the compressed data are damaged or cut short ({Clause(e)}). Copy or download the file again.", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or SecurityException)
        {
            throw new InputException($"{path} may not be read ({Clause(e)}). Change its permissions, or copy it to where you may read it.", e);
        }
        catch (OutOfMemoryException e)
        {
            throw new InputException($"{path} does not fit in host memory. Cut it into smaller files.", e);
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{path} cannot be read ({Clause(e)}). Check the name and the disk it is on.", e);
        }
    }

    /// <summary>Reads <paramref name="bytes"/> bytes of a header of this <paramref name="kind"/>, which start at byte <paramref name="offset"/>.</summary>
    public static byte[] ReadHeader(Stream stream, string path, string kind, int offset, int bytes)
    {
        byte[] header = new byte[bytes];
        int got = stream.ReadAtLeast(header, bytes, throwOnEndOfStream: false);
        return got == bytes
            ? header
            : throw new InputException($"{path} ends at byte {offset + got}, inside its {kind} header. Copy or download the file again.");
    }

    /// <summary>
    /// Reads the <paramref name="expected"/> bytes that a header promises. Memory grows with what really arrives, so that a header
    /// full of nonsense is found out before it costs anything.
    /// </summary>
    public static byte[] ReadPayload(Stream stream, string path, string promise, long headerBytes, long expected)
    {
        if (stream.CanSeek && stream.Length - headerBytes != expected)
            throw WrongLength(path, promise, headerBytes, expected, $"{stream.Length - headerBytes}");
        byte[] payload = new byte[Math.Min(expected, stream.CanSeek ? expected : 1 << 20)];
        int read = 0;
        while (read < expected)
        {
            if (read == payload.Length)
                Array.Resize(ref payload, (int)Math.Min(expected, 2L * payload.Length));
            int got = stream.Read(payload, read, payload.Length - read);
            if (got == 0)
                throw WrongLength(path, promise, headerBytes, expected, $"{read}");
            read += got;
        }
        if (stream.ReadByte() >= 0)
            throw WrongLength(path, promise, headerBytes, expected, "more");
        return payload;
    }

    /// <summary>The name without .gz and its extension in lower case: <c>x.npy.gz</c> gives (<c>x</c>, <c>.npy</c>).</summary>
    public static (string Stem, string Extension) Name(string path)
    {
        string name = Path.GetFileName(path);
        if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            name = name[..^3];
        string extension = Path.GetExtension(name);
        // File extensions are compared in lower case by convention; nothing is shown to a reader.
        return (name[..^extension.Length], string.Create(extension.Length, extension, (to, from) => from.AsSpan().ToLowerInvariant(to)));
    }

    private static byte[] Start(Stream stream)
    {
        byte[] start = new byte[ForeignFile.Telling];
        return start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
    }

    private static byte[] UnpackedStart(FileStream file)
    {
        file.Position = 0;
        using GZipStream gzip = new(file, CompressionMode.Decompress, leaveOpen: true);
        try
        {
            return Start(gzip);
        }
        catch (InvalidDataException)
        {
            // Whoever reads on finds the damage, and says so.
            return [];
        }
    }

    private static InputException WrongLength(string path, string promise, long headerBytes, long expected, string found) =>
        new($"{path}: the header promises {promise}, {expected} bytes after byte {headerBytes}, but {found} follow. " +
            "The file is cut short or its header is wrong: copy or download it again.");

    private static string Clause(Exception e) => e.Message.TrimEnd('.');
}
