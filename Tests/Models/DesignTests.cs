using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Models;

/// <summary>A design is a value: models built from one share nothing, and what does not fit together is told by layer and shape.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class DesignTests(Target target) : ModelSuite(target)
{
    private static readonly ModelCase Shape = new()
    {
        Latents = 2,
        Categories = 3,
        ContextWidth = 2,
        Prior = PriorKind.Conditional,
        Embedding = CodeEmbedding.Table,
    };

    [Test]
    public void ModelsOfOneDesign_ShareNothing()
    {
        VaeDesign design = Shape.Design();
        using DiscreteVae first = new(Device, design, seed: 1), second = new(Device, design, seed: 2), alone = new(Device, Shape.Design(), seed: 1);
        float[] untouched = Device.Download(first.Parameters.Values), before = PosteriorOf(first);
        Assert.That(before, Is.EqualTo(PosteriorOf(alone)), "a second model from the design changes nothing in the first");
        StepSettings settings = new() { Batch = 5, Estimator = inputs => new ExactEstimator(inputs) };
        using TrainingStep step = new(second, new DeviceData(Device, second.Arena, Shape.Data(5)), settings);
        float[] untrained = Device.Download(second.Parameters.Values);
        step.Run();
        Device.Wait();
        Assert.That(Device.Download(second.Parameters.Values), Is.Not.EqualTo(untrained));
        Assert.That(Device.Download(first.Parameters.Values), Is.EqualTo(untouched));
        Assert.That(PosteriorOf(first), Is.EqualTo(before));
    }

    [Test]
    public void OneLayerTwice_HasParametersTwice()
    {
        Dense layer = new(4, ActivationKind.Tanh);
        using DiscreteVae vae = new(Device, new VaeDesign { DataWidth = 4, ContextWidth = 2, Encoder = [layer, layer], Decoder = [layer, layer] }, seed: 1);
        Assert.That(
            vae.Parameters.All.Select(parameter => parameter.Name),
            Is.SupersetOf(new[] { "encoder.0.weight", "encoder.2.weight", "decoder.2.weight", "decoder.4.weight" }));
        Assert.DoesNotThrow(() => vae.BindDecoder(3, training: true, vae.BindContext(3, training: true)));
    }

    [Test]
    public void LayerThatDoesNotFit_IsNamedWithTheShapes() => Assert.That(
        () => new DiscreteVae(Device, new VaeDesign { DataWidth = 6, Encoder = [new Dense(7), new CodeSigns()] }, seed: 1),
        Throws.TypeOf<InputException>().With.Message.StartsWith("Layer 1 of the encoder, CodeSigns, does not fit on rows of [7]:"));

    [Test]
    public void FirstLayer_SeesThePictureWhereItSeesNothingElse()
    {
        VaeDesign design = new() { DataWidth = 12, DataShape = new Shape(3, 4, 1) };
        Assert.That(design.EncoderShape, Is.EqualTo(new Shape(3, 4, 1)));
        Assert.That((design with { ContextWidth = 2 }).EncoderShape, Is.EqualTo((Shape)14));
        Assert.That((design with { DataShape = null }).EncoderShape, Is.EqualTo((Shape)12));
    }

    private static float[] PosteriorOf(DiscreteVae vae)
    {
        DataSet data = Shape.Data(3);
        return new Inference(vae).Posterior(data.Values!, data.Context!.Values);
    }
}
