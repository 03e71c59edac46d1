namespace IlgpuVae.Training.Data;

/// <summary>Which columns of a table a set's numbers are.</summary>
/// <param name="Count">Columns of the whole table.</param>
/// <param name="Names">The header's names of all of them, or null where the table has no header.</param>
/// <param name="Kept">Column, counted from 0, of each of the set's D numbers.</param>
/// <param name="Label">The label's column, counted from 0, or null.</param>
internal sealed record TableColumns(int Count, string[]? Names, int[] Kept, int? Label = null)
{
    internal TableColumns Narrow(ReadOnlySpan<int> places)
    {
        int[] kept = new int[places.Length];
        for (int i = 0; i < kept.Length; i++)
            kept[i] = Kept[places[i]];
        return this with { Kept = kept };
    }
}
