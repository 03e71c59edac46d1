using System.Globalization;
using System.Text.Json.Nodes;
using IlgpuVae.Training;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>A run used on files that it has not seen: other order, other scale, other classes, more and fewer rows, and its own data gone.</summary>
[TestFixture]
public sealed class UseOfRunTests
{
    private const int Rows = 400;

    private static readonly (double A, double B, string Fruit)[] Clusters = [(0, 0, "apple"), (50, 0.3, "banana"), (-40, 0.6, "cherry")];

    private string folder = string.Empty;
    private (double A, double B, string Fruit)[] rows = [];

    [OneTimeSetUp]
    public void TrainOnce()
    {
        folder = Directory.CreateTempSubdirectory("ilgpu-vae-").FullName;
        Random random = new(3);
        rows =
        [
            .. Enumerable.Range(0, Rows).Select(_ =>
            {
                (double a, double b, string fruit) = Clusters[random.Next(Clusters.Length)];
                return (a + (3 * Normal(random)), b + (0.03 * Normal(random)), fruit);
            }),
        ];
        Write("ab.csv", "a,b,fruit", row => $"{Text(row.A)},{Text(row.B)},{row.Fruit}");
        _ = Train("run").Worked();
        _ = Train("told", "--condition", "label", "--prior", "conditional").Worked();
    }

    [OneTimeTearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    /// <summary>Two columns of variance 1/2 moved by 100: (100 - 0)^2 / (2 / 2) = 1e4 nats a column.</summary>
    [Test]
    public void ShiftedColumns_CostWhatTheFormulaSays()
    {
        string Row(int i, int shift) => $"{Text(shift + ((i % 2) - 0.5) * Math.Sqrt(2))},{Text(shift + ((i / 2 % 2) - 0.5) * Math.Sqrt(2))}";
        File.WriteAllLines(At("half.csv"), ["x,y", .. Enumerable.Range(0, Rows).Select(i => Row(i, 0))]);
        File.WriteAllLines(At("half-far.csv"), ["x,y", .. Enumerable.Range(0, Rows).Select(i => Row(i, 100))]);
        _ = Call.Here(
            "train", "--data", At("half.csv"), "--likelihood", "gaussian", "--categories", "1", "--steps", "1500", "--learning-rate", "cosine:1e-2:1e-4",
                "--device", Call.Device, "--out", At("half")).Worked();
        Assert.That((double)Eval("half", "half-far.csv")["log_likelihood"]!, Is.EqualTo(-2e4).Within(1).Percent);
    }

    /// <summary>The range of a column is that of the file's own numbers, whatever was done to them; pictures in a table stay as bright as they are.</summary>
    [Test]
    public void Contract_HasTheFilesOwnNumbers()
    {
        JsonNode column = JsonNode.Parse(File.ReadAllText(At("run/data.json")))!["columns"]![0]!;
        double[] values = [.. rows.Select(row => (double)float.Parse(Text(row.A), CultureInfo.InvariantCulture))];
        Assert.That(values, Does.Contain((double)column["minimum"]!).And.Contain((double)column["maximum"]!));
        Assert.That((double)column["scale"]!, Is.GreaterThan(10));

        File.WriteAllLines(At("tiles.csv"), Enumerable.Range(0, 50).Select(i => $"{i % 2},{i % 3},{i % 5},{i % 7}"));
        _ = Call.Here(
            "train", "--data", At("tiles.csv"), "--picture", "2", "--likelihood", "gaussian", "--steps", "5", "--device", Call.Device, "--out",
                At("tiles")).Worked();
        Assert.That((double)JsonNode.Parse(File.ReadAllText(At("tiles/data.json")))!["columns"]![0]!["scale"]!, Is.EqualTo(1));
    }

    /// <summary>Shift and scale are the run's: every column of rows moved by 100 stands 100 / deviation off.</summary>
    [Test]
    public void ShiftedFile_IsMeasuredByTheRunsScale()
    {
        Write("far.csv", "a,b,fruit", row => $"{Text(row.A + 100)},{Text(row.B + 100)},{row.Fruit}");
        JsonNode own = Eval("run", "ab.csv"), far = Eval("run", "far.csv");
        Assert.That((double)own["log_likelihood"]!, Is.GreaterThan(-3));
        Assert.That((double)far["log_likelihood"]!, Is.LessThan(-1e4));
        Assert.That(Call.Here("eval", "--run", At("run"), "--data", At("far.csv"), "--device", Call.Device).Worked().Error, Does.Contain("column b reaches"));
    }

    [Test]
    public void ExchangedColumns_AreFoundByName()
    {
        Write("ba.csv", "b,more,a", row => $"{Text(row.B)},x,{Text(row.A)}");
        Assert.That((double)Eval("run", "ba.csv")["log_likelihood"]!, Is.EqualTo((double)Eval("run", "ab.csv")["log_likelihood"]!));
        Call call = Call.Here("eval", "--run", At("run"), "--data", At("ba.csv"), "--device", Call.Device).Worked();
        Assert.That(call.Error, Does.Contain("left out what the run does not use: more"));
    }

    [Test]
    public void MissingColumn_IsNamed()
    {
        Write("a.csv", "a,fruit", row => $"{Text(row.A)},{row.Fruit}");
        Refused("no column 'b'", "eval", "--run", At("run"), "--data", At("a.csv"));
    }

    [Test]
    public void OtherClasses_AreMatchedByName()
    {
        Write("two.csv", "fruit,b,a", row => $"{(row.Fruit == "apple" ? "cherry" : "banana")},{Text(row.B)},{Text(row.A)}");
        Write("two-more.csv", "a,b,fruit", row => $"{Text(row.A)},{Text(row.B)},{(row.Fruit == "apple" ? "cherry" : "banana")}");
        Assert.That((double)Eval("told", "two.csv")["log_likelihood"]!, Is.EqualTo((double)Eval("told", "two-more.csv")["log_likelihood"]!));
        Write("date.csv", "a,b,fruit", row => $"{Text(row.A)},{Text(row.B)},{(row.Fruit == "apple" ? "date" : row.Fruit)}");
        Refused("no class 'date'", "eval", "--run", At("told"), "--data", At("date.csv"));
    }

    [Test]
    public void WholeFile_IsUsed()
    {
        Write("hundred.csv", "a,b,fruit", row => $"{Text(row.A)},{Text(row.B)},{row.Fruit}", 100);
        Assert.That((int)Eval("run", "hundred.csv")["examples"]!, Is.EqualTo(100));
        Refused("used whole", "eval", "--run", At("run"), "--data", At("hundred.csv"), "--split", "test");
    }

    [Test]
    public void RunWithoutItsData_IsStillUsed()
    {
        string data = At("gone.csv"), run = At("alone");
        File.Copy(At("ab.csv"), data);
        _ = Call.Here("train", "--data", data, "--likelihood", "gaussian", "--columns", "a,b", "--steps", "20", "--device", Call.Device, "--out", run).Worked();
        File.Delete(data);
        Refused("no longer there", "eval", "--run", run);
        Assert.That(Lines(Call.Here("encode", "--run", run, "--data", At("ab.csv"), "--out", "-", "--device", Call.Device)), Has.Length.EqualTo(Rows + 1));
        Assert.That(Lines(Call.Here("sample", "--run", run, "--count", "7", "--out", "-", "--device", Call.Device)), Has.Length.EqualTo(8));
    }

    [Test]
    public void ResumeOnChangedData_IsRefusedUnlessAccepted()
    {
        string data = At("moving.csv"), run = At("moved");
        File.Copy(At("ab.csv"), data);
        _ = Call.Here("train", "--data", data, "--label-column", "fruit", "--likelihood", "gaussian", "--steps", "5", "--device", Call.Device, "--out", run)
            .Worked();
        File.WriteAllText(data, File.ReadAllText(data).Replace("apple", "plum", StringComparison.Ordinal));
        Refused("its classes are banana, cherry, plum", "train", "--resume", run, "--steps", "8");
        File.Copy(At("ab.csv"), data, overwrite: true);
        File.AppendAllText(data, "1,0.1,apple\n");
        Refused("training examples", "train", "--resume", run, "--steps", "8");
        _ = Call.Here("train", "--resume", run, "--steps", "8", "--device", Call.Device, "--accept-changed-data").Worked();
    }

    /// <summary>What encode says a row is decodes to what reconstruct shows: the mean of its code, in the data's own units.</summary>
    [Test]
    public void Codes_DecodeToTheirClusters()
    {
        Encode("codes.csv", "--keep", "fruit", "--posterior", "--elbo", "--log-likelihood");
        _ = Use("decode", "--codes", At("codes.csv"), "--out", At("values.csv")).Worked();
        string[][] codes = Table("codes.csv"), values = Table("values.csv");
        Assert.That(codes[0], Is.EqualTo(new[] { "fruit", "code", "q0", "q1", "q2", "q3", "elbo", "log_likelihood", "encoded_by" }));
        Assert.That(values[0], Is.EqualTo(new[] { "a", "b" }));
        Assert.That(codes, Has.Length.EqualTo(Rows + 1));
        for (int i = 1; i <= Rows; i++)
        {
            (double a, double b, string fruit) = Clusters.Single(cluster => cluster.Fruit == rows[i - 1].Fruit);
            Assert.That(codes[i][0], Is.EqualTo(fruit));
            Assert.That(Number(values[i][0]), Is.EqualTo(a).Within(8), $"row {i}");
            Assert.That(Number(values[i][1]), Is.EqualTo(b).Within(0.08), $"row {i}");
            double[] q = [.. codes[i][2..6].Select(Number)];
            Assert.That(q.Sum(), Is.EqualTo(1).Within(1e-5));
            Assert.That(Array.IndexOf(q, q.Max()), Is.EqualTo((int)Number(codes[i][1])));
            Assert.That(Number(codes[i][6]), Is.LessThanOrEqualTo(Number(codes[i][7]) + 1e-4), "the ELBO is a lower bound");
        }

        double mean = codes[1..].Average(row => Number(row[7]));
        Assert.That(mean, Is.EqualTo((double)Eval("run", "ab.csv")["log_likelihood"]!).Within(1e-5), "rows and evaluation agree");
    }

    /// <summary>A seed draws the same in every process, and another seed something else.</summary>
    [Test]
    public void Draws_AreTheSameInEveryProcess()
    {
        File.WriteAllLines(At("draw.csv"), ["code", "0", "1", "2"]);
        string[] call = ["decode", "--run", At("run"), "--codes", At("draw.csv"), "--draw", "--out", "-", "--device", Call.Device];
        string drawn = Call.Apart(folder, call).Worked().Output;
        Assert.That(Call.Apart(folder, call).Worked().Output, Is.EqualTo(drawn));
        Assert.That(Call.Here([.. call, "--seed", "2"]).Worked().Output, Is.Not.EqualTo(drawn));
    }

    /// <summary>Requests of many threads, some of them wrong, each get their own answer.</summary>
    [Test]
    public void Threads_ShareAModel()
    {
        using TrainedModel model = TrainedModel.Load(At("run"), Call.Device);
        float[] all = [.. rows.SelectMany(row => new[] { (float)row.A, (float)row.B })];
        int[] together = model.Encode(all);
        Parallel.For(0, Rows, new ParallelOptions { MaxDegreeOfParallelism = 16 }, row =>
        {
            if (row % 50 == 0)
                Assert.That(() => model.Decode([99]), Throws.ArgumentException);
            Assert.That(model.Encode(all.AsSpan(2 * row, 2))[0], Is.EqualTo(together[row]), $"row {row}");
        });
        Assert.That(model.Columns, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(model.Encode(model.Row(new Dictionary<string, float> { ["b"] = all[1], ["a"] = all[0] }))[0], Is.EqualTo(together[0]));
        Assert.That(() => model.Encode([1f, 2f, 3f]), Throws.ArgumentException);
    }

    /// <summary>A file is read batch by batch by the run's contract, whatever the order of its columns.</summary>
    [Test]
    public void Files_AreReadInBatches()
    {
        Write("stream.csv", "b,more,a", row => $"{Text(row.B)},x,{Text(row.A)}");
        using TrainedModel model = TrainedModel.Load(At("run"), Call.Device);
        float[] all =
        [
            .. rows.SelectMany(row => new[] { float.Parse(Text(row.A), CultureInfo.InvariantCulture), float.Parse(Text(row.B), CultureInfo.InvariantCulture) }),
        ];
        List<string> remarks = [];
        Assert.That(model.Read(At("stream.csv"), 64, remark: remarks.Add).SelectMany(model.Encode), Is.EqualTo(model.Encode(all)));
        Assert.That(remarks, Has.Some.Contains("left out what the run does not use: more"));
        Assert.That(
            model.Read(At("stream.csv"), 150).SelectMany(model.LogLikelihood), Is.EqualTo(model.LogLikelihood(all)).Within(1e-9));
        Assert.That(() => model.Read(At("absent.csv")).Count(), Throws.InstanceOf<Runtime.InputException>());
    }

    [Test]
    public void Predict_NeedsNoAnswers()
    {
        File.WriteAllText(At("contexts.csv"), "id,fruit\n7,banana\n8,cherry\n");
        string[][] ways =
        [
            .. Lines(Use("predict", "told", "--data", At("contexts.csv"), "--samples", "2", "--keep", "id", "--out", "-")).Select(line => line.Split(',')),
        ];
        Assert.That(ways[0], Is.EqualTo(new[] { "row", "id", "rank", "code", "probability", "a", "b", "a_deviation", "b_deviation" }));
        Assert.That(ways.Skip(1).Select(row => row[1]), Is.EqualTo(new[] { "7", "7", "8", "8" }));
        Assert.That(Number(ways[1][4]), Is.GreaterThanOrEqualTo(Number(ways[2][4])));
        Assert.That(Number(ways[1][5]), Is.EqualTo(50).Within(8));
        Assert.That(Number(ways[3][5]), Is.EqualTo(-40).Within(8));
        string[] drawn = Lines(Use("predict", "told", "--data", At("contexts.csv"), "--samples", "500", "--draw", "--out", "-"));
        double[] a = [.. drawn.Skip(1).Take(500).Select(line => Number(line.Split(',')[4]))];
        Assert.That(a.Average(), Is.EqualTo(50).Within(2));
        Assert.That(Math.Sqrt(a.Average(value => Math.Pow(value - a.Average(), 2))), Is.EqualTo(3).Within(1.5));
    }

    [Test]
    public void CodeBook_HasSharesMeansAndRowsOfTheFile()
    {
        string[][] book = [.. Lines(Use("codes", "--out", "-")).Select(line => line.Split(','))];
        Assert.That(book[0], Is.EqualTo(new[] { "code", "count", "share", "a", "b", "examples" }));
        Assert.That(book.Skip(1).Sum(row => Number(row[1])), Is.EqualTo(Rows));
        Assert.That(book.Skip(1).Sum(row => Number(row[2])), Is.EqualTo(1).Within(1e-4));
        foreach (string[] entry in book.Skip(1).Where(row => Number(row[1]) > 20))
        {
            foreach (string example in entry[5].Split(' '))
                Assert.That(rows[(int)Number(example) - 1].A, Is.EqualTo(Number(entry[3])).Within(8));
        }
    }

    [TestCase("out.csv")]
    [TestCase("out.json")]
    [TestCase("out.npy")]
    [TestCase("out.npz")]
    [TestCase("out.parquet")]
    public void Output_IsWholeAndNotOverwritten(string name)
    {
        Encode(name);
        byte[] first = File.ReadAllBytes(At(name));
        Refused("exists already", "encode", "--run", At("run"), "--data", At("ab.csv"), "--out", At(name));
        Assert.That(File.ReadAllBytes(At(name)), Is.EqualTo(first));
        _ = Use("encode", "--data", At("ab.csv"), "--out", At(name), "--force").Worked();
        Assert.That(Directory.GetFiles(folder, "*.tmp"), Is.Empty);
    }

    [Test]
    public void CodesBeyondTheRun_AreRefused()
    {
        File.WriteAllText(At("beyond.csv"), "code\n0\n4\n");
        Refused("4 is none of the categories 0 to 3", "decode", "--run", At("run"), "--codes", At("beyond.csv"), "--out", "-");
        File.WriteAllText(At("others.csv"), "code1,code2\n0,1\n");
        Refused("no column 'code'", "decode", "--run", At("run"), "--codes", At("others.csv"), "--out", "-");
    }

    [TestCase("codes.xls", "no kind of file")]
    [TestCase("absent/codes.csv", "no folder")]
    public void OutputThatCannotBe_IsRefused(string name, string why) => Refused(why, "encode", "--run", At("run"), "--data", At("ab.csv"), "--out", At(name));

    [Test]
    public void MissingValue_IsNamedAndNothingIsLeft()
    {
        File.WriteAllText(At("gap.csv"), "a,b\n1,0.1\n2,\n");
        Refused("line 3", "encode", "--run", At("run"), "--data", At("gap.csv"), "--out", At("gap-codes.csv"));
        Assert.That(File.Exists(At("gap-codes.csv")), Is.False);
        Assert.That(File.Exists(At("gap-codes.csv.tmp")), Is.False);
    }

    private string At(string name) => Path.Combine(folder, name);

    private static double Normal(Random random) => MathNet.Numerics.Distributions.Normal.Sample(random, 0, 1);

    private static string Text(double number) => number.ToString("F4", CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string[] Lines(Call call) => call.Worked().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static void Refused(string why, params string[] arguments)
    {
        Call call = Call.Here([.. arguments, .. arguments[0] == "train" ? [] : new[] { "--device", Call.Device }]);
        Assert.That(call.Code, Is.EqualTo(2), call.Output + call.Error);
        Assert.That(call.Error, Does.Contain(why));
    }

    private Call Train(string run, params string[] more) => Call.Here(
    [
        "train", "--data", At("ab.csv"), "--label-column", "fruit", "--likelihood", "gaussian", "--categories", "4", "--steps", "600", "--batch", "64",
        "--device", Call.Device, "--out", At(run), .. more,
    ]);

    private JsonNode Eval(string run, string file) => Call.Here("eval", "--run", At(run), "--data", At(file), "--device", Call.Device, "--json").Worked().Json;

    private Call Use(string command, params string[] more) =>
        more[0] == "told" ? Call.Here([command, "--run", At("told"), "--device", Call.Device, .. more[1..]]) :
            Call.Here([command, "--run", At("run"), "--device", Call.Device, .. more]);

    private void Encode(string name, params string[] more) => _ = Use("encode", ["--data", At("ab.csv"), "--out", At(name), .. more]).Worked();

    private string[][] Table(string name) => [.. File.ReadAllLines(At(name)).Select(line => line.Split(','))];

    private void Write(string name, string header, Func<(double A, double B, string Fruit), string> line, int count = Rows) =>
        File.WriteAllLines(At(name), [header, .. rows.Take(count).Select(line)]);
}
