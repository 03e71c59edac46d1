using System.Text;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>
/// Names a file of another kind by how its content starts, whatever its name says: what often lies in the place of data, and what data are often kept in that
/// is not read here.
/// </summary>
internal static class ForeignFile
{
    /// <summary>Bytes of a file's start that tell.</summary>
    internal const int Telling = 512;

    private const string Npy = "Save its array as a .npy with numpy.save";
    private const string Csv = "Save its table as a .csv";
    private const string Unpack = "Unpack it first, and name what was in it";

    // Where in a tar archive its mark stands, and where in a zip the name of the first entry.
    private const int TarMark = 257;
    private const int ZipName = 30;

    private static readonly (byte[] Start, string What, string Cure)[] Marks =
    [
        ([0x89, .. "HDF\r\n"u8], "an HDF5 file", Npy),
        ([.. "MATLAB 5.0 MAT"u8], "a MATLAB file", "Load it with scipy.io.loadmat, and save the array as a .npy with numpy.save"),
        ([0x80, 2], "a Python pickle", Npy),
        ([0x80, 3], "a Python pickle", Npy),
        ([0x80, 4], "a Python pickle", Npy),
        ([0x80, 5], "a Python pickle", Npy),
        ([.. "ARROW1"u8], "an Arrow file (Feather)", "Save its table as a .parquet"),
        ([.. "PARE"u8], "an encrypted Parquet file", "Save its table without encryption"),
        ([.. "SQLite format 3"u8], "an SQLite data base", Csv),
        ([0xD0, 0xCF, 0x11, 0xE0], "a file of old Office programs, as an .xls of Excel", Csv),
        ([.. "%PDF-"u8], "a PDF document", Csv),
        ([.. "BZh"u8], "packed with bzip2", Unpack),
        ([0xFD, .. "7zXZ"u8], "packed with xz", Unpack),
        ([0x28, 0xB5, 0x2F, 0xFD], "packed with zstd", Unpack),
        ([0x04, 0x22, 0x4D, 0x18], "packed with lz4", Unpack),
        ([.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive", Unpack),
        ([.. "Rar!"u8], "a RAR archive", Unpack),
    ];

    private static readonly (string Entry, string What, string Cure)[] Zips =
    [
        ("[Content_Types].xml", "an Excel workbook or another Office document", Csv),
        ("_rels/", "an Excel workbook or another Office document", Csv),
        ("docProps/", "an Excel workbook or another Office document", Csv),
        ("xl/", "an Excel workbook", Csv),
        ("mimetypeapplication/vnd.oasis", "an OpenDocument file", Csv),
    ];

    /// <summary>Refuses a file that starts as one of another kind. JSON is one too, but where it is what is read.</summary>
    /// <exception cref="InputException">It does; the message says what it is.</exception>
    public static void Refuse(string path, ReadOnlySpan<byte> start, bool allowsJson = false)
    {
        if (Find(start, allowsJson) is (string what, string cure))
            throw new InputException($"{path} is {what}. {cure}.");
    }

    private static (string What, string Cure)? Find(ReadOnlySpan<byte> start, bool allowsJson)
    {
        foreach ((byte[] mark, string what, string cure) in Marks)
        {
            if (start.StartsWith(mark))
                return (what, cure);
        }
        if (start.Length > TarMark && start[TarMark..].StartsWith("ustar"u8))
            return ("a tar archive", Unpack);
        if (start.StartsWith("PK\u0003\u0004"u8) && start.Length > ZipName)
            return OfZip(Encoding.Latin1.GetString(start[ZipName..]));
        // Letters with a zero byte beside each, and no mark in front that says so.
        if (start.Length >= 4 && (IsWide(start[0], start[1], start[2], start[3]) || IsWide(start[1], start[0], start[3], start[2])))
            return ("text as UTF-16 that does not say so", "Save it as UTF-8");
        return OfText(Text(start).TrimStart(), allowsJson);
    }

    private static bool IsWide(byte letter, byte zero, byte nextLetter, byte nextZero) =>
        zero == 0 && nextZero == 0 && letter is >= (byte)' ' and <= (byte)'~' && nextLetter is >= (byte)' ' and <= (byte)'~';

    private static (string What, string Cure)? OfZip(string names)
    {
        foreach ((string entry, string what, string cure) in Zips)
        {
            if (names.StartsWith(entry, StringComparison.Ordinal))
                return (what, cure);
        }
        return names.Split('\0', 2)[0].Contains("/data.pkl", StringComparison.Ordinal)
            ? ("a PyTorch file", "Save tensor.numpy() as a .npy with numpy.save")
            : null;
    }

    private static string Text(ReadOnlySpan<byte> start) => start switch
    {
        [0xFF, 0xFE, ..] => Encoding.Unicode.GetString(start[2..]),
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode.GetString(start[2..]),
        [0xEF, 0xBB, 0xBF, ..] => Encoding.UTF8.GetString(start[3..]),
        _ => Encoding.Latin1.GetString(start),
    };

    private static (string What, string Cure)? OfText(string text, bool allowsJson)
    {
        bool Starts(string with) => text.StartsWith(with, StringComparison.OrdinalIgnoreCase);
        if (Starts("version https://git-lfs"))
            return ("a pointer that Git LFS keeps in the place of a file", "Fetch the file itself with git lfs pull");
        if (Starts("<!doctype html") || Starts("<html"))
            return ("a web page (HTML), not data", "Open the address in a browser, and download the file that the page leads to");
        if (Starts("<?xml"))
            return ("an XML document", Csv);
        if (Starts("@relation"))
            return ("an ARFF file of Weka", "Save what follows its line @data as a .csv");
        // A row of data begins with a bracket nowhere else.
        if (!allowsJson && (Starts("{") || (Starts("[") && text[1..].TrimStart() is [('{' or '[' or '"' or '-' or (>= '0' and <= '9')), ..])))
            return ("JSON, or another list in brackets", "Save its numbers as a .csv or, with numpy.save, as a .npy");
        return null;
    }
}
