using IlgpuVae.Runtime;
using IlgpuVae.Training.Output;

namespace IlgpuVae.Training.CommandLine;

/// <summary>The name of a PNG that shows many pictures.</summary>
internal static class PicturePath
{
    /// <summary>Pictures that one PNG shows at most.</summary>
    internal const int MostTiles = 2500;

    /// <summary>Whether a path is one.</summary>
    internal static bool Is(string path) => path.EndsWith(".png", StringComparison.OrdinalIgnoreCase);

    /// <summary>What an option says where its default is a picture in the run's folder, which shows that run and is made anew at each call.</summary>
    internal static string InRun(string name) => $"{name} in the run folder when left out, made anew if it is there";

    /// <summary>Refuses a path that cannot be written. A name that ends otherwise is a slip, and might be that of a checkpoint or of data.</summary>
    internal static void Check(string? path, bool force)
    {
        if (path is null)
            return;
        if (!Is(path))
            throw new InputException($"--out {path} is no name of a PNG, which is what is written. Let it end in .png.");
        OutputFile.CheckPlace(path, force);
    }

    /// <summary>A number of pictures in one PNG.</summary>
    internal static int Count(int value) => value is >= 1 and <= MostTiles
        ? value
        : throw new InputException($"--count is {value}, and has to be from 1 to {MostTiles}: it is the number of tiles in one picture.");
}
