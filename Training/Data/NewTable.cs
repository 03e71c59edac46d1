using System.Globalization;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>
/// A table that a run has not seen: columns are found by their names, or where a header is missing by their places; shift and scale are the run's.
/// </summary>
internal sealed class NewTable : NewData
{
    private const int MostShown = 12;

    private readonly DataContract contract;
    private readonly ITable table;
    private readonly ContractColumn[] modelled, told;
    private readonly int[] modelledAt, toldAt, keptAt;
    private readonly int? labelAt;
    private readonly FarValues far;
    private readonly Dictionary<string, int>? classes;
    private long read;

    /// <summary>Opens a table.</summary>
    public NewTable(string path, DataContract contract, bool contextsAlone, IReadOnlyList<string> keep)
    {
        this.contract = contract;
        classes = contract.Classes?.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        modelled = contextsAlone ? [] : [.. contract.Modelled];
        told = [.. contract.Told];
        far = new FarValues([.. modelled, .. told]);
        bool labelTold = contract.Condition == Condition.Label;
        table = TableFile.Open(path);
        try
        {
            keptAt = [.. keep.Select(name => ColumnSelection.Named(path, name, "Keep", table.Width, table.Names)[0])];
            KeptNames = [.. keptAt.Select(column => table.Names?[column] ?? (column + 1).ToString(CultureInfo.InvariantCulture))];
            bool byName = table.Names is not null && Array.TrueForAll([.. modelled, .. told], column => column.Name is not null)
                && (!labelTold || contract.LabelName is not null);
            (modelledAt, toldAt, labelAt) = byName ? ByName(labelTold) : ByPlace(labelTold);
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Remarks => [.. base.Remarks, .. far.Remarks(table.Path)];

    /// <inheritdoc/>
    public override RowBatch? Next(int most) => SourceFile.OrRefuse(table.Path, () =>
    {
        List<float> x = [], c = [];
        List<int> labels = [];
        List<string>[] kept = [.. keptAt.Select(_ => new List<string>())];
        int count = 0;
        while (count < most && table.Next())
        {
            count++;
            Read(modelled, modelledAt, x, 0);
            Read(told, toldAt, c, modelled.Length);
            if (labelAt is { } column)
                labels.Add(Class(column));
            for (int i = 0; i < kept.Length; i++)
                kept[i].Add(table.Text(keptAt[i]));
        }

        if (count == 0 && read == 0)
            throw new InputException($"{table.Path} holds no rows. Name a file that holds some.");
        if (count == 0)
            return null;
        string name = Path.GetFileName(table.Path);
        RowBatch rows = new(
            read,
            count,
            modelled.Length == 0 ? null : new DataSet { Name = name, Count = count, Width = modelled.Length, Values = [.. x] },
            labelAt is not null ? Condition.OneHot(name, [.. labels], contract.ContextWidth) :
                told.Length == 0 ? null : new DataSet { Name = name, Count = count, Width = told.Length, Values = [.. c] },
            [.. kept.Select(column => column.ToArray())]);
        read += count;
        return rows;
    });

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        table.Dispose();
        base.Dispose(disposing);
    }

    private void Read(ContractColumn[] columns, int[] at, List<float> values, int first)
    {
        for (int i = 0; i < columns.Length; i++)
        {
            float value = table.Number(at[i]);
            far.See(first + i, value);
            float scaled = (float)columns[i].Inward(value);
            values.Add(float.IsFinite(scaled)
                ? scaled
                : throw new InputException($"{table.Place(at[i])}: {value} is too large for a float once it is scaled as the run's data were. Correct it."));
        }
    }

    private int Class(int column)
    {
        string word = table.Text(column);
        if (classes is not null && classes.TryGetValue(word, out int named))
            return named;
        if (classes is null && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < contract.ContextWidth)
            return number;
        string known = classes is null
            ? $"0 to {contract.ContextWidth - 1}"
            : string.Join(", ", contract.Classes!.Take(20).Select(one => MessageText.Excerpt(one)));
        throw new InputException($"{table.Place(column)}: the run knows no class '{MessageText.Excerpt(word)}'. Its classes are {known}.");
    }

    private (int[] Modelled, int[] Told, int? Label) ByName(bool labelTold)
    {
        int[] x = [.. modelled.Select(column => Find(column.Name!))], c = [.. told.Select(column => Find(column.Name!))];
        int? label = labelTold ? Find(contract.LabelName!) : null;
        string[] others =
        [
            .. Enumerable.Range(0, table.Width).Where(column => !x.Contains(column) && !c.Contains(column) && column != label && !keptAt.Contains(column))
                .Select(column => table.Names![column]).Where(name => name != contract.LabelName).Select(name => MessageText.Excerpt(name)),
        ];
        if (others.Length > 0)
            Remark($"{table.Path}: left out what the run does not use: {MessageText.List(others, MostShown)}.");
        return (x, c, label);
    }

    private int Find(string name)
    {
        int[] at = [.. Enumerable.Range(0, table.Width).Where(column => table.Names![column] == name)];
        return at.Length switch
        {
            1 => at[0],
            0 => throw new InputException(
                $"{table.Path} has no column '{MessageText.Excerpt(name)}', which the run needs.{SpellingSuggestion.For(name, table.Names!)} Add it, or "
                    + $"name a file that "
                    + "has it."),
            _ => throw new InputException($"{table.Path} has {at.Length} columns named '{MessageText.Excerpt(name)}'. Leave one of that name."),
        };
    }

    // The table that was trained on again, or the columns that are needed and no others.
    private (int[] Modelled, int[] Told, int? Label) ByPlace(bool labelTold)
    {
        int needed = modelled.Length + told.Length + (labelTold ? 1 : 0);
        if (table.Width != contract.TableWidth && table.Width != needed)
        {
            bool hasNames = contract.Columns?.Any(column => column.Name is not null) == true;
            string why = table.Names is null ? "has no header" : "goes with a run whose data had no header";
            string orNames = table.Names is null && hasNames ? ", or a header with their names" : string.Empty;
            throw new InputException(
                $"{table.Path} {why}, so its columns go by their places, and it has {table.Width} of them where the run's data had {contract.TableWidth}. "
                    + $"Give it the columns of the run's data{orNames}.");
        }

        Remark($"{table.Path}: columns go by their places, not by names.");
        return table.Width == contract.TableWidth
            ? ([.. modelled.Select(column => column.Number - 1)], [.. told.Select(column => column.Number - 1)], labelTold ? contract.LabelNumber - 1 : null)
            : ([.. Enumerable.Range(0, modelled.Length)], [.. Enumerable.Range(modelled.Length, told.Length)], labelTold ? needed - 1 : null);
    }
}
