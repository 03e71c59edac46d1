using System.Numerics;

namespace IlgpuVae.Training.Output;

/// <summary>
/// Rows as lines of text. The text of a batch is made by all processors, a share of its rows each, and written in the order of the rows: next to an encoder
/// one processor is too slow for it.
/// </summary>
internal abstract class LineOutput
{
    // Values of a share: what they take stays in a processor's cache, and asking another thread for fewer takes as long as making their text.
    private const int ShareValues = 1 << 13;

    private readonly LineText[] texts = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new LineText())];
    private byte[][] before = [];
    private byte[]? notFinite;

    /// <summary>Takes text, of whole lines.</summary>
    protected delegate void Sink(ReadOnlySpan<byte> text);

    /// <summary>What stands behind a row's last value.</summary>
    protected abstract byte[] End { get; }

    /// <summary>What stands for a number that is not finite, or null where it has text of its own.</summary>
    protected abstract byte[]? NotFinite { get; }

    /// <summary>What stands before the first row.</summary>
    protected abstract void Begin(LineText text, IReadOnlyList<OutputColumn> columns);

    /// <summary>What stands before a column's values.</summary>
    protected abstract byte[] Before(OutputColumn column, int place);

    /// <summary>A word as a value.</summary>
    protected abstract void Word(LineText text, string word);

    /// <summary>Writes batches of rows.</summary>
    protected void Write(Sink sink, IEnumerable<IReadOnlyList<OutputColumn>> batches)
    {
        bool isFirst = true;
        foreach (IReadOnlyList<OutputColumn> columns in batches)
        {
            if (isFirst)
            {
                (before, notFinite) = ([.. columns.Select(Before)], NotFinite);
                Begin(texts[0], columns);
            }

            isFirst = false;
            Write(sink, ColumnRun.Of(columns), columns[0].Count, Math.Max(1, ShareValues / columns.Count));
        }
    }

    private void Write(Sink sink, ColumnRun[] runs, int rows, int shareRows)
    {
        for (int start = 0; start < rows; start += texts.Length * shareRows)
        {
            int from = start, shares = Math.Min(texts.Length, (rows - from + shareRows - 1) / shareRows);
            if (shares == 1)
                Share(0);
            else
                _ = Parallel.For(0, shares, Share);
            foreach (LineText text in texts.AsSpan(0, shares))
            {
                sink(text.Written);
                text.Clear();
            }

            void Share(int share)
            {
                int first = from + (share * shareRows), end = Math.Min(rows, first + shareRows);
                for (int row = first; row < end; row++)
                    Line(texts[share], runs, row);
            }
        }
    }

    private void Line(LineText text, ColumnRun[] runs, int row)
    {
        foreach (ColumnRun run in runs)
        {
            switch (run.First)
            {
                case WordColumn words:
                    text.Add(before[run.Place]);
                    Word(text, words[row]);
                    break;
                case NumberColumn<int> numbers:
                    Numbers(text, run, numbers.Row(row, run.Count));
                    break;
                case NumberColumn<long> numbers:
                    Numbers(text, run, numbers.Row(row, run.Count));
                    break;
                case NumberColumn<float> numbers:
                    Numbers(text, run, numbers.Row(row, run.Count));
                    break;
                case NumberColumn<double> numbers:
                    Numbers(text, run, numbers.Row(row, run.Count));
                    break;
                default:
                    throw new ArgumentException($"column {run.First.Name} is of no kind that is written.", nameof(runs));
            }
        }

        text.Add(End);
    }

    private void Numbers<T>(LineText text, ColumnRun run, ReadOnlySpan<T> numbers)
        where T : unmanaged, INumber<T> => text.Add(numbers, before.AsSpan(run.Place, run.Count), notFinite);
}
