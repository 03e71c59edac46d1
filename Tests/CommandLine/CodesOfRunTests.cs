using System.Globalization;
using IlgpuVae.Training;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>Codes go with the run that made them; conditional runs' samples as numbers; what a code means that no row has.</summary>
[TestFixture]
public sealed class CodesOfRunTests
{
    private const int Rows = 200;

    private string folder = string.Empty;

    [OneTimeSetUp]
    public void TrainOnce()
    {
        folder = Directory.CreateTempSubdirectory("ilgpu-vae-").FullName;
        string[] fruits = ["apple", "banana", "cherry"];
        File.WriteAllLines(
            At("ab.csv"), ["a,b,fruit", .. Enumerable.Range(0, Rows).Select(i => $"{(i % 3 * 20) + (i % 7)}.5,{i % 5}.25,{fruits[i % 3]}")]);
        Train("run");
        Train("other", "--seed", "5");
        Train("label", "--condition", "label", "--prior", "conditional");
        Train("columns", "--condition", "columns:a", "--latents", "2", "--prior", "conditional");
        Train("wide", "--latents", "2", "--categories", "12");
    }

    [OneTimeTearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [TestCase("codes.csv")]
    [TestCase("codes.parquet")]
    public void CodesOfAnotherRun_AreRefused(string name)
    {
        string codes = At(name);
        _ = Use("encode", "run", "--data", At("ab.csv"), "--out", codes).Worked();
        Copy("run", "copy-" + name);
        string[] own = Lines(Use("decode", "run", "--codes", codes, "--out", "-"));
        Assert.That(own, Has.Length.EqualTo(Rows + 1));
        Assert.That(Lines(Use("decode", "copy-" + name, "--codes", codes, "--out", "-")), Is.EqualTo(own), "a copy is the same run");
        Call refused = Use("decode", "other", "--codes", codes, "--out", At("never.csv"));
        Assert.That(refused.Code, Is.EqualTo(2));
        Assert.That(refused.Error, Does.Match("the code is of r[0-9a-f]{8}, and this run is r[0-9a-f]{8}").And.Contain("remove the column encoded_by"));
        Assert.That(File.Exists(At("never.csv")), Is.False);
        _ = Call.Here("train", "--resume", At("copy-" + name), "--steps", "70", "--device", Call.Device).Worked();
        Assert.That(Use("decode", "copy-" + name, "--codes", codes, "--out", "-").Code, Is.EqualTo(2), "trained further, codes mean something else");
    }

    [Test]
    public void CodesByHand_AreTaken()
    {
        File.WriteAllLines(At("hand.csv"), ["code", "0", "1"]);
        _ = Use("decode", "other", "--codes", At("hand.csv"), "--out", "-").Worked();
        string by = Lines(Use("encode", "run", "--data", At("ab.csv"), "--out", "-"))[1].Split(',')[^1];
        File.WriteAllLines(At("added.csv"), ["encoded_by,code", $"{by},0", ",1"]);
        Assert.That(Lines(Use("decode", "run", "--codes", At("added.csv"), "--out", "-")), Has.Length.EqualTo(3));
        _ = Use("encode", "run", "--data", At("ab.csv"), "--out", At("codes.npy")).Worked();
        DataSet numbers = NpyFile.Read(At("codes.npy"));
        Assert.That((numbers.Count, numbers.Width), Is.EqualTo((Rows, 1)));
    }

    [Test]
    public void SamplesOfClasses_AreEquallyManyAndTheSameInEveryProcess()
    {
        string[] call = ["sample", "--run", At("label"), "--device", Call.Device, "--count", "5", "--out", "-"];
        string drawn = Call.Apart(folder, call).Worked().Output;
        Assert.That(Call.Apart(folder, call).Worked().Output, Is.EqualTo(drawn));
        Assert.That(Call.Here([.. call, "--seed", "2"]).Worked().Output, Is.Not.EqualTo(drawn));
        string[] lines = drawn.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines[0], Is.EqualTo("fruit,code,a,b"));
        Assert.That(
            lines[1..].Select(line => line.Split(',')[0]),
            Is.EqualTo(new[] { "apple", "banana", "cherry" }.SelectMany(fruit => Enumerable.Repeat(fruit, 5))));
        string[] one = Lines(Use("sample", "label", "--count", "7", "--condition", "cherry", "--out", "-"));
        Assert.That(one[1..].Select(line => line.Split(',')[0]), Is.EqualTo(Enumerable.Repeat("cherry", 7)));
        Refused(
            "--condition chery is no class of the run. Did you mean cherry? Its classes are apple, banana, cherry.", "sample", "label", "--condition", "chery",
            "--out", "-");
    }

    [Test]
    public void SamplesOfContexts_StandBesideThem()
    {
        File.WriteAllLines(At("contexts.csv"), ["a", "2.5", "44.5"]);
        string[] lines = Lines(Use("sample", "columns", "--data", At("contexts.csv"), "--count", "5000", "--out", "-"));
        Assert.That(lines[0], Is.EqualTo("a,code1,code2,b"));
        Assert.That(
            lines[1..].Select(line => Number(line.Split(',')[0])), Is.EqualTo(Enumerable.Repeat(2.5, 5000).Concat(Enumerable.Repeat(44.5, 5000))).Within(1e-4));
        Assert.That(lines[1..].Select(line => line.Split(',')[^1]).Distinct().Count(), Is.GreaterThan(9_000), "no two batches share their draws");
        Refused("more than a class", "sample", "columns", "--count", "5", "--out", "-");
        Refused("is told nothing", "sample", "run", "--data", At("contexts.csv"), "--out", "-");
    }

    /// <summary>A drawn code's probability is the one that it has in the order of p(z | c), and with means its values are those there.</summary>
    [Test]
    public void DrawnCodes_HaveTheirProbabilitiesAndMeans()
    {
        File.WriteAllLines(At("told.csv"), ["a", "2.5", "44.5"]);
        string[][] ways = Cells(Use("predict", "columns", "--data", At("told.csv"), "--samples", "100", "--deviations", "no", "--out", "-"));
        Assert.That(ways[0], Is.EqualTo(new[] { "row", "rank", "code1", "code2", "probability", "b" }));
        string[][] drawn = Cells(Use("predict", "columns", "--data", At("told.csv"), "--samples", "50", "--draw", "means", "--out", "-"));
        Assert.That(drawn[0], Is.EqualTo(new[] { "row", "sample", "code1", "code2", "probability", "b" }));
        Assert.That(drawn, Has.Length.EqualTo(101));
        foreach (string[] row in drawn[1..])
        {
            string[] same = ways[1..].Single(way => (way[0], way[2], way[3]) == (row[0], row[2], row[3]));
            Assert.That(Number(row[4]), Is.EqualTo(Number(same[4])).Within(1e-6));
            Assert.That(Number(row[5]), Is.EqualTo(Number(same[5])).Within(1e-5));
        }

        string[][] values = Cells(Use("predict", "columns", "--data", At("told.csv"), "--samples", "50", "--draw", "--out", "-"));
        Assert.That(values[1..].Select(row => (row[2], row[3], row[4])), Is.EqualTo(drawn[1..].Select(row => (row[2], row[3], row[4]))), "the same codes");
        Assert.That(values[1..].Select(row => row[5]), Is.Not.EqualTo(drawn[1..].Select(row => row[5])));
        Refused("--draw noise is not known", "predict", "columns", "--data", At("told.csv"), "--draw", "noise", "--out", "-");
        Refused("--deviations is for means", "predict", "columns", "--data", At("told.csv"), "--draw", "--deviations", "no", "--out", "-");
    }

    /// <summary>Each variable's categories share all rows out among them, and the examples of one are its own rows that are nearest to its mean.</summary>
    [TestCase("run")]
    [TestCase("wide")]
    public void CodeBook_HasTheRowsOfEachCode(string run)
    {
        using TrainedModel model = TrainedModel.Load(At(run), Call.Device);
        RowBatch all = model.Read(At("ab.csv"), Rows).Single();
        int[] codes = model.Encode(all);
        foreach (CodeBookEntry entry in CodeBook.Of(model, all.Examples!, examples: 4))
        {
            int[] own = [.. Enumerable.Range(0, Rows).Where(row => codes[(row * model.Latents) + entry.Variable] == entry.Category)];
            Assert.That(entry.Count, Is.EqualTo(own.Length));
            Assert.That(entry.Examples, Is.SubsetOf(own).And.Unique.And.Length.EqualTo(Math.Min(4, own.Length)));
            float[] mean = model.Seen(entry.Mean);
            double Distance(int row) => all.Examples!.Example(row).Zip(mean, (x, m) => Math.Pow(x - m, 2)).Sum();
            Assert.That(entry.Examples.Select(Distance), Is.EqualTo(own.Select(Distance).Order().Take(4)).Within(1e-4));
        }
    }

    /// <summary>A category that no row has means what it decodes to with the other variable at its most used category.</summary>
    [Test]
    public void UnusedCode_MeansWhatItDecodesTo()
    {
        string[][] book = Cells(Use("codes", "wide", "--out", "-"))[1..];
        Assert.That(book.SelectMany(row => row), Has.None.EqualTo("NaN"));
        string[][] unused = [.. book.Where(row => row[2] == "0")];
        Assert.That(unused, Is.Not.Empty);
        string MostUsed(string variable) => book.Where(row => row[0] == variable).MaxBy(row => Number(row[3]))![1];
        File.WriteAllLines(
            At("unused.csv"),
            ["code1,code2", .. unused.Select(row => row[0] == "1" ? $"{row[1]},{MostUsed("2")}" : $"{MostUsed("1")},{row[1]}")]);
        string[][] decoded = Cells(Use("decode", "wide", "--codes", At("unused.csv"), "--out", "-"))[1..];
        for (int i = 0; i < unused.Length; i++)
        {
            Assert.That(Number(unused[i][4]), Is.EqualTo(Number(decoded[i][0])).Within(1e-3), $"a of {unused[i][0]}: {unused[i][1]}");
            Assert.That(Number(unused[i][5]), Is.EqualTo(Number(decoded[i][1])).Within(1e-3));
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string[] Lines(Call call) => call.Worked().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string[][] Cells(Call call) => [.. Lines(call).Select(line => line.Split(','))];

    private string At(string name) => Path.Combine(folder, name);

    private void Train(string run, params string[] more)
    {
        string[] label = more.Contains("label") ? ["--label-column", "fruit"] : ["--columns", "a,b"];
        string[] categories = more.Contains("--categories") ? [] : ["--categories", "4"];
        _ = Call.Here(
        [
            "train", "--data", At("ab.csv"), "--likelihood", "gaussian", "--steps", "60", "--batch", "32", "--encoder", "16", "--decoder", "16", "--device",
            Call.Device, "--out", At(run), .. label, .. categories, .. more,
        ]).Worked();
    }

    private void Copy(string from, string to)
    {
        _ = Directory.CreateDirectory(At(to));
        foreach (string file in Directory.GetFiles(At(from)))
            File.Copy(file, Path.Combine(At(to), Path.GetFileName(file)));
    }

    private Call Use(string command, string run, params string[] more) => Call.Here([command, "--run", At(run), "--device", Call.Device, .. more]);

    private void Refused(string why, string command, string run, params string[] more)
    {
        Call call = Use(command, run, more);
        Assert.That(call.Code, Is.EqualTo(2), call.Output + call.Error);
        Assert.That(call.Error, Does.Contain(why));
    }
}
