using ILGPU;
using ILGPU.Runtime;
using IlgpuVae.Runtime.Cuda;

namespace IlgpuVae.Tests.Native;

[TestFixture]
public sealed class CuBlasTests : CudaSuite
{
    private MemoryBuffer1D<byte, Stride1D.Dense> workspace = null!;
    private CuBlas cuBlas = null!;

    [OneTimeSetUp]
    public void OpenLibrary()
    {
        CuBlas? opened = CuBlas.TryOpen(Stream, out string whyNot);
        if (opened is null)
            Assert.Ignore(whyNot);
        cuBlas = opened!;
        workspace = Accelerator.Allocate1D<byte>(CuBlas.AdvisedWorkspaceBytes);
        cuBlas.SetWorkspace(workspace.NativePtr, workspace.LengthInBytes);
    }

    [OneTimeTearDown]
    public void CloseLibrary()
    {
        cuBlas?.Dispose();
        workspace?.Dispose();
    }

    [Test]
    public void MatMul_MatchesFloat64([Values] bool transposeA, [Values] bool transposeB, [Values(1, 127)] int k)
    {
        var product = new MatrixProduct(65, 33, k, transposeA, transposeB, seed: k);
        product.Verify(Run(product, call => call()));
    }

    [Test]
    public void MatMul_IsBitIdenticalRunToRun()
    {
        var product = new MatrixProduct(130, 70, 1023, false, true, seed: 3);
        float[] first = Run(product, call => call());
        for (int repeat = 0; repeat < 50; repeat++)
            Assert.That(Run(product, call => call()), Is.EqualTo(first));
    }

    [Test]
    public void MatMul_CanBeCaptured()
    {
        var product = new MatrixProduct(130, 70, 257, true, false, seed: 4);
        float[] eager = Run(product, call => call());
        float[] replayed = Run(product, call =>
        {
            Assert.That(CudaGraph.TryCapture(Stream, call, out CudaGraph? graph, out string? whyNot), Is.True, whyNot);
            graph!.Launch(Stream);
            Stream.Synchronize();
            graph.Dispose();
        });
        Assert.That(replayed, Is.EqualTo(eager));
    }

    [Test]
    public void Tf32_IsOffUnlessSet() => Assert.That(cuBlas.Tf32, Is.False);

    [Test]
    public void Tf32_CutsTheFactorsAndNothingElse()
    {
        var product = new MatrixProduct(256, 128, 512, false, false, seed: 5);
        float[] exact = Run(product, call => call());
        cuBlas.Tf32 = true;
        float[] rounded = Run(product, call => call());
        cuBlas.Tf32 = false;
        Assert.That(rounded, Is.Not.EqualTo(exact), "the products ran in float32 all the same");
        product.Verify(rounded, factorBits: 10);
    }

    private float[] Run(MatrixProduct product, Action<Action> invoke)
    {
        using MemoryBuffer1D<float, Stride1D.Dense> a = Upload(product.A), b = Upload(product.B), c = Upload(product.C);
        invoke(() => cuBlas.MatMul(
            a.NativePtr, product.TransposeA, b.NativePtr, product.TransposeB, c.NativePtr, product.M, product.N, product.K,
            MatrixProduct.Alpha, MatrixProduct.Beta, product.Lda, product.Ldb, product.Ldc));
        Stream.Synchronize();
        return c.GetAsArray1D(Stream);
    }

    private MemoryBuffer1D<float, Stride1D.Dense> Upload(float[] values)
    {
        MemoryBuffer1D<float, Stride1D.Dense> buffer = Accelerator.Allocate1D<float>(values.Length);
        buffer.View.CopyFromCPU(Stream, values);
        Stream.Synchronize();
        return buffer;
    }
}
