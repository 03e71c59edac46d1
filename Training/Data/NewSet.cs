using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Pictures and arrays that a run has not seen: read whole, prepared as the run's own were, and given out in batches.</summary>
internal sealed class NewSet : NewData
{
    private readonly DataSet? examples, contexts;
    private readonly int count;
    private int read;

    /// <summary>Reads a source.</summary>
    public NewSet(string path, DataContract contract, DataOptions reading, bool contextsAlone)
    {
        DataSet read = DataSource.OpenWhole(path, reading);
        if (read.Remark is { } remark)
            Remark(remark);
        DataSet prepared = Preparation.Apply(new DataSplits { Train = read }, read.Name, reading with
        {
            Standardise = false,
            Scale = contract.IsGrey ? reading.Scale : null,
            HoldsTruthValues = contract.IsBlackAndWhite,
        }).Train;
        if ((prepared.Bytes is not null) != contract.IsGrey)
            throw new InputException(
                $"{path} holds {(contract.IsGrey ? "real numbers" : "grey levels")}, and the run was trained on "
                    + $"{(contract.IsGrey ? "grey levels" : "real numbers")}. Give it data of the same kind.");
        if (contextsAlone && contract.UpperHalf is { } upper && prepared.Picture == upper)
        {
            contexts = prepared;
            count = prepared.Count;
            return;
        }

        DataSet whole = Parted(path, Scaled(path, prepared, contract), contract);
        if (whole.Width != contract.Width || (whole.Context?.Width ?? 0) != contract.ContextWidth)
            throw new InputException(
                $"{path} holds {Width(whole.Width, whole.Context?.Width ?? 0)} an example, and the run's model takes "
                    + $"{Width(contract.Width, contract.ContextWidth)}. Give it data of that width.");
        if (whole.Bytes is not null && whole.Count > 1 && AllAlike(whole))
            Remark($"{path}: all {whole.Count} pictures are alike.");
        Binarisation held = contract.Binarisation == Binarisation.Dynamic ? Binarisation.Static : contract.Binarisation;
        examples = contextsAlone ? null : Binarise.Apply(whole, held, seed: 0) with { Context = null };
        contexts = whole.Context;
        count = whole.Count;
    }

    /// <inheritdoc/>
    public override RowBatch? Next(int most)
    {
        if (read == count)
            return null;
        int[] rows = [.. Enumerable.Range(read, Math.Min(most, count - read))];
        RowBatch next = new(read, rows.Length, examples?.Take(rows, examples.Name), contexts?.Take(rows, contexts.Name), []);
        read += rows.Length;
        return next;
    }

    private static string Width(int modelled, int told) => told == 0 ? $"{modelled} numbers" : $"{modelled} numbers and {told} that are told";

    private static DataSet Scaled(string path, DataSet set, DataContract contract)
    {
        if (contract.Columns is not { } columns)
            return set;
        if (set.Width != columns.Count)
            throw new InputException($"{path} holds {set.Width} numbers an example, and the run's data had {columns.Count}. Give it data of that width.");
        return set with { Values = new ColumnUnits(columns.OrderBy(column => column.Number)).Inward(set.Values) };
    }

    private static DataSet Parted(string path, DataSet set, DataContract contract)
    {
        switch (contract.Condition)
        {
            case null:
                return set;
            case Condition.TopHalf:
                // Pixels that are told become ones and zeros as the others do.
                Binarisation held = contract.Binarisation == Binarisation.Dynamic ? Binarisation.Static : contract.Binarisation;
                return Condition.Halves(Binarise.Apply(set, held, seed: 0));
            case Condition.Label:
                return set with { Context = Condition.OneHot(set.Name, Classes(path, set, contract), contract.ContextWidth) };
            default:
                return Condition.Part(set, contract.Condition[Condition.Columns.Length..]);
        }
    }

    private static int[] Classes(string path, DataSet set, DataContract contract)
    {
        int[] labels = set.Labels ?? throw new InputException($"{path} has no labels, and the run's model is told them. Name data that have some.");
        if (set.LabelNames is { } names && contract.Classes is { } known)
        {
            int[] numbers = [.. names.Select(name => known.ToList().IndexOf(name))];
            int unknown = Array.IndexOf(numbers, -1);
            return unknown < 0
                ? Array.ConvertAll(labels, label => numbers[label])
                : throw new InputException(
                    $"{path}: the run knows no class '{MessageText.Excerpt(names[unknown])}'. Its classes are "
                        + $"{string.Join(", ", known.Take(20).Select(one => MessageText.Excerpt(one)))}.");
        }

        int most = labels.Max();
        return most < contract.ContextWidth
            ? labels
            : throw new InputException($"{path}: the run knows no class {most}. Its classes are 0 to {contract.ContextWidth - 1}.");
    }

    private static bool AllAlike(DataSet set)
    {
        for (int i = 1; i < set.Count; i++)
        {
            if (!set.Row(i).SequenceEqual(set.Row(0)))
                return false;
        }

        return true;
    }
}
