using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Embeddings of relaxed and of one-hot codes, and both gradients.</summary>
[SuiteOf(typeof(Embedding), typeof(EmbeddingReference))]
public class EmbeddingTests(Target target) : AcceleratorSuite(target)
{
    private static readonly EmbeddingReference[] Shapes =
        [new(1, 1, 1, 1), new(3, 2, 5, 7), new(5, 3, 2, 17), new(17, 1, 33, 4), new(2, 31, 3, 16), new(33, 7, 8, 15), new(9, 4, 10, 65),
            new(140, 20, 10, 64), new(70, 3, 100, 33), new(300, 2, 2, 9), new(3, 2, 1024, 8)];

    [Test]
    public void Forward_MatchesFloat64([ValueSource(nameof(Shapes))] EmbeddingReference shape, [Values] bool oneHot)
    {
        (float[] codes, float[] table, _) = Draw(shape, oneHot);
        GuardedMatrix embedded = new(Device, Arena, shape.R, shape.N * shape.E);
        Run(list => Embedding.Forward(list, Codes(shape, codes), Table(shape, table), embedded.Matrix, shape.N));
        double[] expected = shape.Forward(ByRow.As<double>(codes), ByRow.As<double>(table));
        float[] actual = embedded.Download();
        Tolerance.Check(shape.ToString(), actual, expected, shape.Forward(codes, table), shape.N * shape.E);
        if (oneHot)
            Repetition.VerifyBits(actual, Draws.Round(expected), "a one-hot code copies a row of the table");
    }

    [Test]
    public void CodesGradient_MatchesFloat64([ValueSource(nameof(Shapes))] EmbeddingReference shape)
    {
        (_, float[] table, float[] embeddedGrad) = Draw(shape, false);
        GuardedMatrix codesGrad = new(Device, Arena, shape.R, shape.N * shape.K);
        Run(list => Embedding.BackwardCodes(list, Upload(embeddedGrad, shape.R, shape.N * shape.E), Table(shape, table), codesGrad.Matrix, shape.N));
        Tolerance.Check(
            shape.ToString(), codesGrad.Download(), shape.CodesGradient(ByRow.As<double>(embeddedGrad), ByRow.As<double>(table)),
            shape.CodesGradient(embeddedGrad, table), shape.N * shape.K);
    }

    [Test]
    public void TableGradient_MatchesFloat64([ValueSource(nameof(Shapes))] EmbeddingReference shape, [Values] bool oneHot)
    {
        (float[] codes, _, float[] embeddedGrad) = Draw(shape, oneHot);
        GuardedMatrix tableGrad = new(Device, Arena, shape.N * shape.K, shape.E);
        Run(list => Embedding.BackwardTable(list, Codes(shape, codes), Upload(embeddedGrad, shape.R, shape.N * shape.E), tableGrad.Matrix, shape.N));
        Tolerance.Check(
            shape.ToString(), tableGrad.Download(), shape.TableGradient(ByRow.As<double>(codes), ByRow.As<double>(embeddedGrad)),
            shape.TableGradient(codes, embeddedGrad), shape.E);
    }

    [Test]
    public void TableGradient_AddsToWhatWasThere([ValueSource(nameof(Shapes))] EmbeddingReference shape)
    {
        (float[] codes, _, float[] embeddedGrad) = Draw(shape, oneHot: false);
        float[] start = Draws.Normal(new Random(7), shape.N * shape.K * shape.E);
        GuardedMatrix tableGrad = new(Device, Arena, shape.N * shape.K, shape.E);
        Device.Upload<float>(tableGrad.Matrix.View, start);
        Run(
            list =>
                Embedding.BackwardTable(
                    list, Codes(shape, codes), Upload(embeddedGrad, shape.R, shape.N * shape.E), tableGrad.Matrix, shape.N, accumulate: true));
        Tolerance.Check(
            shape.ToString(), tableGrad.Download(),
            [.. shape.TableGradient(ByRow.As<double>(codes), ByRow.As<double>(embeddedGrad)).Zip(start, (sum, value) => sum + value)],
            [.. shape.TableGradient(codes, embeddedGrad).Zip(start, (sum, value) => sum + value)], shape.E);
    }

    [Test]
    public void Gradients_AreThoseOfTheForwardPass()
    {
        // <embeddedGrad, forward(codes + d)> is linear in the codes and in the table, so both gradients follow from it without a step size.
        EmbeddingReference shape = new(3, 2, 5, 4);
        (float[] codes, float[] table, float[] embeddedGrad) = Draw(shape, false);
        double[] c = ByRow.As<double>(codes), t = ByRow.As<double>(table), g = ByRow.As<double>(embeddedGrad);
        double whole = Dot(g, shape.Forward(c, t));
        Assert.That(Dot(shape.CodesGradient(g, t), c), Is.EqualTo(whole).Within(1e-12));
        Assert.That(Dot(shape.TableGradient(c, g), t), Is.EqualTo(whole).Within(1e-12));
    }

    [Test]
    public void TableGradient_IsDeterministic()
    {
        EmbeddingReference shape = Shapes[5];
        (float[] codes, _, float[] embeddedGrad) = Draw(shape, false);
        Matrix c = Codes(shape, codes), g = Upload(embeddedGrad, shape.R, shape.N * shape.E);
        Repetition.IsBitIdentical(() =>
        {
            GuardedMatrix tableGrad = new(Device, Arena, shape.N * shape.K, shape.E);
            Run(list => Embedding.BackwardTable(list, c, g, tableGrad.Matrix, shape.N));
            return tableGrad.Download();
        });
    }

    [Test]
    public void WrongShapes_AreRefused()
    {
        LaunchList list = new(Device);
        Matrix codes = Arena.Matrix(2, 6, MemoryUse.Activations), table = Arena.Matrix(6, 4, MemoryUse.Activations),
            embedded = Arena.Matrix(2, 8, MemoryUse.Activations);
        Assert.That(() => Embedding.Forward(list, codes, table, embedded, 4), Throws.ArgumentException, "6 rows of the table are no 4 variables");
        Assert.That(() => Embedding.Forward(list, codes, table, embedded, 3), Throws.ArgumentException, "3 embeddings of width 4 are no 8 columns");
        Assert.That(() => Embedding.Forward(list, codes, table, embedded, 2), Throws.Nothing);
    }

    private static (float[] Codes, float[] Table, float[] EmbeddedGrad) Draw(EmbeddingReference shape, bool oneHot)
    {
        Random random = new((((shape.R * 31) + shape.N) * 31) + shape.K);
        float[] codes = oneHot ? Draws.OneHot(random, shape.R, shape.N, shape.K) : Draws.Uniform(random, shape.R * shape.N * shape.K);
        return (codes, Draws.Normal(random, shape.N * shape.K * shape.E), Draws.Normal(random, shape.R * shape.N * shape.E));
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private Matrix Codes(EmbeddingReference shape, float[] codes) => Upload(codes, shape.R, shape.N * shape.K);

    private Matrix Table(EmbeddingReference shape, float[] table) => Upload(table, shape.N * shape.K, shape.E);
}
