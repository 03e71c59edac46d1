using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using IlgpuVae.Runtime.Cuda;

namespace IlgpuVae.Tests.Native;

/// <summary>
/// Checks the row-major calls against a stand-in for cuBLAS that multiplies column-major matrices in host memory by the
/// definition of sgemm: the exchange of operands is verified on machines without a GPU too.
/// </summary>
[TestFixture]
public sealed class CuBlasOrderTests
{
    private readonly List<Delegate> exports = [];
    private readonly List<string> calls = [];
    private Context context = null!;
    private Accelerator accelerator = null!;

    private delegate int Create(out nint handle);
    private delegate int Destroy(nint handle);
    private delegate int SetStream(nint handle, nint stream);
    private delegate int SetMathMode(nint handle, int mode);
    private delegate int SetWorkspace(nint handle, nint workspace, nuint bytes);
    private delegate int GetVersion(nint handle, out int version);
    private delegate int Sgemm(
        nint handle, int operationA, int operationB, int m, int n, int k,
        in float alpha, nint a, int lda, nint b, int ldb, in float beta, nint c, int ldc);
    [OneTimeSetUp]
    public void OpenCpu()
    {
        context = Context.Create(builder => builder.CPU());
        accelerator = context.CreateCPUAccelerator(0);
    }

    [OneTimeTearDown]
    public void CloseCpu()
    {
        accelerator.Dispose();
        context.Dispose();
    }

    [SetUp]
    public void ForgetCalls() => calls.Clear();

    [Test]
    public void MatMul_IsRowMajor([Values] bool transposeA, [Values] bool transposeB)
    {
        var product = new MatrixProduct(3, 5, 7, transposeA, transposeB, seed: 1);
        using var a = new Pinned(product.A);
        using var b = new Pinned(product.B);
        using var c = new Pinned([.. product.C]);
        using CuBlas cuBlas = Open();
        cuBlas.MatMul(
            a.Address, transposeA, b.Address, transposeB, c.Address, product.M, product.N, product.K,
            MatrixProduct.Alpha, MatrixProduct.Beta, product.Lda, product.Ldb, product.Ldc);
        product.Verify(c.Values);
    }

    [Test]
    public void MatMul_RefusesRowsThatOverlap()
    {
        using CuBlas cuBlas = Open();
        Assert.Multiple(() =>
        {
            Assert.That(() => cuBlas.MatMul(0, false, 0, false, 0, 2, 3, 4, 1, 0, 3, 3, 3), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => cuBlas.MatMul(0, true, 0, false, 0, 2, 3, 4, 1, 0, 1, 3, 3), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => cuBlas.MatMul(0, false, 0, true, 0, 2, 3, 4, 1, 0, 4, 3, 3), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => cuBlas.MatMul(0, false, 0, false, 0, 2, 3, 4, 1, 0, 4, 3, 2), Throws.InstanceOf<ArgumentException>());
        });
    }

    [Test]
    public void MatMul_OfNothingMakesNoCall()
    {
        using CuBlas cuBlas = Open();
        calls.Clear();
        cuBlas.MatMul(0, false, 0, false, 0, 0, 3, 4, 1, 0, 4, 3, 3);
        Assert.That(calls, Is.Empty);
    }

    [Test]
    public void Open_SetsTheStreamBeforeTheCallersWorkspace()
    {
        // Setting the stream makes cuBLAS forget a workspace: the other order would allocate inside a capture.
        using (CuBlas cuBlas = Open())
        {
            cuBlas.SetWorkspace(512, 1024);
            cuBlas.Tf32 = true;
            Assert.That(cuBlas.Version, Is.EqualTo(120805));
        }

        string[] expected = ["create", "stream 7", "mode 0", "workspace 512 1024", "mode 3", "destroy"];
        Assert.That(calls, Is.EqualTo(expected));
    }

    [Test]
    public void SetWorkspace_RefusesAnUnalignedAddress()
    {
        using CuBlas cuBlas = Open();
        Assert.That(() => cuBlas.SetWorkspace(128, 1024), Throws.ArgumentException);
    }

    private CuBlas Open() => new(accelerator, 7, Export);

    private nint Export(string name)
    {
        Delegate export = name switch
        {
            "cublasCreate_v2" => (Create)((out nint handle) => Log("create", handle = 1)),
            "cublasDestroy_v2" => (Destroy)(_ => Log("destroy")),
            "cublasSetStream_v2" => (SetStream)((_, stream) => Log($"stream {stream}")),
            "cublasSetMathMode" => (SetMathMode)((_, mode) => Log($"mode {mode}")),
            "cublasSetWorkspace_v2" => (SetWorkspace)((_, workspace, bytes) => Log($"workspace {workspace} {bytes}")),
            "cublasGetVersion_v2" => (GetVersion)((nint _, out int version) => (version = 120805) - version),
            "cublasSgemm_v2" => (Sgemm)ColumnMajor,
            _ => throw new EntryPointNotFoundException(name),
        };
        // The native side holds a bare pointer, which does not keep the delegate alive.
        exports.Add(export);
        return Marshal.GetFunctionPointerForDelegate(export);
    }

    private int Log(string call, nint _ = 0)
    {
        calls.Add(call);
        return 0;
    }

    private int ColumnMajor(
        nint handle, int operationA, int operationB, int m, int n, int k,
        in float alpha, nint a, int lda, nint b, int ldb, in float beta, nint c, int ldc)
    {
        for (int column = 0; column < n; column++)
        {
            for (int row = 0; row < m; row++)
            {
                float sum = 0;
                for (int term = 0; term < k; term++)
                {
                    float left = Read(a, operationA == 0 ? (term * lda) + row : (row * lda) + term);
                    float right = Read(b, operationB == 0 ? (column * ldb) + term : (term * ldb) + column);
                    sum += left * right;
                }

                int at = (column * ldc) + row;
                Marshal.WriteInt32(c, sizeof(float) * at, BitConverter.SingleToInt32Bits((alpha * sum) + (beta * Read(c, at))));
            }
        }

        return Log("sgemm");
    }

    private static float Read(nint matrix, int index) => BitConverter.Int32BitsToSingle(Marshal.ReadInt32(matrix, sizeof(float) * index));

    private sealed class Pinned(float[] values) : IDisposable
    {
        private GCHandle pin = GCHandle.Alloc(values, GCHandleType.Pinned);

        internal float[] Values => values;

        internal nint Address => pin.AddrOfPinnedObject();

        public void Dispose() => pin.Free();
    }
}
