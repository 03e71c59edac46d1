using System.Globalization;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Output;

namespace IlgpuVae.Training.CommandLine;

/// <summary>
/// A table of codes of any kind that <c>encode</c> writes: its columns by name, or by their places where it has no names and no columns that encode would not
/// write.
/// </summary>
internal sealed class CodesFile : IDisposable
{
    private readonly ITable table;
    private readonly int[] columns;
    private readonly int categories;
    private readonly int encoderAt;
    private readonly TrainedModel model;

    /// <summary>Opens a table for codes of a model.</summary>
    /// <exception cref="InputException">It is no table, or has not the columns.</exception>
    internal CodesFile(string path, TrainedModel model)
    {
        int latents = model.Latents;
        categories = model.Categories;
        this.model = model;
        string[] wanted = CodeColumns.Names(latents);
        table = Open(path, name => name == CodeColumns.Encoder || wanted.Contains(name));
        try
        {
            int[] found = [.. wanted.Select(name => table.Names is null ? -1 : Array.IndexOf(table.Names, name))];
            if (table.Names is null && IsOfCodes())
                found = [.. Enumerable.Range(0, latents)];
            bool isOther = table.Names is not null && Array.IndexOf(table.Names, latents == 1 ? "code1" : $"code{latents + 1}") >= 0;
            if (Array.IndexOf(found, -1) >= 0 && table is NpyTable)
                throw new InputException(
                    $"{path} has {table.Width} column(s), and the run has codes of {latents} variable(s). Give codes that encode wrote with this run.");
            if (Array.IndexOf(found, -1) is >= 0 and int missing)
                throw new InputException(
                    $"{path} has no column '{wanted[missing]}', and the run has codes of {latents} variable(s). Give codes that encode wrote with this run.");
            if (isOther)
                throw new InputException($"{path} has codes of more variables than the {latents} of this run. Give codes that encode wrote with this run.");
            columns = found;
            encoderAt = table.Names is null ? -1 : Array.IndexOf(table.Names, CodeColumns.Encoder);
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>The codes [n, N] of the next rows, at most <paramref name="most"/>; none at the end.</summary>
    /// <exception cref="InputException">A number is no category of the run, or the code is another run's.</exception>
    internal int[] Next(int most) => SourceFile.OrRefuse(table.Path, () =>
    {
        List<int> codes = [];
        for (int row = 0; row < most && table.Next(); row++)
        {
            CheckEncoder();
            foreach (int column in columns)
            {
                float number = table.Number(column);
                if (number < 0 || number >= categories || number != MathF.Floor(number))
                    throw new InputException(string.Create(
                        CultureInfo.InvariantCulture, $"{table.Place(column)}: {number} is none of the categories 0 to {categories - 1} of this run."));
                codes.Add((int)number);
            }
        }

        return codes.ToArray();
    });

    public void Dispose() => table.Dispose();

    private static ITable Open(string path, Func<string, bool> isWanted)
    {
        string extension = SourceFile.Name(path).Extension;
        string[] known = [.. TableFile.Extensions, ".json", ".jsonl", ".npy", ".npz"];
        if (!known.Contains(extension))
            throw new InputException($"--codes {path} is no table that is understood. Give one of {string.Join(", ", known)}.");
        if (!File.Exists(path))
            throw new InputException($"--codes {path} does not exist. Give the file that encode wrote.");
        return SourceFile.OrRefuse<ITable>(path, () => extension switch
        {
            ".json" or ".jsonl" => new JsonTable(path),
            ".npy" => new NpyTable(path),
            ".npz" => new NpzTable(path, isWanted),
            _ => TableFile.Open(path),
        });
    }

    // A matrix has no names. What encode writes into one are the codes, and behind them only what makes all its numbers fractions: q of each category, the ELBO
    // and the log-likelihood.
    private bool IsOfCodes()
    {
        int latents = model.Latents, more = table.Width - latents;
        return more == 0 || (table is NpyTable { IsWhole: false } && (more is 1 or 2 || more - (latents * categories) is 0 or 1 or 2));
    }

    // Files without the column, and rows that somebody added, are taken at their word.
    private void CheckEncoder()
    {
        if (encoderAt < 0 || table.Text(encoderAt) is not { Length: > 0 } by || by == model.Identity)
            return;
        throw new InputException(
            $"{table.Place(encoderAt)}: the code is of {MessageText.Excerpt(by)}, and this run is {model.Identity}: another, another checkpoint of it, or the "
                + $"same before it was trained further, so that codes mean something else. Encode the data with this run, or remove the column "
                + $"{CodeColumns.Encoder}.");
    }
}
