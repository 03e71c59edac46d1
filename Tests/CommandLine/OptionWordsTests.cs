using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training;
using IlgpuVae.Training.CommandLine;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>An error is told in the words of whoever asked: properties in .NET, options on the command line.</summary>
public sealed class OptionWordsTests
{
    private static readonly VaeDesign Design = new() { DataWidth = 4, Categories = 3 };

    private static IEnumerable<TestCaseData> Refusals =>
    [
        Case(
            "signs",
            () => _ = Model(Design with { Embedding = CodeEmbedding.Sign }),
            "Use Categories = 2, or Embedding = OneHot.",
            "Use --categories 2, or --embedding one-hot."),
        Case("one logit", () => _ = Model(Design with { OneLogit = true }), "Use Categories = 2, or OneLogit = False.", "Use --categories 2, or --logits two."),
        Case("mixture", () => _ = Model(Design with { UniformMix = 1.5f }), "UniformMix = 1.5 is no share", "--uniform-mix 1.5 is no share"),
        Case("device", () => _ = ComputeDevice.Open("fpga"), "DeviceSurvey lists what is there", "`ilgpu-vae devices` lists what is there"),
        Case(
            "no use for draws",
            () => _ = Estimator(new EstimatorSettings { Name = "reinmax", Draws = 3 }),
            "Draws is for gumbel-rao; reinmax has no use for it. Drop it, or change Estimator.",
            "--draws is for gumbel-rao; reinmax has no use for it. Drop it, or change --estimator."),
        Case("disarm", () => _ = Estimator(new EstimatorSettings { Name = "disarm" }), "or Estimator = reinforce.", "or --estimator reinforce."),
        Case("noise", () => _ = Plan(new() { Noise = 0.1 }), "or use Likelihood = gaussian.", "or use --likelihood gaussian."),
        Case("a number that is none", () => _ = Plan(new() { UniformMix = double.NaN }), "UniformMix = NaN is no share", "--uniform-mix NaN is no share"),
        Case("schedule", () => _ = Plan(new() { Beta = "two" }), "Beta two is no number", "--beta two is no number"),
        Case("bits of numbers", () => _ = Plan(new() { Likelihood = "gaussian", Binarize = Binarisation.Dynamic }), "Binarize = Dynamic", "--binarize dynamic"),
        Case("width", () => _ = Plan(new() { Encoder = [8, 0] }), "Encoder has a layer of width 0", "--encoder has a layer of width 0"),
        Case(
            "fractions",
            () => _ = DataSource.Open("glyphs.csv", new DataOptions { ValidFraction = 0.5, TestFraction = 0.5 }),
            "ValidFraction = 0.5 and TestFraction = 0.5 leave",
            "--valid-fraction 0.5 and --test-fraction 0.5 leave"),
        Case("picture", () => _ = DataSource.Open("glyphs.csv", new DataOptions { Picture = "8 by 8" }), "Picture 8 by 8 is not", "--picture 8 by 8 is not"),
        Case("no estimator", () => _ = Estimator(new EstimatorSettings { Name = "magic" }), "Estimator magic is not known.", "--estimator magic is not known."),
    ];

    [TestCaseSource(nameof(Refusals))]
    public void Refusal_IsInTheWordsOfWhoeverAsked(Action call, string properties, string options)
    {
        InputException refusal = Assert.Throws<InputException>(() => call())!;
        Assert.That(refusal.Message, Does.Contain(properties).And.Not.Contain("--"));
        Assert.That(OptionWords.Of(refusal), Does.Contain(options));
    }

    private static TestCaseData Case(string what, Action call, string properties, string options) =>
        new TestCaseData(call, properties, options).SetArgDisplayNames(what);

    private static DiscreteVae Model(VaeDesign design)
    {
        using ComputeDevice device = ComputeDevice.Open("cpu");
        return new DiscreteVae(device, design, seed: 1);
    }

    private static RunPlan Plan(TrainingOptions options)
    {
        using ComputeDevice device = ComputeDevice.Open("cpu");
        return RunPlan.Make(options, DataSource.Open("glyphs:train=64,valid=8,test=8", new DataOptions()), device);
    }

    private static EstimatorChoice Estimator(EstimatorSettings settings)
    {
        using ComputeDevice device = ComputeDevice.Open("cpu");
        return EstimatorChoice.Make(settings, Design, 8, device);
    }
}
