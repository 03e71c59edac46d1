using ILGPU.Runtime;
using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Base measures of counts against float64's log Gamma, as sums over dimensions and count by count.</summary>
[SuiteOf(typeof(BaseMeasure), typeof(ILikelihoodReference))]
public class BaseMeasureTests(Target target) : AcceleratorSuite(target)
{
    private const double Relative = 1e-6;

    // For single counts: r^x and the product beside it nearly cancel where r is around 1, and so does the series.
    private const double Absolute = 2e-6;

    private static readonly float[] TotalCounts = [0.001f, 0.05f, 0.5f, 0.9f, 1f, 1.5f, 2f, 10f, 123.25f, 1e4f, 1e6f];

    /// <summary>Counts around where the series takes over, and on to the largest whole numbers of float32.</summary>
    private static readonly float[] Each = [.. Enumerable.Range(0, 40), 63, 64, 65, 100, 1000, 12345, 1e5f, 1e6f, 16777216f];

    [Test]
    public void FactorialsOfEachCount_MatchFloat64() => Verify(Each.Length, 1, Each, new PoissonReference(1), new PoissonLikelihood());

    [TestCaseSource(nameof(TotalCounts))]
    public void MultisetsOfEachCount_MatchFloat64(float totalCount) =>
        Verify(Each.Length, 1, Each, new NegativeBinomialReference(1, totalCount), new NegativeBinomialLikelihood(totalCount), Absolute);

    [TestCase(3, 5)]
    [TestCase(5, 16)]
    [TestCase(4, 17)]
    [TestCase(2, 64)]
    [TestCase(3, 257)]
    [TestCase(7, 784)]
    public void Sums_MatchFloat64(int examples, int dimensions)
    {
        if (dimensions > 64 && Target is { Type: AcceleratorType.CPU, Style: Runtime.LaunchStyle.Groups })
            examples = 1;
        float[] counts = Counts(new Random(dimensions), examples * dimensions);
        Verify(examples, dimensions, counts, new PoissonReference(dimensions), new PoissonLikelihood());
        Verify(examples, dimensions, counts, new NegativeBinomialReference(dimensions, 10f), new NegativeBinomialLikelihood(10f));
        Verify(examples, dimensions, counts, new NegativeBinomialReference(dimensions, 0.3f), new NegativeBinomialLikelihood(0.3f));
    }

    [Test]
    public void NoCounts_HaveNone()
    {
        float[] none = new float[2 * 19];
        Assert.That(LogBases(2, 19, none, new PoissonLikelihood()), Is.EqualTo(new float[2]));
        Assert.That(LogBases(2, 19, none, new NegativeBinomialLikelihood(3f)), Is.EqualTo(new float[2]));
    }

    [Test]
    public void NaN_ReachesItsOwnExampleOnly()
    {
        float[] counts = [1f, 2f, float.NaN, 4f, 5f, 60f];
        Assert.That(LogBases(3, 2, counts, new PoissonLikelihood()).Select(float.IsNaN), Is.EqualTo(new[] { false, true, false }));
        Assert.That(LogBases(3, 2, counts, new NegativeBinomialLikelihood(3f)).Select(float.IsNaN), Is.EqualTo(new[] { false, true, false }));
    }

    [TestCase(3, 1)]
    [TestCase(5, 4)]
    [TestCase(2, 37)]
    [TestCase(3, 64)]
    public void Add_ReachesEveryCodeOfItsExample(int examples, int codes)
    {
        Random random = new(codes);
        float[] logBase = Draws.Normal(random, examples), table = Draws.Normal(random, examples * codes);
        GuardedMatrix f = new(Device, Arena, examples, codes);
        Device.Upload<float>(f.Matrix.View, table);
        Run(list => BaseMeasure.Add(list, Upload(logBase, examples, 1), f.Matrix));
        Repetition.VerifyBits(f.Download(), [.. table.Select((value, i) => value + logBase[i / codes])]);
    }

    /// <summary>Counts of all sizes.</summary>
    internal static float[] Counts(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(d => (float)random.Next((d % 4) switch { 0 => 4, 1 => 15, 2 => 60, _ => 800 }))];

    private void Verify<TMeasure>(int examples, int dimensions, float[] counts, ILikelihoodReference reference, TMeasure measure, double absolute = 1e-12)
        where TMeasure : struct, IBaseMeasure
    {
        float[] actual = LogBases(examples, dimensions, counts, measure);
        Assert.Multiple(() =>
        {
            for (int i = 0; i < examples; i++)
            {
                double[] observation = ByRow.As<double>(ByRow.Row(counts, i, dimensions));
                double expected = reference.LogBase(observation);
                double allowed = (Relative * Math.Abs(expected)) + absolute;
                Assert.That(actual[i], Is.EqualTo(expected).Within(allowed), $"{reference}, counts {string.Join(' ', observation.Take(3))}");
            }
        });
    }

    private float[] LogBases<TMeasure>(int examples, int dimensions, float[] counts, TMeasure measure)
        where TMeasure : struct, IBaseMeasure
    {
        GuardedMatrix logBase = new(Device, Arena, examples, 1);
        Run(list => BaseMeasure.Record(list, "test", Upload(counts, examples, dimensions), logBase.Matrix, measure));
        return logBase.Download();
    }
}
