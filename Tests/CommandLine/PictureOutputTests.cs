using System.Globalization;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>Pictures as results: a folder with a PNG a row, or one PNG with all.</summary>
[TestFixture]
public sealed class PictureOutputTests
{
    private const int Size = 8;

    private string folder = string.Empty;

    [OneTimeSetUp]
    public void TrainOnce()
    {
        folder = Directory.CreateTempSubdirectory("ilgpu-vae-").FullName;
        _ = Call.Here(Call.Tiny(At("run"), 20)).Worked();
        _ = Call.Here(Call.Tiny(At("halves"), 20, "--condition", "top-half")).Worked();
        File.WriteAllLines(At("table.csv"), ["a,b", .. Enumerable.Range(0, 40).Select(i => $"{i % 5}.5,{i % 3}.5")]);
        _ = Call.Here(
            "train", "--data", At("table.csv"), "--likelihood", "gaussian", "--steps", "5", "--device", Call.Device, "--out", At("numbers")).Worked();
        File.WriteAllLines(At("codes.csv"), ["code", "0", "3", "1"]);
    }

    [OneTimeTearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    /// <summary>A pixel is the number that the same call writes, in 256 levels.</summary>
    [Test]
    public void Folder_HasThePicturesOfTheNumbers()
    {
        _ = Use("decode", "run", "--codes", At("codes.csv"), "--out", At("decoded/")).Worked();
        string[] lines = Use("decode", "run", "--codes", At("codes.csv"), "--out", "-").Worked().Output.Split('\n')[1..4];
        Assert.That(Names("decoded"), Is.EqualTo(new[] { "000000.png", "000001.png", "000002.png" }));
        for (int i = 0; i < lines.Length; i++)
        {
            byte[] levels = Pixels($"decoded/{i:D6}.png", Size);
            float[] numbers = [.. lines[i].Split(',').Select(text => float.Parse(text, CultureInfo.InvariantCulture))];
            Assert.That(levels, Is.EqualTo(numbers.Select(number => (byte)MathF.Round(255 * number))), $"picture {i}");
        }

        Assert.That(Pixels("decoded/000000.png", Size), Is.Not.EqualTo(Pixels("decoded/000001.png", Size)));
    }

    [Test]
    public void Folder_IsReplacedOnlyByForceAndOnlyIfItIsOne()
    {
        _ = Use("sample", "run", "--count", "12", "--out", At("taken/")).Worked();
        Assert.That(Names("taken"), Has.Length.EqualTo(12));
        Refused("exists already", "sample", "run", "--count", "3", "--out", At("taken/"));
        Assert.That(Names("taken"), Has.Length.EqualTo(12));
        _ = Use("sample", "run", "--count", "3", "--out", At("taken/"), "--force").Worked();
        Assert.That(Names("taken"), Is.EqualTo(new[] { "000000.png", "000001.png", "000002.png" }));
        File.WriteAllText(At("taken/thesis.tex"), "years of work");
        Refused("such as thesis.tex", "sample", "run", "--count", "3", "--out", At("taken/"), "--force");
        Assert.That(Names("taken"), Has.Length.EqualTo(4));
        Refused("a file is there", "sample", "run", "--out", At("codes.csv/"));
        Refused("no folder", "sample", "run", "--out", At("absent/pictures/"));
    }

    /// <summary>A code that is refused far down leaves no folder, nor the pictures before it.</summary>
    [Test]
    public void Failure_LeavesNothing()
    {
        File.WriteAllLines(At("wrong.csv"), ["code", .. Enumerable.Repeat("1", 4100), "4"]);
        Refused("4 is none of the categories", "decode", "run", "--codes", At("wrong.csv"), "--out", At("broken/"));
        Assert.That(Directory.GetFileSystemEntries(folder).Select(Path.GetFileName), Has.None.StartsWith("broken"));
    }

    /// <summary>What is told stands above what is predicted from it.</summary>
    [Test]
    public void Halves_AreWholePictures()
    {
        string data = At("tops.npy");
        byte[] tops = [.. Enumerable.Range(0, 2 * 32).Select(i => (byte)(i % 3 == 0 ? 255 : 0))];
        File.WriteAllBytes(data, [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Header("|u1", "(2, 4, 8)"), .. tops]);
        _ = Use("predict", "halves", "--data", data, "--samples", "3", "--draw", "means", "--out", At("halves-drawn/")).Worked();
        Assert.That(Names("halves-drawn"), Has.Length.EqualTo(6));
        for (int i = 0; i < 6; i++)
            Assert.That(Pixels($"halves-drawn/{i:D6}.png", Size)[..32], Is.EqualTo(tops[(i / 3 * 32)..((i / 3 * 32) + 32)]), $"picture {i}");
        _ = Use("predict", "halves", "--data", data, "--samples", "2", "--out", At("halves.png")).Worked();
        RunFiles.RequirePicture(At("halves.png"));
        _ = Use("sample", "halves", "--data", data, "--count", "2", "--out", At("halves-sampled/")).Worked();
        Assert.That(Names("halves-sampled"), Has.Length.EqualTo(4));
    }

    /// <summary>NumPy has pictures in their shape, and beside codes a row of numbers.</summary>
    [Test]
    public void Npy_KeepsTheShapeOfPictures()
    {
        _ = Use("decode", "run", "--codes", At("codes.csv"), "--out", At("decoded.npy")).Worked();
        DataSet pictures = NpyFile.Read(At("decoded.npy"));
        Assert.That((pictures.Count, pictures.Picture), Is.EqualTo((3, ((int, int)?)(Size, Size))));
        _ = Use("sample", "run", "--count", "5", "--out", At("sampled.npy")).Worked();
        DataSet rows = NpyFile.Read(At("sampled.npy"));
        Assert.That((rows.Count, rows.Width, rows.Picture), Is.EqualTo((5, 1 + (Size * Size), ((int, int)?)null)));
    }

    [Test]
    public void OnePicture_ShowsAll()
    {
        _ = Use("decode", "run", "--codes", At("codes.csv"), "--out", At("grid.png")).Worked();
        RunFiles.RequirePicture(At("grid.png"));
        Refused("exists already", "decode", "run", "--codes", At("codes.csv"), "--out", At("grid.png"));
        File.WriteAllLines(At("many.csv"), ["code", .. Enumerable.Repeat("1", 2501)]);
        Refused("more than 2,500 pictures", "decode", "run", "--codes", At("many.csv"), "--out", At("many.png"));
        Assert.That(File.Exists(At("many.png")), Is.False);
    }

    /// <summary>A picture that somebody named is theirs; the one that a command puts into the run's folder by itself shows that run and is made anew.</summary>
    [TestCase("sample", "samples.png")]
    [TestCase("reconstruct", "reconstructions-valid.png")]
    public void PictureThatIsThere_IsReplacedOnlyByForceOrInTheRun(string command, string own)
    {
        string path = At(command + "-taken.png");
        File.WriteAllText(path, "a holiday");
        Refused("exists already", command, "run", "--count", "3", "--out", path);
        Assert.That(File.ReadAllText(path), Is.EqualTo("a holiday"));
        _ = Use(command, "run", "--count", "3", "--out", path, "--force").Worked();
        RunFiles.RequirePicture(path);
        File.WriteAllText(At("run/" + own), "an older picture");
        Refused("exists already", command, "run", "--count", "3", "--out", At("run/" + own));
        Assert.That(File.ReadAllText(At("run/" + own)), Is.EqualTo("an older picture"));
        _ = Use(command, "run", "--count", "3").Worked();
        RunFiles.RequirePicture(At("run/" + own));
        Assert.That(Call.Here(command, "--help").Worked().Output.ReplaceLineEndings(" "), Does.Match(@"made\s+anew\s+if\s+it\s+is\s+there"));
    }

    [TestCase("numbers/")]
    [TestCase("numbers.png")]
    public void RunOfNumbers_HasNoPictures(string name)
    {
        string output = At("of-" + name);
        Refused("rows are none", "decode", "numbers", "--codes", At("codes.csv"), "--out", output);
        Refused("would be pictures", "encode", "run", "--data", Call.TinyData, "--out", output);
        Refused("would be pictures", "codes", "run", "--out", output);
        Assert.That(Path.Exists(output), Is.False);
    }

    private static byte[] Header(string type, string shape) =>
        System.Text.Encoding.ASCII.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n");

    private string At(string name) => Path.Combine(folder, name);

    private string[] Names(string name) => [.. Directory.GetFileSystemEntries(At(name)).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];

    private byte[] Pixels(string name, int size)
    {
        (byte[] levels, (int Height, int Width) found) = PngPicture.Decode(At(name), File.ReadAllBytes(At(name)));
        Assert.That(found, Is.EqualTo((size, size)));
        return levels;
    }

    private Call Use(string command, string run, params string[] more) => Call.Here([command, "--run", At(run), "--device", Call.Device, .. more]);

    private void Refused(string why, string command, string run, params string[] more)
    {
        Call call = Use(command, run, more);
        Assert.That(call.Code, Is.EqualTo(2), call.Output + call.Error);
        Assert.That(call.Error, Does.Contain(why));
    }
}
