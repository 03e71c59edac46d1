using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Training.Output;

/// <summary>
/// Rows as NumPy arrays: <c>.npy</c> is one matrix [n, columns] of the smallest type that keeps every digit of its columns; <c>.npz</c> has an array [n] for
/// each column by its name. Rows that are pictures and nothing else are [n, height, width] in <c>.npy</c>.
/// </summary>
internal static class NpyOutput
{
    // Room for the count of rows, which is known when all are written.
    private const int HeaderBytes = 128;
    private const int PrefixBytes = 10;

    private enum MatrixKind
    {
        Integers,
        Floats,
        Doubles,
    }

    /// <summary>Writes batches of rows as one matrix, in the shape of pictures where the columns are as many as their pixels.</summary>
    /// <exception cref="InputException">A column holds words.</exception>
    public static void Write(Stream stream, IEnumerable<IReadOnlyList<OutputColumn>> batches, (int Height, int Width)? picture)
    {
        long start = stream.Position, rows = 0;
        int width = 0;
        MatrixKind kind = MatrixKind.Integers;
        long[] integers = [];
        float[] floats = [];
        double[] doubles = [];
        stream.Write(new byte[HeaderBytes]);
        foreach (IReadOnlyList<OutputColumn> columns in batches)
        {
            if (rows == 0)
                (width, kind) = (columns.Count, KindFor(columns));
            if (columns.FirstOrDefault(column => column is WordColumn) is { } words)
                throw new InputException(
                    $"Column '{MessageText.Excerpt(words.Name)}' holds words, and .npy holds numbers alone. Write .csv, .json or .npz, or leave the column "
                        + $"out.");
            stream.Write(kind switch
            {
                MatrixKind.Integers => MemoryMarshal.AsBytes<long>(integers = ColumnParts.Matrix(columns, integers)),
                MatrixKind.Floats => MemoryMarshal.AsBytes<float>(floats = ColumnParts.Matrix(columns, floats)),
                _ => MemoryMarshal.AsBytes<double>(doubles = ColumnParts.Matrix(columns, doubles)),
            });
            rows += columns[0].Count;
        }

        long end = stream.Position;
        stream.Position = start;
        string shape = picture is (int height, int across) && height * across == width ? $"{height}, {across}" : $"{width}";
        stream.Write(Header(kind switch { MatrixKind.Integers => "<i8", MatrixKind.Floats => "<f4", _ => "<f8" }, $"({rows}, {shape})"));
        stream.Position = end;
    }

    /// <summary>Writes batches of rows as an array for each column. The columns are kept in memory until all rows are there.</summary>
    public static void WriteBundle(Stream stream, IEnumerable<IReadOnlyList<OutputColumn>> batches)
    {
        IReadOnlyList<OutputColumn>[] all = [.. batches];
        using ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true);
        for (int c = 0; c < all[0].Count; c++)
        {
            OutputColumn[] parts = [.. all.Select(columns => columns[c])];
            using Stream entry = archive.CreateEntry($"{all[0][c].Name}.npy").Open();
            (string descriptor, byte[] payload) = Payload(parts);
            entry.Write(Header(descriptor, $"({parts.Sum(part => (long)part.Count)},)"));
            entry.Write(payload);
        }
    }

    // A double among floats, or a number of a row, would lose digits that other kinds of file have.
    private static MatrixKind KindFor(IReadOnlyList<OutputColumn> columns) =>
        columns.All(ColumnParts.IsWhole) ? MatrixKind.Integers
        : columns.Any(column => column is NumberColumn<double> or NumberColumn<long>) ? MatrixKind.Doubles
        : MatrixKind.Floats;

    private static (string Descriptor, byte[] Payload) Payload(OutputColumn[] parts) => parts[0] switch
    {
        WordColumn => Text(ColumnParts.Words(parts)),
        NumberColumn<int> => ("<i4", Bytes(ColumnParts.Numbers<int>(parts))),
        NumberColumn<long> => ("<i8", Bytes(ColumnParts.Numbers<long>(parts))),
        NumberColumn<float> => ("<f4", Bytes(ColumnParts.Numbers<float>(parts))),
        _ => ("<f8", Bytes(ColumnParts.Numbers<double>(parts))),
    };

    private static byte[] Bytes<T>(T[] numbers)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(numbers).ToArray();

    private static (string Descriptor, byte[] Payload) Text(string[] words)
    {
        int longest = Math.Max(1, words.Max(word => word.EnumerateRunes().Count()));
        byte[] text = new byte[4L * longest * words.Length];
        for (int i = 0; i < words.Length; i++)
            Encoding.UTF32.GetBytes(words[i], text.AsSpan(4 * longest * i));
        return ($"<U{longest}", text);
    }

    private static byte[] Header(string descriptor, string shape)
    {
        byte[] header = Encoding.ASCII.GetBytes(
            $"{{'descr': '{descriptor}', 'fortran_order': False, 'shape': {shape}, }}".PadRight(HeaderBytes - PrefixBytes - 1) + "\n");
        byte[] whole = new byte[HeaderBytes];
        ((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0]).CopyTo(whole);
        BinaryPrimitives.WriteUInt16LittleEndian(whole.AsSpan(8), (ushort)header.Length);
        header.CopyTo(whole, PrefixBytes);
        return whole;
    }
}
