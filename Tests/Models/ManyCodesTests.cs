using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Models;

/// <summary>
/// Exact training over as many codes as a product with an identity could never hold: of 65,536 its rows alone would take 16 GiB. Beside parameters a step
/// needs a few tables of S D and of B S numbers.
/// </summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class ManyCodesTests(Target target) : ModelSuite(target)
{
    private const int Codes = 1 << 16;
    private const long Limit = 1L << 30;
    private const int Steps = 3;

    [TestCase(1, Codes, 256, 256, 128)]
    [TestCase(16, 2, 128, 128, 32)]
    public void Exact_TrainsWithinAGibibyte(int latents, int categories, int pixels, int hidden, int batch)
    {
        // The memory asked for is the same everywhere; an emulated or simulated device would compute for hours.
        if (Device.Style != LaunchStyle.Processor)
            Assert.Ignore("The processor trains it; here it would take too long.");
        using DiscreteVae vae = new(Device, Design(latents, categories, pixels, hidden), seed: 1, Limit);
        StepSettings settings = new()
        {
            Batch = batch,
            Estimator = inputs => new ExactEstimator(inputs),
            Schedules = Scheduled.Default with { LearningRate = Schedule.Constant(0.003f) },
        };
        using TrainingStep step = new(vae, new DeviceData(Device, vae.Arena, Data(pixels, batch)), settings);
        Assert.That(step.Estimator.DecodedRows, Is.EqualTo(Codes));
        Parameter first = vae.Parameters.All.Single(parameter => parameter.Name == "decoder.0.weight");
        float[] before = Device.Download(first.Value.View);
        double[] elbos = [.. Enumerable.Range(0, Steps).Select(_ => Elbo(step))];
        Assert.That(elbos, Is.All.Matches<double>(double.IsFinite));
        Assert.That(elbos, Is.Ordered.Ascending, "it does not learn");

        // Every code has its share of the posterior, and so a gradient.
        float[] after = Device.Download(first.Value.View);
        int rows = Enumerable.Range(0, first.Rows).Count(row => !after.AsSpan(row * hidden, hidden).SequenceEqual(before.AsSpan(row * hidden, hidden)));
        Assert.That(rows, Is.EqualTo(first.Rows), "rows of the decoder's first weight that moved");
        Assert.That(vae.Arena.UsedBytes, Is.LessThanOrEqualTo(Limit));
    }

    [Test]
    public void MemoryOfTheCodes_IsThatOfTheirTables()
    {
        // F, and of each code its outputs and their gradient, its hidden layer and its gradient, two numbers of the natural form, and its category.
        const int Pixels = 48, Hidden = 40, Batch = 8;
        long few = CodeBytes(1 << 10), many = CodeBytes(1 << 13), each = (many - few) / ((1 << 13) - (1 << 10));
        Assert.That(each, Is.EqualTo((Batch + (2 * Pixels) + (2 * Hidden) + 2 + 1) * sizeof(float)));

        long CodeBytes(int codes)
        {
            using DiscreteVae vae = new(Device, Design(1, codes, Pixels, Hidden), seed: 1);
            long parameters = vae.Arena.UsedBytes;
            Matrix table = vae.Arena.Matrix(Batch, codes, MemoryUse.Codes);
            _ = new CodeDecoder(vae, training: true);
            return table.Rows > 0 ? vae.Arena.UsedBytes - parameters : 0;
        }
    }

    private static double Elbo(TrainingStep step)
    {
        step.Run();
        StepState state = step.ReadState();
        step.WriteState(state with { Sums = default, SummedSteps = 0 });
        return (state.Sums.Reconstruction - state.Sums.Kl) / state.SummedSteps;
    }

    private static VaeDesign Design(int latents, int categories, int pixels, int hidden) => new()
    {
        DataWidth = pixels,
        Latents = latents,
        Categories = categories,
        Encoder = VaeDesign.Mlp([hidden]),
        Decoder = VaeDesign.Mlp([hidden], ActivationKind.Tanh),
    };

    private static DataSet Data(int pixels, int examples)
    {
        Random random = new(2);
        byte[] bytes = [.. Enumerable.Range(0, examples * pixels).Select(_ => random.Next(5) == 0 ? byte.MaxValue : byte.MinValue)];
        return new DataSet { Name = "dark pixels", Count = examples, Width = pixels, Bytes = bytes };
    }
}
