using IlgpuVae.Runtime;
using IlgpuVae.Training.Output;
using IlgpuVae.Training.Pictures;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Training.CommandLine;

/// <summary>Where what a model gave out goes: a file of numbers or, where rows are pictures, one PNG with all of them or a folder with a PNG each.</summary>
internal static class DecodedOutput
{
    /// <summary>What an option for it says.</summary>
    internal static readonly string Description =
        $"the file to write: {OutputFile.Extensions}, {OutputFile.Standard} for CSV on standard output; of pictures also .png for all in one, or a name that "
            + $"ends in / for a folder with a PNG each";

    /// <summary>Refuses a path that cannot be written, before any work is done for it.</summary>
    internal static void Check(string path, bool force)
    {
        if (PictureFolder.Is(path))
        {
            PictureFolder.Check(path, force);
            return;
        }

        if (PicturePath.Is(path))
            PicturePath.Check(path, force);
        else
            OutputFile.Check(path, force, ", of pictures .png or a name that ends in /");
    }

    /// <summary>Writes batches of rows of a model.</summary>
    /// <exception cref="InputException">They are no pictures and ought to be, or too many.</exception>
    internal static void Write(string path, TextWriter standardOutput, TrainedModel model, IEnumerable<DecodedRows> batches)
    {
        if (!PictureFolder.Is(path) && !PicturePath.Is(path))
        {
            OutputFile.Write(path, standardOutput, batches.Select(batch => batch.Columns), model.Data.Picture);
            return;
        }

        WholePicture whole = new(model.Data.NoExamples, model.Data);
        if (whole.Size is not (int height, int width))
            throw new InputException($"--out {path} is for pictures, and the run's rows are none. Use {OutputFile.Extensions}.");
        IEnumerable<float[]> pictures = batches.Select(batch => whole.Of(model.Seen(batch.Values), batch.Contexts));
        if (PictureFolder.Is(path))
            PictureFolder.Write(path, pictures, height, width);
        else
            Grid(path, pictures, height, width);
    }

    private static void Grid(string path, IEnumerable<float[]> pictures, int height, int width)
    {
        List<float> all = [];
        foreach (float[] batch in pictures)
        {
            all.AddRange(batch);
            if (all.Count / (height * width) > PicturePath.MostTiles)
                throw new InputException(
                    $"There are more than {PicturePath.MostTiles:N0} pictures, too many for --out {path}. Let it end in / for a folder with a PNG each.");
        }

        new TileGrid(height, width, TileGrid.ColumnsFor(all.Count / (height * width))).Save(path, [.. all]);
    }
}
