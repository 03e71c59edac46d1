using System.Globalization;
using System.Numerics;
using System.Text;

namespace IlgpuVae.Training.Output;

/// <summary>Text in UTF-8 that grows in memory.</summary>
internal sealed class LineText
{
    // The longest double takes 24 characters.
    private const int NumberRoom = 32;

    private byte[] bytes = new byte[1 << 12];
    private int used;

    /// <summary>What was written since the last <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, used);

    /// <summary>Begins anew in the same memory.</summary>
    public void Clear() => used = 0;

    /// <summary>A character of ASCII.</summary>
    public void Add(char character)
    {
        Reserve(1);
        bytes[used++] = (byte)character;
    }

    /// <summary>Text that is in UTF-8 already.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        Reserve(text.Length);
        text.CopyTo(bytes.AsSpan(used));
        used += text.Length;
    }

    /// <summary>A word.</summary>
    public void Add(string word)
    {
        Reserve(Encoding.UTF8.GetMaxByteCount(word.Length));
        used += Encoding.UTF8.GetBytes(word, bytes.AsSpan(used));
    }

    /// <summary>Numbers as the shortest text that reads back as the same, each behind what stands before it.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <param name="before">What stands before each of them.</param>
    /// <param name="notFinite">What stands for one that is not finite, or null where it has text of its own.</param>
    public void Add<T>(ReadOnlySpan<T> numbers, ReadOnlySpan<byte[]> before, byte[]? notFinite)
        where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            byte[] first = before[i];
            Reserve(first.Length + NumberRoom);
            Span<byte> to = bytes.AsSpan(used);
            first.CopyTo(to);
            used += first.Length;
            if (notFinite is not null && !T.IsFinite(numbers[i]))
                Add(notFinite);
            else if (numbers[i].TryFormat(to[first.Length..], out int written, default, CultureInfo.InvariantCulture))
                used += written;
            else
                throw new InvalidOperationException($"a number takes more than {NumberRoom} characters.");
        }
    }

    private void Reserve(int more)
    {
        if (bytes.Length - used < more)
            Array.Resize(ref bytes, Math.Max(2 * bytes.Length, used + more));
    }
}
