using System.Text;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Reads .amat as the binarised MNIST uses it: one example a line, zeros and ones separated by white space. Ones become level 255.</summary>
internal static class AmatFile
{
    public static DataSet Read(string path) => SourceFile.Read(path, stream =>
    {
        List<byte> levels = [];
        byte[] block = new byte[1 << 16];
        int count = 0, width = 0, column = 0, line = 1;
        bool inNumber = false, afterReturn = false;
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        for (int got = stream.Read(block); got > 0; got = stream.Read(block))
        {
            HostBudget.Check(path, (UInt128)(levels.Count + got), 1);
            // Editors put the mark of UTF-8 in front.
            int from = line == 1 && levels.Count == 0 && block.AsSpan(0, got).StartsWith(mark) ? mark.Length : 0;
            for (int i = from; i < got; i++)
            {
                byte c = block[i];
                if (c is (byte)'0' or (byte)'1' && !inNumber)
                {
                    levels.Add(c == '1' ? byte.MaxValue : byte.MinValue);
                    column++;
                    inNumber = true;
                }
                else if (c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                {
                    inNumber = false;
                    // A line may end with a carriage return, a line feed, or both.
                    if (c == '\r' || (c == '\n' && !afterReturn))
                        EndLine();
                }
                else
                {
                    throw new InputException(
                        $"{path}, line {line}, column {column + (inNumber ? 0 : 1)}: expected 0 or 1, found "
                            + $"{Shown(block.AsSpan(inNumber ? Math.Max(i - 1, 0) : i, got - i))}. " +
                        "Name real-valued tables .txt instead.");
                }
                afterReturn = c == '\r';
            }
        }
        EndLine();
        if (count == 0)
            throw new InputException($"{path} holds no examples, only blank lines. Copy or download the file again.");
        return new DataSet { Name = Path.GetFileName(path), Count = count, Width = width, Bytes = [.. levels] };

        void EndLine()
        {
            if (column > 0)
            {
                if (count == 0)
                    width = column;
                if (column != width)
                    throw new InputException(
                        $"{path}, line {line}: expected {width} numbers as in the first line, found {column}. The file is cut short or damaged: copy or "
                            + "download it again.");
                count++;
            }
            column = 0;
            line++;
        }
    });

    private static string Shown(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> word = bytes[..Math.Min(bytes.Length, 12)];
        int end = word.IndexOfAny((byte)' ', (byte)'\n', (byte)'\r');
        word = end < 0 ? word : word[..end];
        return word.ContainsAnyExceptInRange((byte)'!', (byte)'~') ? $"byte {bytes[0]:X2}" : $"'{Encoding.ASCII.GetString(word)}'";
    }
}
