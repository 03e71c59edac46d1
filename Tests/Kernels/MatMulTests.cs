using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using MathNet.Numerics.LinearAlgebra;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Matrix products against MathNet in float64: every transposition, ragged edges, every epilogue, every variant.</summary>
[SuiteOf(typeof(MatMul), InPlaceOfAReference = "the products of MathNet")]
public class MatMulTests(Target target) : AcceleratorSuite(target)
{
    private static readonly (int M, int N, int K)[] Shapes =
        [(1, 1, 1), (2, 4, 3), (4, 4, 2), (2, 6, 4), (4, 6, 2), (7, 17, 33), (8, 16, 5), (65, 31, 13), (33, 100, 1100), (128, 64, 20), (100, 15, 257)];

    // In tiles of 16 to 128: less than one, one, several; edges inside a four, inside a slice, and none.
    private static readonly (int M, int N, int K)[] TileShapes =
        [(1, 1, 1), (3, 5, 2), (64, 128, 16), (68, 132, 20), (129, 132, 40), (132, 130, 36), (130, 259, 33), (128, 256, 264)];

    // As a large device has them.
    private const int ManyMultiprocessors = 100;

    // Not a whole number of fours, and one.
    private static readonly int[] Widths = [37, 36];

    [Test]
    public void Product_MatchesFloat64(
        [ValueSource(nameof(Shapes))] (int M, int N, int K) shape, [Values] bool transposeA, [Values] bool transposeB)
    {
        (int m, int n, int k) = shape;
        Random random = new(m + (31 * n) + (101 * k));
        float[] a = Normal(random, m * k), b = Normal(random, k * n);
        Matrix<double> expected = AsMatrix(a, m, k) * AsMatrix(b, k, n);
        GuardedMatrix c = new(Device, Arena, m, n);
        Operand left = transposeA ? Operand.Transpose(Upload(Transpose(a, m, k), k, m)) : Upload(a, m, k);
        Operand right = transposeB ? Operand.Transpose(Upload(Transpose(b, k, n), n, k)) : Upload(b, k, n);
        Run(list => MatMul.Record(list, left, right, c.Matrix));
        Verify(c.Download(), expected, k);
    }

    [Test]
    public void Variants_Agree()
    {
        (int m, int n, int k) = (70, 45, 130);
        Random random = new(3);
        float[] a = Normal(random, m * k), b = Normal(random, k * n), bias = Normal(random, n);
        Matrix<double> expected = (AsMatrix(a, m, k) * AsMatrix(b, k, n)).MapIndexed((_, j, x) => Activate(ActivationKind.Tanh, x + bias[j]));
        foreach (MatMulVariant variant in MatMul.VariantsOn(Device))
        {
            GuardedMatrix c = new(Device, Arena, m, n);
            Epilogue epilogue = new() { Bias = Upload(bias, 1, n).View, Activation = ActivationKind.Tanh };
            Run(list => MatMul.Record(list, Upload(a, m, k), Upload(b, k, n), c.Matrix, epilogue, variant));
            Verify(c.Download(), expected, k);
        }
    }

    /// <summary>
    /// All tiles, whichever the device would choose, whole and ragged, with factors and products whose rows are whole fours and not; twice, to the same bits.
    /// </summary>
    [Test]
    public void Tiles_MatchFloat64([Values(16, 32, 64, 128)] int side, [Values] bool transposeA, [Values] bool transposeB)
    {
        RequireTiles();
        foreach ((int m, int n, int k) in TileShapes)
        {
            Random random = new(m + (31 * n) + (101 * k));
            float[] a = Normal(random, m * k), b = Normal(random, k * n), bias = Normal(random, n);
            Matrix<double> expected = (AsMatrix(a, m, k) * AsMatrix(b, k, n)).MapIndexed((_, j, x) => Activate(ActivationKind.LeakyRelu, x + bias[j]));
            GuardedMatrix c = new(Device, Arena, m, n), again = new(Device, Arena, m, n);
            Operand left = transposeA ? Operand.Transpose(Upload(Transpose(a, m, k), k, m)) : Upload(a, m, k);
            Operand right = transposeB ? Operand.Transpose(Upload(Transpose(b, k, n), n, k)) : Upload(b, k, n);
            Epilogue epilogue = new() { Bias = Upload(bias, 1, n).View, Activation = ActivationKind.LeakyRelu };
            Run(list =>
            {
                RecordTiles(list, left, right, c.Matrix, epilogue, side);
                RecordTiles(list, left, right, again.Matrix, epilogue, side);
            });
            TestContext.Out.WriteLine($"{m} x {n} x {k}");
            float[] values = c.Download();
            Verify(values, expected, k);
            Assert.That(again.Download(), Is.EqualTo(values));
        }
    }

    /// <summary>A factor that starts in the middle of sixteen bytes is read an element at a time.</summary>
    [Test]
    public void Tiles_ReadUnalignedFactors([Values(16, 32, 64, 128)] int side)
    {
        RequireTiles();
        (int m, int n, int k) = (36, 28, 20);
        Random random = new(13);
        float[] a = Normal(random, (m * k) + 1), b = Normal(random, k * n);
        Matrix whole = Upload(a, 1, (m * k) + 1);
        GuardedMatrix c = new(Device, Arena, m, n);
        Run(list => RecordTiles(list, new Matrix(whole.View.SubView(1, m * k), m, k), Upload(b, k, n), c.Matrix, default, side));
        Verify(c.Download(), AsMatrix(a[1..], m, k) * AsMatrix(b, k, n), k);
    }

    /// <summary>Products of many tiles take large ones; those of a training step of 128 examples small ones, so that most multiprocessors have one.</summary>
    [Test]
    public void Tiles_AreLargeWhereThereAreManyOfThem()
    {
        int multiprocessors = Device.Accelerator.NumMultiprocessors;
        Assert.That(TileProduct.SideFor(Device, 128 * multiprocessors, 128 * 8, 1024), Is.EqualTo(128));
        if (multiprocessors < ManyMultiprocessors)
            Assert.Ignore($"The device has {multiprocessors} multiprocessors: few tiles keep them at work.");
        Assert.That(TileProduct.SideFor(Device, 128, 256, 784), Is.EqualTo(16));
        Assert.That(TileProduct.SideFor(Device, 512, 256, 784), Is.EqualTo(32));
        Assert.That(TileProduct.SideFor(Device, 1024, 1024, 1024), Is.EqualTo(64));
    }

    [Test]
    public void Accumulate_AddsToTheTarget([ValueSource(nameof(Widths))] int n)
    {
        Random random = new(5);
        (int m, int k) = (19, 21);
        float[] a = Normal(random, m * k), b = Normal(random, k * n), c = Normal(random, m * n);
        Matrix target = Upload(c, m, n);
        Run(list => MatMul.Record(list, Upload(a, m, k), Upload(b, k, n), target, new Epilogue { Accumulate = true }));
        Verify(Device.Download(target.View), AsMatrix(c, m, n) + (AsMatrix(a, m, k) * AsMatrix(b, k, n)), k);
    }

    /// <summary>Beside the product, whose left factor is a transpose as in a weight's gradient; over one panel and, where scratch is short, several.</summary>
    [Test]
    public void RightSums_MatchFloat64([ValueSource(nameof(Shapes))] (int M, int N, int K) shape, [Values] bool accumulate)
    {
        (int m, int n, int k) = shape;
        Random random = new(13);
        float[] a = Normal(random, k * m), b = Normal(random, k * n), start = Normal(random, n);
        GuardedMatrix sums = new(Device, Arena, 1, n), c = new(Device, Arena, m, n);
        Device.Upload<float>(sums.Matrix.View, start);
        Device.Upload<float>(c.Matrix.View, new float[m * n]);
        Run(
            list =>
                MatMul.Record(
                    list,
                    Operand.Transpose(Upload(a, k, m)),
                    Upload(b, k, n),
                    c.Matrix,
                    new Epilogue { Accumulate = accumulate, RightSums = sums.Matrix.View }));
        Verify(c.Download(), AsMatrix(a, k, m).Transpose() * AsMatrix(b, k, n), k);
        float[] kept = accumulate ? start : new float[n];
        float[] naive = [.. Enumerable.Range(0, n).Select(j => Enumerable.Range(0, k).Aggregate(0f, (sum, i) => sum + b[(i * n) + j]) + kept[j])];
        Tolerance.Check(
            "sums", sums.Download(), [.. Enumerable.Range(0, n).Select(j => kept[j] + Enumerable.Range(0, k).Sum(i => (double)b[(i * n) + j]))], naive, n);
    }

    [Test]
    public void RightSums_OfATranspose_AreRefused() => Assert.That(
        () =>
            Run(
                list =>
                    MatMul.Record(
                        list,
                        Upload(new float[4], 2, 2),
                        Operand.Transpose(Upload(new float[4], 2, 2)),
                        Upload(new float[4], 2, 2),
                        new Epilogue { RightSums = Upload(new float[2], 1, 2).View })),
        Throws.ArgumentException);

    [Test]
    public void BiasAndActivation_AreApplied(
        [Values(ActivationKind.Identity, ActivationKind.Relu, ActivationKind.LeakyRelu, ActivationKind.Tanh)] ActivationKind kind,
        [ValueSource(nameof(Widths))] int n)
    {
        Random random = new(7);
        (int m, int k) = (13, 9);
        float[] a = Normal(random, m * k), b = Normal(random, k * n), bias = Normal(random, n);
        GuardedMatrix c = new(Device, Arena, m, n);
        Run(list => MatMul.Record(list, Upload(a, m, k), Upload(b, k, n), c.Matrix, new Epilogue { Bias = Upload(bias, 1, n).View, Activation = kind }));
        Matrix<double> expected = (AsMatrix(a, m, k) * AsMatrix(b, k, n)).MapIndexed((_, j, x) => Activate(kind, x + bias[j]));
        Verify(c.Download(), expected, k);
    }

    [Test]
    public void ActivationGradient_IsApplied(
        [Values(ActivationKind.Relu, ActivationKind.LeakyRelu, ActivationKind.Tanh)] ActivationKind kind, [ValueSource(nameof(Widths))] int n)
    {
        Random random = new(11);
        (int m, int k) = (21, 40);
        float[] a = Normal(random, m * k), b = Normal(random, k * n), pre = Normal(random, m * n);
        float[] outputs = [.. pre.Select(x => (float)Activate(kind, x))];
        GuardedMatrix c = new(Device, Arena, m, n);
        Run(list => MatMul.Record(
            list, Upload(a, m, k), Upload(b, k, n), c.Matrix, new Epilogue { ActivationOutputs = Upload(outputs, m, n).View, Activation = kind }));
        Matrix<double> expected = (AsMatrix(a, m, k) * AsMatrix(b, k, n)).MapIndexed((i, j, x) =>
        {
            double y = outputs[(i * n) + j];
            double slope = kind switch
            {
                ActivationKind.Relu => y > 0 ? 1 : 0,
                ActivationKind.LeakyRelu => y > 0 ? 1 : ActivationFunction.LeakySlope,
                _ => 1 - (y * y),
            };
            return x * slope;
        });
        Verify(c.Download(), expected, k);
    }

    private void RequireTiles()
    {
        if (Device.GroupSize < TileProduct.GroupSize)
            Assert.Ignore($"Groups have {Device.GroupSize} lanes here; {nameof(TileProductBoundsTests)} runs tiles on the CPU accelerator.");
    }

    private static void RecordTiles(LaunchList list, Operand a, Operand b, Matrix c, Epilogue epilogue, int side)
    {
        switch (side)
        {
            case 128:
                TileProduct.Record<TileProduct.LargeSums>(list, a, b, c, epilogue, default);
                break;
            case 64:
                TileProduct.Record<TileProduct.SmallSums<TileProduct.SixteenAcross>>(list, a, b, c, epilogue, default);
                break;
            case 32:
                TileProduct.Record<TileProduct.SmallSums<TileProduct.EightAcross>>(list, a, b, c, epilogue, default);
                break;
            default:
                TileProduct.Record<TileProduct.SmallSums<TileProduct.FourAcross>>(list, a, b, c, epilogue, default);
                break;
        }
    }

    private static double Activate(ActivationKind kind, double x) => kind switch
    {
        ActivationKind.Relu => Math.Max(x, 0),
        ActivationKind.LeakyRelu => x < 0 ? ActivationFunction.LeakySlope * x : x,
        ActivationKind.Tanh => Math.Tanh(x),
        _ => x,
    };

    private static void Verify(float[] actual, Matrix<double> expected, int k) =>
        Tolerance.CheckProduct($"{expected.RowCount} x {expected.ColumnCount} product", actual, expected.ToRowMajorArray(), k);

    private static float[] Normal(Random random, int n)
    {
        float[] values = new float[n];
        for (int i = 0; i < n; i++)
            values[i] = (float)MathNet.Numerics.Distributions.Normal.Sample(random, 0, 1);
        return values;
    }

    private static float[] Transpose(float[] values, int rows, int columns)
    {
        float[] result = new float[values.Length];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
                result[(j * rows) + i] = values[(i * columns) + j];
        }

        return result;
    }

    private static Matrix<double> AsMatrix(float[] values, int rows, int columns) =>
        Matrix<double>.Build.Dense(rows, columns, (i, j) => values[(i * columns) + j]);
}
