using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// Tiles on a CPU accelerator with as many lanes as a group of theirs has: it checks every index, which graphics processors do not. An index outside stops the
/// process, so that this suite does not report it but is missing in the report.
/// </summary>
public sealed class TileProductBoundsTests
{
    private const int LanesOfAWarp = 32;

    private Context? context;
    private CPUAccelerator? accelerator;

    // Whole tiles and slices; edges between fours; edges inside fours, so that nothing or one factor is read in fours.
    private static readonly (int M, int N, int K)[] Shapes = [(64, 64, 16), (68, 132, 12), (5, 3, 7), (129, 66, 20), (33, 20, 68)];

    private CPUAccelerator Lanes => accelerator!;

    [OneTimeSetUp]
    public void OpenAccelerator()
    {
        context = Context.Create(builder => ComputeDevice.SetUpCompiler(builder.CPU(new CPUDevice(LanesOfAWarp, TileProduct.GroupSize / LanesOfAWarp, 1))));
        accelerator = context.CreateCPUAccelerator(0);
    }

    [OneTimeTearDown]
    public void CloseAccelerator()
    {
        accelerator?.Dispose();
        context?.Dispose();
    }

    [Test]
    public void Indices_AreInside(
        [ValueSource(nameof(Shapes))] (int M, int N, int K) shape, [Values] bool transposeA, [Values] bool transposeB, [Values(16, 32, 64, 128)] int side)
    {
        (int m, int n, int k) = shape;

        // Small whole numbers: sums are exact in any order.
        float[] a = Values(m * k, 5), b = Values(k * n, 7);
        using MemoryBuffer1D<float, Stride1D.Dense> left = Lanes.Allocate1D(a), right = Lanes.Allocate1D(b), product = Lanes.Allocate1D<float>(m * n),
            sums = Lanes.Allocate1D<float>(n);
        TileProduct.Factor leftFactor = new(transposeA ? Of(left, k, m) : Of(left, m, k), transposeA), rightFactor = new(
            transposeB ? Of(right, n, k) : Of(right, k, n), !transposeB);
        TileProduct.Target target = new(Of(product, m, n), new Epilogue { RightSums = sums.View.AsContiguous() });
        switch (side)
        {
            case 128:
                Launch<TileProduct.LargeSums>(leftFactor, rightFactor, target, m, n, side);
                break;
            case 64:
                Launch<TileProduct.SmallSums<TileProduct.SixteenAcross>>(leftFactor, rightFactor, target, m, n, side);
                break;
            case 32:
                Launch<TileProduct.SmallSums<TileProduct.EightAcross>>(leftFactor, rightFactor, target, m, n, side);
                break;
            default:
                Launch<TileProduct.SmallSums<TileProduct.FourAcross>>(leftFactor, rightFactor, target, m, n, side);
                break;
        }

        float[] actual = product.GetAsArray1D();
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float expected = 0f;
                for (int p = 0; p < k; p++)
                    expected += a[transposeA ? (p * m) + i : (i * k) + p] * b[transposeB ? (j * k) + p : (p * n) + j];
                Assert.That(actual[(i * n) + j], Is.EqualTo(expected), $"[{i}, {j}]");
            }
        }

        // They are asked for where the right factor lies along its side alone.
        if (!transposeB)
        {
            float[] expected = [.. Enumerable.Range(0, n).Select(j => Enumerable.Range(0, k).Sum(p => b[(p * n) + j]))];
            Assert.That(sums.GetAsArray1D(), Is.EqualTo(expected));
        }
    }

    private static Matrix Of(MemoryBuffer1D<float, Stride1D.Dense> buffer, int rows, int columns) => new(buffer.View.AsContiguous(), rows, columns);

    private static float[] Values(int n, int period) => [.. Enumerable.Range(0, n).Select(i => (float)((i * i % period) - (period / 2)))];

    private void Launch<TSums>(TileProduct.Factor left, TileProduct.Factor right, TileProduct.Target target, int m, int n, int side)
        where TSums : struct, TileProduct.ISums<TSums>
    {
        if (left.InFours == 1 && right.InFours == 1)
            Launch(new TileProduct.Body<TSums, TileProduct.AllInFours>(left, right, target), m, n, side);
        else
            Launch(new TileProduct.Body<TSums, TileProduct.SomeInFours>(left, right, target), m, n, side);
    }

    private void Launch<TBody>(TBody body, int m, int n, int side)
        where TBody : struct, ITileBody
    {
        int tiles = ((m + side - 1) / side) * ((n + side - 1) / side);
        Lanes.LoadKernel<int, TBody>(KernelShapes.Tiles)(Lanes.DefaultStream, new KernelConfig(tiles, TileProduct.GroupSize), tiles, body);
        Lanes.Synchronize();
    }
}
