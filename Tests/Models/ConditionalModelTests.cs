using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Runs;
using IlgpuVae.Training.Steps;
using MathNet.Numerics.LinearAlgebra;

namespace IlgpuVae.Tests.Models;

/// <summary>Conditional models beside training: use on host arrays, designs and data that do not fit, the choice of contexts to show.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class ConditionalModelTests(Target target) : ModelSuite(target)
{
    private const float Rounding = 1e-5f;

    private static readonly ModelCase Shape = new()
    {
        Latents = 2,
        Categories = 3,
        ContextWidth = 4,
        Likelihood = LikelihoodKind.FixedGaussian,
        Prior = PriorKind.Conditional,
        PriorNetwork = [5],
    };

    [Test]
    public void Inference_MatchesFloat64([Values(PriorKind.Conditional, PriorKind.Learned)] PriorKind prior)
    {
        // More rows than are bound at a time.
        const int Rows = 13;
        ModelCase shape = Shape with { Prior = prior, PriorNetwork = prior == PriorKind.Conditional ? [5] : [] };
        DataSet data = shape.Data(Rows);
        using DiscreteVae vae = new(Device, shape.Design(), seed: 1);
        MeasuredStep.DrawParameters(vae);
        Inference inference = new(vae, rows: 5);
        ReferenceVae reference = MeasuredStep.Widen(vae, shape);
        Matrix<double> x = MeasuredStep.Wide(data);
        float[] contexts = data.Context!.Values!, posterior = inference.Posterior(data.Values!, contexts);
        int[] codes = inference.MostProbable(posterior);
        float[] oneHot = OneHot.Rows(codes, shape.Categories);
        Assert.That(posterior, Is.EqualTo(RowByRow(reference.LogPosterior(x).PointwiseExp())).Within(Rounding));
        Assert.That(inference.LogPrior(Rows, contexts), Is.EqualTo(RowByRow(reference.LogPrior(x))).Within(10 * Rounding));
        Matrix<double> hard = Matrix<double>.Build.Dense(Rows, shape.CodeWidth, (b, i) => oneHot[(b * shape.CodeWidth) + i]);
        Assert.That(inference.Decode(codes, contexts), Is.EqualTo(RowByRow(reference.Decode(hard, reference.Contexts(x)))).Within(10 * Rounding));
        Assert.That(() => inference.Decode(codes), Throws.ArgumentException.With.Message.Contains("context"));
        Assert.That(() => inference.Decode([0, shape.Categories], contexts[..4]), Throws.ArgumentException.With.Message.Contains("category 3"));
        Assert.That(() => inference.Decode([0, -1], contexts[..4]), Throws.ArgumentException.With.Message.Contains("category -1"));
        Assert.That(() => inference.Decode([0, 1, 2], contexts), Throws.ArgumentException.With.Message.Contains("rows of 2"));
        Assert.That(() => inference.Posterior(data.Values!, contexts[1..]), Throws.ArgumentException.With.Message.Contains("context"));
    }

    [Test]
    public void Samples_FollowThePriorOfTheirContext()
    {
        const int Each = 400;
        using DiscreteVae vae = new(Device, Shape.Design(), seed: 1);
        Inference inference = new(vae, rows: 5);
        float[] certain = [0, -40, -40, -40, 0, -40, -40, -40, 0, -0.6931472f, -0.6931472f, -80];
        float[] drawn = OneHot.Rows(inference.Sample(certain, Each, seed: 3), Shape.Categories);
        double[] first = Shares(drawn, 0, Each), second = Shares(drawn, 1, Each);
        Assert.That(first, Is.EqualTo(new double[] { 1, 0, 0, 0, 1, 0 }));
        Assert.That(second[..3], Is.EqualTo(new double[] { 0, 0, 1 }));
        Assert.That(second[3], Is.EqualTo(0.5).Within(5 * 0.5 / Math.Sqrt(Each)));
        Assert.That(second[5], Is.Zero);
    }

    [Test]
    public void WrongDesigns_AreRefused()
    {
        VaeDesign plain = Shape.Design();
        Refused(plain with { ContextWidth = 0 }, "Prior = Conditional", "ContextWidth", "Prior = Learned");
        Refused(plain with { Prior = PriorKind.Learned }, "PriorNetwork", "Prior = Conditional");
        Refused(plain with { ContextWidth = -1 }, "-1");

        void Refused(VaeDesign design, params string[] named)
        {
            InputException refusal = Assert.Throws<InputException>(() => new DiscreteVae(Device, design, seed: 1))!;
            foreach (string mention in named)
                Assert.That(refusal.Message, Does.Contain(mention));
            Assert.That(refusal.Message.Split(". ").Length, Is.LessThanOrEqualTo(2), refusal.Message);
        }
    }

    [Test]
    public void DataWithoutTheModelsContext_AreRefused([Values(0, 3)] int width)
    {
        using DiscreteVae vae = new(Device, Shape.Design(), seed: 1);
        DeviceData data = new(Device, vae.Arena, (Shape with { ContextWidth = width, Prior = PriorKind.Uniform, PriorNetwork = [] }).Data(5));
        Assert.That(
            () => new TrainingStep(vae, data, new StepSettings { Batch = 2 }),
            Throws.InstanceOf<InputException>().With.Message.Contains("4 numbers").And.Message.Contains($"have {width}"));
    }

    [Test]
    public void ShownContexts_DifferAndAreOfTheClassAskedFor()
    {
        DataSet data = new()
        {
            Name = "four",
            Count = 6,
            Width = 1,
            Values = new float[6],
            Labels = [2, 0, 2, 1, 0, 2],
            LabelNames = ["cat", "dog", "eel"],
            Context = new DataSet { Name = "contexts", Count = 6, Width = 2, Values = [1, 0, 0, 1, 1, 0, 2, 2, 0, 1, 3, 3] },
        };
        Assert.That(ConditionalSamples.Choose(data, null, 10), Is.EqualTo(new[] { 1, 3, 0, 5 }), "by class, and each context once");
        Assert.That(ConditionalSamples.Choose(data, null, 2), Is.EqualTo(new[] { 1, 0 }));
        Assert.That(ConditionalSamples.Choose(data, "eel", 10), Is.EqualTo(new[] { 0, 5 }));
        Assert.That(() => ConditionalSamples.Choose(data, "1", 10), Throws.InstanceOf<InputException>().With.Message.Contains("1 is no class"));
        Assert.That(ConditionalSamples.Choose(data with { LabelNames = null }, "1", 10), Is.EqualTo(new[] { 3 }));
        Assert.That(() => ConditionalSamples.Choose(data, "rat", 10), Throws.InstanceOf<InputException>().With.Message.Contains("Did you mean cat?"));
        Assert.That(
            () => ConditionalSamples.Choose(data with { Labels = null }, "1", 10), Throws.InstanceOf<InputException>().With.Message.Contains("no classes"));
    }

    private static float[] RowByRow(Matrix<double> matrix) => [.. matrix.EnumerateRows().SelectMany(row => row).Select(value => (float)value)];

    private static double[] Shares(float[] drawn, int row, int each) =>
        [
            .. Enumerable.Range(0, Shape.CodeWidth)
            .Select(i => Enumerable.Range(0, each).Average(s => (double)drawn[(((row * each) + s) * Shape.CodeWidth) + i])),
        ];
}
