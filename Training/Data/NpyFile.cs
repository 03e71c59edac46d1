using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Reads NumPy's .npy, versions 1 to 3: a magic string, a version, the header's length, a header in Python's notation, the numbers.</summary>
internal static partial class NpyFile
{
    private const int LargestHeader = 1 << 16;

    /// <summary>Examples [n, D] or [n, height, width].</summary>
    public static DataSet Read(string path) => SourceFile.Read(path, stream => Read(path, stream));

    /// <summary>The same from a stream that is at the array's start.</summary>
    public static DataSet Read(string path, Stream stream)
    {
        (string header, long headerBytes) = ReadHeader(path, stream);
        NumberFormat format = ReadFormat(path, header);
        bool isColumnsFirst = ReadIsColumnsFirst(path, header);
        long[] shape = ReadShape(path, header);
        if (shape.Contains(0))
            throw new InputException($"{path} has shape ({string.Join(", ", shape)}), so there are no examples. Name a file that holds some.");
        long[] sides = Sides(path, shape);
        UInt128 numbers = 1;
        foreach (long side in sides)
            numbers *= (UInt128)side;
        HostBudget.Check(path, numbers, format.Size);
        byte[] payload = SourceFile.ReadPayload(stream, path, string.Join(" x ", shape) + " numbers", headerBytes, (long)numbers * format.Size);
        if (isColumnsFirst)
            payload = RowsFirst(payload, sides, format.Size);
        return format.ToDataSet(path, payload, (int)sides[0], (int)((long)numbers / sides[0]), sides.Length == 2 ? null : ((int)sides[1], (int)sides[2]));
    }

    // A channel of grey pictures, or an axis that a program put in: more than three axes are read where all beyond the first say 1 but two at most.
    private static long[] Sides(string path, long[] shape)
    {
        long[] sides = shape.Length <= 3 ? shape : [shape[0], .. shape[1..].Where(side => side > 1)];
        if (sides.Length == 1 && shape.Length > 1)
            sides = [shape[0], 1];
        if (sides.Length is 2 or 3)
            return sides;
        string shown = $"({string.Join(", ", shape)}{(shape.Length == 1 ? "," : "")})";
        throw new InputException(shape.Length == 1
            ? $"{path} has shape {shown}, which can be one example or many of one number. Save array.reshape(1, -1) or array.reshape(-1, 1)."
            : $"{path} has shape {shown}; examples need (count, numbers) or (count, height, width). Reshape the array and save it again.");
    }

    // Fortran's order has the first axis next to each other; here the last is.
    private static byte[] RowsFirst(byte[] columnsFirst, long[] sides, int size)
    {
        byte[] rows = new byte[columnsFirst.Length];
        (long count, long height, long width) = (sides[0], sides[1], sides.Length == 3 ? sides[2] : 1);
        int to = 0;
        for (long i = 0; i < count; i++)
        {
            for (long y = 0; y < height; y++)
            {
                for (long x = 0; x < width; x++, to += size)
                    columnsFirst.AsSpan((int)((i + (count * (y + (height * x)))) * size), size).CopyTo(rows.AsSpan(to));
            }
        }

        return rows;
    }

    /// <summary>The header in Python's notation, and how many bytes stand before the numbers.</summary>
    internal static (string Header, long Bytes) ReadHeader(string path, Stream stream)
    {
        byte[] start = SourceFile.ReadHeader(stream, path, ".npy", 0, 8);
        if (start[0] != 0x93 || !start.AsSpan(1, 5).SequenceEqual("NUMPY"u8))
            throw new InputException(
                $"{path}: bytes 1-6 are {Convert.ToHexString(start.AsSpan(0, 6))}, but .npy starts 934E554D5059. This is another kind of file: save the "
                    + "array with numpy.save.");
        if (start[6] is 0 or > 3)
            throw new InputException($"{path} is .npy version {start[6]}.{start[7]}; versions 1 to 3 are understood. Save the array again with numpy.save.");
        int lengthBytes = start[6] == 1 ? 2 : 4;
        byte[] length = SourceFile.ReadHeader(stream, path, ".npy", 8, lengthBytes);
        uint headerLength = lengthBytes == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(length) : BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (headerLength > LargestHeader)
            throw new InputException(
                $"{path}: the header claims {headerLength} bytes, but that of a plain array has at most {LargestHeader}. The file is damaged: save the "
                    + "array again.");
        byte[] header = SourceFile.ReadHeader(stream, path, ".npy", 8 + lengthBytes, (int)headerLength);
        return (Encoding.UTF8.GetString(header).Trim(), 8 + lengthBytes + headerLength);
    }

    /// <summary>Whether the numbers stand in Fortran's order.</summary>
    internal static bool ReadIsColumnsFirst(string path, string header) => FortranOrder().Match(header) is { Success: true } order
        ? order.Groups[1].Value == "True"
        : throw new InputException($"{path}: the header {header} does not say whether the order is Fortran's. Save the array again with numpy.save.");

    /// <summary>The characters of each word, little-endian, where the array is one of words, or null.</summary>
    internal static int? ReadWordLength(string header) =>
        Words().Match(header) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    /// <summary>How a number is stored.</summary>
    internal static NumberFormat ReadFormat(string path, string header)
    {
        Match match = Descriptor().Match(header);
        if (match.Success)
        {
            char kind = match.Groups[2].Value[0];
            int size = int.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture);
            bool known = kind == 'b' ? size == 1 : kind == 'f' ? size is 2 or 4 or 8 : size is 1 or 2 or 4 or 8;
            if (known)
                return new NumberFormat(kind, size, match.Groups[1].Value == ">");
        }
        if (Fields().IsMatch(header))
            throw new InputException(
                $"{path} holds rows of named fields (a structured array), not numbers. Save numpy.lib.recfunctions.structured_to_unstructured(array) instead.");
        throw new InputException(
            $"{path}: the header {header} has no type of number that is understood (truth values, integers, floats up to 8 bytes). Save "
                + "array.astype(numpy.float32) instead.");
    }

    /// <summary>The lengths of the axes.</summary>
    internal static long[] ReadShape(string path, string header)
    {
        Match match = Shape().Match(header);
        if (match.Success)
        {
            // Python 2 writes its long numbers with an L behind them.
            string[] sides =
            [
                .. match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(side => side.TrimEnd('L')),
            ];
            long[] shape = new long[sides.Length];
            int read = 0;
            // Three sides below 2^31 multiply within 128 bits; more are refused by rank whatever they are.
            while (
                read < sides.Length && long.TryParse(sides[read], NumberStyles.None, CultureInfo.InvariantCulture, out shape[read])
                    && shape[read] <= int.MaxValue)
                read++;
            if (read == sides.Length)
                return shape;
        }
        throw new InputException($"{path}: the header {header} has no shape of whole numbers below 2^31. Save the array again with numpy.save.");
    }

    [GeneratedRegex("""['"]descr['"]\s*:\s*['"]([<>|=])([buif])([0-9]{1,2})['"]""")]
    private static partial Regex Descriptor();

    [GeneratedRegex("""['"]descr['"]\s*:\s*\[""")]
    private static partial Regex Fields();

    [GeneratedRegex("""['"]descr['"]\s*:\s*['"]<U([0-9]{1,6})['"]""")]
    private static partial Regex Words();

    [GeneratedRegex("""['"]fortran_order['"]\s*:\s*(True|False)""")]
    private static partial Regex FortranOrder();

    [GeneratedRegex("""['"]shape['"]\s*:\s*\(([^()]*)\)""")]
    private static partial Regex Shape();
}
