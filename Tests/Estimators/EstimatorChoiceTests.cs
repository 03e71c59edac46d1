using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.CommandLine;
using IlgpuVae.Training.Estimators;

namespace IlgpuVae.Tests.Estimators;

/// <summary>Wrong settings of estimators are refused in words that name the option and the cure; right ones choose what they say.</summary>
public sealed class EstimatorChoiceTests
{
    private static readonly EstimatorSettings Plain = new() { Name = "auto" };

    private static readonly string[] PullBacks = ["gumbel-softmax", "st-gumbel-softmax", "gumbel-rao", "straight-through", "reinmax"];

    private static readonly object[] Wrong =
    [
        Case("disarm, K = 3", Plain with { Name = "disarm" }, 2, 3, "disarm", "--categories 2", "--estimator reinforce"),
        Case("exact, too many codes", Plain with { Name = "exact" }, 20, 10, "joint codes", "--estimator gumbel-softmax", "--latents", "--categories"),
        Case(
            "leave-one-out, S = 1",
            Plain with { Name = "reinforce", Samples = 1, Baseline = BaselineKind.LeaveOneOut },
            2,
            3,
            "leave-one-out",
            "--samples 2",
            "moving-average"),
        Case("vimco, S = 1", Plain with { Name = "vimco", Samples = 1 }, 2, 3, "vimco", "--samples 2"),
        Case("unknown", Plain with { Name = "gumble" }, 2, 3, "--estimator gumble", "gumbel-softmax", "local-expectation", "auto"),
        Case("empty", Plain with { Name = string.Empty }, 2, 3, "--estimator", "auto"),
        Case("--control-rate 0", Plain with { Name = "rebar", ControlRate = 0 }, 2, 3, "--control-rate 0", "above 0"),
        Case("--control-rate -1", Plain with { Name = "relax", ControlRate = -1 }, 2, 3, "--control-rate -1", "above 0"),
        Case("--control-rate, not a number", Plain with { Name = "rebar", ControlRate = double.NaN }, 2, 3, "--control-rate", "above 0"),
        Case("--control-rate, none in float32", Plain with { Name = "rebar", ControlRate = 1e-60 }, 2, 3, "--control-rate", "above 0"),
        Case("--control-scale, infinite", Plain with { Name = "rebar", ControlScale = double.PositiveInfinity }, 2, 3, "--control-scale", "number"),
        Case("--control-scale, infinite in float32", Plain with { Name = "relax", ControlScale = 1e60 }, 2, 3, "--control-scale", "number"),
        Case(
            "--control-network without a learned baseline",
            Plain with { Name = "reinforce", ControlNetwork = [8], Baseline = BaselineKind.MovingAverage },
            2,
            3,
            "--control-network",
            "reinforce",
            "--baseline learned"),
        Case(
            "--control-rate without a learned baseline",
            Plain with { Name = "reinforce", ControlRate = 0.1, Baseline = BaselineKind.LeaveOneOut },
            2,
            3,
            "--control-rate",
            "reinforce",
            "--baseline learned"),
        .. Without("--samples", Plain with { Samples = 3 }, ["reinforce", "vimco", .. PullBacks]),
        .. Without("--objective", Plain with { Objective = ObjectiveKind.Iwae }, ["reinforce", .. PullBacks]),
        .. Without("--baseline", Plain with { Baseline = BaselineKind.None }, ["reinforce"]),
        .. Without("--baseline", Plain with { Baseline = BaselineKind.Learned }, ["reinforce"]),
        .. Without("--normalise-variance", Plain with { NormaliseVariance = true }, ["reinforce"]),
        .. Without("--control-scale", Plain with { ControlScale = 0.5 }, ["rebar", "relax"]),
        .. Without("--tune-control", Plain with { Tuned = false }, ["rebar", "relax"]),
        .. Without("--tune-control", Plain with { Tuned = true }, ["rebar", "relax"]),
        .. Without("--control-network", Plain with { ControlNetwork = [8] }, ["relax"]),
        .. Without("--control-rate", Plain with { ControlRate = 0.1 }, ["rebar", "relax"]),
        .. Without("--draws", Plain with { Draws = 3 }, ["gumbel-rao"]),
        .. Without("--signal", Plain with { Signal = VimcoMean.Arithmetic }, ["vimco"]),
    ];

    [TestCaseSource(nameof(Wrong))]
    public void WrongSettings_AreRefused(EstimatorSettings settings, int latents, int categories, string[] named)
    {
        using ComputeDevice device = ComputeDevice.Open("cpu", LaunchStyle.Processor);
        InputException refusal = Assert.Throws<InputException>(() => EstimatorChoice.Make(settings, Design(latents, categories), 8, device))!;
        string message = OptionWords.Of(refusal);
        foreach (string word in named)
            Assert.That(message, Does.Contain(word));
        Assert.That(message, Does.EndWith("."));
        Assert.That(message.Split(". ").Length, Is.LessThanOrEqualTo(2), message);
    }

    private static readonly object[] Right =
    [
        Case("rebar", Plain with { Name = "rebar", ControlScale = 0, Tuned = true, ControlRate = 0.1 }, 2, 3),
        Case("rebar, a negative scale", Plain with { Name = "rebar", ControlScale = -1, Tuned = false }, 2, 3),
        Case("relax", Plain with { Name = "relax", ControlScale = 0.5, Tuned = false, ControlNetwork = [7, 5], ControlRate = 0.1 }, 2, 3),
        Case("relax without hidden layers", Plain with { Name = "relax", ControlNetwork = [] }, 2, 3),
        Case(
            "learned baseline",
            Plain with { Name = "reinforce", Baseline = BaselineKind.Learned, NormaliseVariance = true, ControlNetwork = [7], ControlRate = 0.1, Samples = 2 },
            2,
            3),
    ];

    [TestCaseSource(nameof(Right))]
    public void RightSettings_AreTaken(EstimatorSettings settings, int latents, int categories, string[] named)
    {
        using ComputeDevice device = ComputeDevice.Open("cpu", LaunchStyle.Processor);
        using DiscreteVae vae = new(device, Design(latents, categories), seed: 1);
        Matrix logits = vae.Arena.Matrix(8, latents * categories, MemoryUse.Activations), statistic = vae.Arena.Matrix(8, 6, MemoryUse.Activations);
        Estimator estimator = EstimatorChoice.Make(settings, Design(latents, categories), 8, device)
            .Build(new EstimatorInputs(vae, logits, new(statistic), statistic, default, seed: 1));
        Assert.That(named, Is.Empty);
        Assert.That(estimator.Name, Is.EqualTo(settings.Name));
        Assert.That(estimator.Auxiliary is null, Is.EqualTo(settings is { Name: "rebar", Tuned: false }));
        if (settings.ControlRate is { } rate)
            Assert.That(estimator.AuxiliaryRate, Is.EqualTo((float)rate));
    }

    [Test]
    public void EveryName_BuildsTheEstimatorOfThatName([ValueSource(typeof(EstimatorChoice), nameof(EstimatorChoice.Names))] string name)
    {
        using ComputeDevice device = ComputeDevice.Open("cpu", LaunchStyle.Processor);
        EstimatorChoice choice = EstimatorChoice.Make(Plain with { Name = name }, Design(2, 2), 8, device);
        Assert.That(choice.Name, Is.EqualTo(name));
        Assert.That(choice.Reason, Is.Null);
        using DiscreteVae vae = new(device, Design(2, 2), seed: 1);
        Matrix logits = vae.Arena.Matrix(8, 4, MemoryUse.Activations), statistic = vae.Arena.Matrix(8, 6, MemoryUse.Activations);
        Estimator estimator = choice.Build(new EstimatorInputs(vae, logits, new(statistic), statistic, default, seed: 1));
        Assert.That(estimator.Name, Is.EqualTo(name));
        Assert.That(estimator.DecodedRows, Is.Positive);
    }

    [Test]
    public void Auto_SumsWhereThatIsAffordable_AndSaysWhy()
    {
        using ComputeDevice device = ComputeDevice.Open("cpu", LaunchStyle.Processor);
        EstimatorChoice few = EstimatorChoice.Make(Plain, Design(1, 8), 128, device), many = EstimatorChoice.Make(Plain, Design(20, 10), 128, device);
        Assert.That(few.Name, Is.EqualTo("exact"));
        Assert.That(few.Reason, Does.Contain("within the budget"));
        Assert.That(many.Name, Is.EqualTo("gumbel-softmax"));
        Assert.That(many.Reason, Does.Contain("over the budget"));
    }

    [Test]
    public void Auto_CountsTheLayersThemselves()
    {
        using ComputeDevice device = ComputeDevice.Open("cpu", LaunchStyle.Processor);
        VaeDesign small = Design(2, 8), wideEncoder = small with { Encoder = VaeDesign.Mlp([512, 512]) }, wideDecoder = small with
        {
            Decoder = VaeDesign.Mlp([512, 512]),
        };
        EstimatorChoice cheap = EstimatorChoice.Make(Plain, wideEncoder, 4, device), dear = EstimatorChoice.Make(Plain, wideDecoder, 4, device);
        Assert.That(cheap.Name, Is.EqualTo("exact"), "a decoder that costs nothing beside the encoder");
        Assert.That(dear.Name, Is.EqualTo("gumbel-softmax"), "64 codes decoded beside 4 rows");

        // 6 x 512 + 512 x 512 + 512 x 16 in the encoder, 16 x 6 in the decoder.
        Assert.That(cheap.Reason, Does.Contain("273,408 multiply-adds in the encoder and 96 in the decoder"));
    }

    [Test]
    public void Auto_TakesLocalExpectationsWhereOnlyTheyFit()
    {
        using ComputeDevice device = ComputeDevice.Open("cpu", LaunchStyle.Processor);
        VaeDesign design = Design(5, 8) with { Encoder = VaeDesign.Mlp([64, 64]) };
        EstimatorChoice several = EstimatorChoice.Make(Plain, design, 8, device);
        Assert.That(several.Name, Is.EqualTo("local-expectation"));
        Assert.That(several.Reason, Does.Contain("40 rows an example").And.Contain("only the latter is within the budget"));
        VaeDesign many = Design(1, 4096) with { Encoder = VaeDesign.Mlp([64]), Decoder = VaeDesign.Mlp([64]) };
        Assert.That(EstimatorChoice.Make(Plain, many, 8, device).Name, Is.EqualTo("exact"), "of a hard code the first layer reads one row, whatever K is");
        EstimatorChoice one = EstimatorChoice.Make(Plain, many with { Decoder = VaeDesign.Mlp([64, 512]) }, 8, device);
        Assert.That(one.Name, Is.EqualTo("gumbel-softmax"), "of one variable local expectations are the sum that did not fit");
    }

    [Test]
    public void LayersCostWhatTheirParametersDo()
    {
        using ComputeDevice device = ComputeDevice.Open("cpu", LaunchStyle.Processor);
        VaeDesign design = Design(3, 5) with
        {
            Encoder = VaeDesign.Mlp([7, 11]),
            Decoder = VaeDesign.Mlp([13]),
            Embedding = CodeEmbedding.Table,
            EmbeddingWidth = 4,
        };
        using DiscreteVae vae = new(device, design, seed: 1);
        long Weights(string network) =>
            vae.Parameters.All.Where(
                parameter =>
                    parameter.Name.StartsWith(network, StringComparison.Ordinal)
                        && parameter.Name.EndsWith("weight", StringComparison.Ordinal)).Sum(parameter => parameter.Length);
        Assert.That(design.WholeEncoder.Cost(design.EncoderInputs), Is.EqualTo(new LayerCost(15, Weights("encoder"), 7 + 11 + 15)));
        Assert.That(design.WholeDecoder.Cost(15), Is.EqualTo(new LayerCost(6, Weights("decoder"), (3 * 4) + 13 + 6)));

        // Of hard codes a table's rows are copied, and a linear layer adds up one for each variable.
        Assert.That(design.WholeDecoder.CostOfNumbers(3, 15), Is.EqualTo(new LayerCost(6, Weights("decoder") - (15 * 4), (3 * 4) + 13 + 6)));
        Assert.That(
            (design with { Embedding = CodeEmbedding.OneHot }).WholeDecoder.CostOfNumbers(3, 15), Is.EqualTo(new LayerCost(6, (3 * 13) + (13 * 6), 13 + 6)));
    }

    private static IEnumerable<object> Without(string option, EstimatorSettings settings, string[] users) =>
        EstimatorChoice.Names.Append("auto").Except(users)
            .Select(name => Case($"{option} with {name}", settings with { Name = name }, 2, 2, option, name, "--estimator"));

    private static TestCaseData Case(string what, EstimatorSettings settings, int latents, int categories, params string[] named) =>
        new TestCaseData(settings, latents, categories, named).SetArgDisplayNames(what);

    private static VaeDesign Design(int latents, int categories) => new() { DataWidth = 6, Latents = latents, Categories = categories };
}
