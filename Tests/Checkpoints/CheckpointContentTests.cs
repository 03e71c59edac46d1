using IlgpuVae.Model.Checkpoints;
using IlgpuVae.Tests.CommandLine;
using IlgpuVae.Training;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Checkpoints;

/// <summary>A checkpoint read by nothing but what Model/Checkpoints/README.md says of it gives the model's codes and means.</summary>
[TestFixture]
public sealed class CheckpointContentTests
{
    private const int Rows = 60;

    private string folder = string.Empty;
    private SafeTensorsFile file = null!;

    [SetUp]
    public void CreateFolder() => folder = Directory.CreateTempSubdirectory("ilgpu-vae-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [TestCase("--latents", "1", "--embedding", "5")]
    [TestCase("--latents", "2", "--embedding", "one-hot")]
    [TestCase("--latents", "3", "--embedding", "5")]
    public void Formulas_GiveWhatTheModelGives(params string[] options)
    {
        (double[][] told, double[][] modelled) = Train([.. options, "--categories", "3", "--prior", "conditional", "--prior-network", "6"]);
        using TrainedModel model = TrainedModel.Load(Path.Combine(folder, "run"), Call.Device);
        (double[] shift, double[] scale) = Units(model.Data.Modelled);
        (double[] toldShift, double[] toldScale) = Units(model.Data.Told);
        int n = model.Latents, k = model.Categories, width = modelled[0].Length;
        for (int row = 0; row < Rows; row++)
        {
            double[] x = Inward(modelled[row], shift, scale), c = Inward(told[row], toldShift, toldScale);
            double[] q = Softmax(Network([.. x, .. c], "encoder", 0), k);
            float[] values = ToFloats(modelled[row]), context = ToFloats(told[row]);
            Assert.That(model.Posterior(values, context), Is.EqualTo(q).Within(2e-5), $"q of row {row}");
            Assert.That(
                model.LogPrior(context).Select(log => Math.Exp(log)), Is.EqualTo(Softmax(Network(c, "prior", 0), k)).Within(2e-5), $"prior of row {row}");
            int[] code = [.. Enumerable.Range(0, n).Select(variable => row / (int)Math.Pow(k, variable) % k)];
            double[] outputs = options[^1] == "one-hot"
                ? Network([.. code.SelectMany(category => OneHot(category, k)), .. c], "decoder", 0)
                : Network([.. code.SelectMany((category, variable) => TableRow((variable * k) + category)), .. c], "decoder", 1);
            double[] means = [.. outputs.Take(width).Select((mean, d) => (mean * scale[d]) + shift[d])];
            double[] deviations = [.. outputs.Skip(width).Select((rho, d) => Math.Exp(4 * Math.Tanh(rho / 8)) * scale[d])];
            Assert.That(model.Decode(code, context), Is.EqualTo(means).Within(2e-3), $"means of row {row}");
            Assert.That(model.Deviation(code, context), Is.EqualTo(deviations).Within(2e-3), $"deviations of row {row}");
        }
    }

    private (double[][] Told, double[][] Modelled) Train(string[] options)
    {
        Random random = new(4);
        double[][] told = [.. Enumerable.Range(0, Rows).Select(_ => new[] { Math.Round(random.NextDouble() * 9, 2) })];
        double[][] modelled =
        [
            .. told.Select(c => new[] { Math.Round(c[0] + random.NextDouble(), 3), Math.Round(100 + (40 * random.NextDouble()), 2), random.Next(7) }),
        ];
        string table = Path.Combine(folder, "table.csv");
        File.WriteAllLines(
            table, ["a,c,b,d", .. told.Zip(modelled, (c, x) => FormattableString.Invariant($"{x[0]},{c[0]},{x[1]},{x[2]}"))]);
        _ = Call.Here(
        [
            "train", "--data", table, "--condition", "columns:c", "--likelihood", "gaussian", "--encoder", "8,7", "--decoder", "8", "--steps", "100",
            "--device", Call.Device, "--out", Path.Combine(folder, "run"), .. options,
        ]).Worked();
        file = SafeTensors.Read(Path.Combine(folder, "run", "checkpoint.safetensors"));
        return (told, modelled);
    }

    private static (double[] Shift, double[] Scale) Units(IEnumerable<ContractColumn> columns) =>
        ([.. columns.Select(column => column.Shift)], [.. columns.Select(column => column.Scale)]);

    private static double[] Inward(double[] values, double[] shift, double[] scale) => [.. values.Select((value, d) => (value - shift[d]) / scale[d])];

    private static float[] ToFloats(double[] values) => Array.ConvertAll(values, value => (float)value);

    private static double[] Softmax(double[] logits, int k) =>
    [
        .. logits.Chunk(k).SelectMany(part => part.Select(logit => Math.Exp(logit) / part.Sum(Math.Exp))),
    ];

    private static double[] OneHot(int category, int k) => [.. Enumerable.Range(0, k).Select(other => other == category ? 1.0 : 0.0)];

    private double[] TableRow(int row)
    {
        NamedTensor table = file.Tensors.Single(tensor => tensor.Name == "decoder.0.weight");
        return [.. table.Values.Skip(row * table.Shape[1]).Take(table.Shape[1]).Select(value => (double)value)];
    }

    // Linear layers at every other place, ReLU between them.
    private double[] Network(double[] inputs, string name, int first)
    {
        for (int place = first; file.Has($"{name}.{place}.weight"); place += 2)
        {
            NamedTensor weight = file.Tensors.Single(tensor => tensor.Name == $"{name}.{place}.weight");
            float[] bias = file.Values($"{name}.{place}.bias", [weight.Shape[0]]);
            Assert.That(weight.Shape[1], Is.EqualTo(inputs.Length), $"{name}.{place}");
            bool last = !file.Has($"{name}.{place + 2}.weight");
            inputs =
            [
                .. bias.Select((b, o) => b + inputs.Select((value, i) => value * weight.Values[(o * inputs.Length) + i]).Sum())
                    .Select(sum => last ? sum : Math.Max(0, sum)),
            ];
        }

        return inputs;
    }
}
