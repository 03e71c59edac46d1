using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Readme;

/// <summary>The README's C# programs, compiled and run word for word.</summary>
public partial class ReadmeProgramTests
{
    private const int LongestProgram = 40;

    [Test]
    public void Program_FitsInFortyLines() => Assert.That(ReadmeProgram.With("using TrainingStep step").Split('\n'), Has.Length.LessThan(LongestProgram));

    [Test]
    public void Program_CompilesRunsAndLearns()
    {
        string output = Output(ReadmeProgram.With("using TrainingStep step"));
        Match printed = Printed().Match(output);
        Assert.That(printed.Success, $"the program printed: {output}");
        double reached = double.Parse(printed.Groups[1].Value, CultureInfo.InvariantCulture);
        double best = double.Parse(printed.Groups[2].Value, CultureInfo.InvariantCulture);

        // An untrained model stands at 256 pixels * log 2 = 177 nats below 0.
        Assert.That(reached, Is.GreaterThan(best - 25).And.LessThanOrEqualTo(best + 1));
    }

    /// <summary>The call on host arrays and the recorded one agree, and with the formula: q = softmax, L = mean (beta KL - E_q F).</summary>
    [Test]
    public void LibraryCall_PrintsWhatTheFormulaGives()
    {
        double[][] logits = [[0.5, -1, 0], [2, 0, 1]], f = [[-3, -5, -4], [-1, -2, -9]];
        double[] prior = [0, 0, 1];
        CategoricalPassReference<double>[] rows = [.. logits.Zip(f, (l, values) => CategoricalPassReference<double>.Of(l, prior, values, 0.5, 0.5))];
        double loss = rows.Average(row => (0.5 * row.Kl) - row.Reconstruction);
        string expected = string.Create(
            CultureInfo.InvariantCulture,
            $"loss {loss:F4}, dL/dl {rows[0].LogitsGrad[0]:F4}, dL/dprior {rows.Sum(row => row.PriorGrad[2]):F4}, dL/dF {rows[0].LogLikelihoodsGrad[0]:F4}");
        string[] lines = Output(ReadmeProgram.With("CategoricalElbo elbo")).Split('\n', StringSplitOptions.TrimEntries);
        Assert.That(lines[0], Is.EqualTo(expected));
        Assert.That(lines[1], Is.EqualTo(string.Create(CultureInfo.InvariantCulture, $"the same gradient: {rows[0].LogitsGrad[0]:F4}")));
    }

    private static string Output(string program)
    {
        byte[] assembly = ReadmeProgram.Compile("global using System;\n" + program, []);
        TextWriter console = Console.Out;
        using StringWriter output = new(CultureInfo.InvariantCulture);
        Console.SetOut(output);
        try
        {
            Assembly.Load(assembly).EntryPoint!.Invoke(null, [Array.Empty<string>()]);
        }
        finally
        {
            Console.SetOut(console);
        }

        return output.ToString();
    }

    /// <summary>A run of a table like the one that README tells of, loaded by README's own text.</summary>
    [Test]
    public void TrainedModel_IsUsedAsReadmeSays()
    {
        string folder = Directory.CreateTempSubdirectory("ilgpu-vae-").FullName;
        try
        {
            Random random = new(1);
            string table = Path.Combine(folder, "abalone.data");
            File.WriteAllLines(table, Enumerable.Range(0, 300).Select(_ => "M," + string.Join(',', Enumerable.Range(1, 8)
                .Select(column => (column * (1 + (0.1 * random.NextDouble()))).ToString("F4", CultureInfo.InvariantCulture)))));
            string run = Path.Combine(folder, "run");
            _ = CommandLine.Call.Here(
                "train", "--data", table, "--columns", "2-9", "--condition", "columns:2-4", "--prior", "conditional", "--likelihood", "gaussian",
                "--categories", "16", "--steps", "50", "--device", "cpu", "--out", run).Worked();
            string[] lines = Output(ReadmeProgram.With("TrainedModel.Load").Replace("runs/abalone", run, StringComparison.Ordinal)).Split('\n');
            Assert.That(lines[0], Does.Match(@"code \d+ of 16, log p\(x \| c\) -?\d+\.\d\d nats"));
            foreach (string way in lines[1..4])
                Assert.That(way, Does.Match(@"[01]\.\d\d: x9 \d+\.\d, deviation \d+\.\d"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex(@"(-?\d+\.\d+) of (-?\d+\.\d+) nats")]
    private static partial Regex Printed();
}
