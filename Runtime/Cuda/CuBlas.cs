using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace IlgpuVae.Runtime.Cuda;

/// <summary>
/// Row-major float32 matrix products by NVIDIA's cuBLAS 11, 12 or 13, on one stream. Disposed with its accelerator at the latest.
/// </summary>
/// <remarks>
/// Bit-identical from run to run on one device and one version, since each handle has one stream and cuBLAS' atomics are off.
/// Give it a workspace before capturing its calls in a <see cref="CudaGraph"/>.
/// </remarks>
public sealed unsafe class CuBlas : AcceleratorObject
{
    /// <summary>The workspace that NVIDIA advises for Hopper, in bytes; earlier GPUs need 4 MiB.</summary>
    public const long AdvisedWorkspaceBytes = 32L << 20;

    // cuBLAS asks for this alignment of a workspace.
    private const long WorkspaceAlignment = 256;
    private const int DefaultMath = 0, Tf32Math = 3;
    private const int NotTransposed = 0, Transposed = 1;

    private readonly delegate* unmanaged<nint, int> destroy;
    private readonly delegate* unmanaged<nint, nint, nuint, int> setWorkspace;
    private readonly delegate* unmanaged<nint, int, int> setMathMode;
    private readonly delegate* unmanaged<nint, int, int, int, int, int, float*, nint, int, nint, int, float*, nint, int, int> sgemm;

    private nint handle;

    /// <summary>Opens cuBLAS from its exports, by name: what is not found there is an <see cref="EntryPointNotFoundException"/>.</summary>
    internal CuBlas(Accelerator accelerator, nint stream, Func<string, nint> export) : base(accelerator)
    {
        destroy = (delegate* unmanaged<nint, int>)export("cublasDestroy_v2");
        setWorkspace = (delegate* unmanaged<nint, nint, nuint, int>)export("cublasSetWorkspace_v2");
        setMathMode = (delegate* unmanaged<nint, int, int>)export("cublasSetMathMode");
        sgemm = (delegate* unmanaged<nint, int, int, int, int, int, float*, nint, int, nint, int, float*, nint, int, int>)
            export("cublasSgemm_v2");
        var setStream = (delegate* unmanaged<nint, nint, int>)export("cublasSetStream_v2");
        var getVersion = (delegate* unmanaged<nint, int*, int>)export("cublasGetVersion_v2");

        nint created = 0;
        Check("cublasCreate", ((delegate* unmanaged<nint*, int>)export("cublasCreate_v2"))(&created));
        handle = created;
        Check("cublasSetStream", setStream(handle, stream));
        int version = 0;
        Check("cublasGetVersion", getVersion(handle, &version));
        Version = version;
        Tf32 = false;
    }

    /// <summary>The library's version as it numbers itself, such as 120805 or 130000.</summary>
    public int Version { get; }

    /// <summary>
    /// Whether products may round their inputs to TF32 (10 bits of mantissa) to run on tensor cores. Off unless set.
    /// </summary>
    /// <exception cref="InvalidOperationException">cuBLAS refused the mode.</exception>
    public bool Tf32
    {
        get;
        set
        {
            Bind();
            Check("cublasSetMathMode", setMathMode(handle, value ? Tf32Math : DefaultMath));
            field = value;
        }
    }

    /// <summary>Opens cuBLAS on <paramref name="stream"/>, in the newest installed version that works with the driver.</summary>
    /// <returns>The library, or null with the reason in <paramref name="whyNot"/>.</returns>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Returned to the caller.")]
    public static CuBlas? TryOpen(CudaStream stream, out string whyNot)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Accelerator.Bind();
        whyNot = "cuBLAS was not found: install libcublas 13, 12 or 11, or add its folder to LD_LIBRARY_PATH (PATH on Windows).";
        foreach ((nint library, int majorVersion) in NativeLibraries.LoadCuBlas())
        {
            try
            {
                var cuBlas = new CuBlas(stream.Accelerator, stream.StreamPtr, name => NativeLibrary.GetExport(library, name));
                whyNot = "";
                return cuBlas;
            }
            catch (Exception exception) when (exception is InvalidOperationException or EntryPointNotFoundException)
            {
                whyNot = $"cuBLAS {majorVersion} was found but does not work here: {exception.Message}";
            }
        }

        return null;
    }

    /// <summary>
    /// Gives cuBLAS its scratch memory, so that no product allocates; the caller keeps it alive as long as this object.
    /// </summary>
    /// <param name="address">Device address, aligned to 256 bytes.</param>
    /// <param name="bytes">Size; see <see cref="AdvisedWorkspaceBytes"/>.</param>
    /// <exception cref="ArgumentException">The address is not aligned.</exception>
    /// <exception cref="InvalidOperationException">cuBLAS refused the memory.</exception>
    public void SetWorkspace(nint address, long bytes)
    {
        if (address % WorkspaceAlignment != 0)
            throw new ArgumentException($"The workspace is at {address:x}; align it to {WorkspaceAlignment} bytes.", nameof(address));
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bind();
        Check("cublasSetWorkspace", setWorkspace(handle, address, (nuint)bytes));
    }

    /// <summary>
    /// C = <paramref name="alpha"/> op(A) op(B) + <paramref name="beta"/> C with row-major C [m, n], op(A) [m, k], op(B) [k, n]; op
    /// transposes where asked. Asynchronous; bit-identical run to run; C must not overlap A or B.
    /// </summary>
    /// <param name="a">Device address of A: [m, k], or [k, m] where transposed.</param>
    /// <param name="transposeA">Whether A is stored transposed.</param>
    /// <param name="b">Device address of B: [k, n], or [n, k] where transposed.</param>
    /// <param name="transposeB">Whether B is stored transposed.</param>
    /// <param name="c">Device address of C.</param>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">Terms of each sum.</param>
    /// <param name="alpha">Factor of the product, copied at the call and so frozen into a captured graph.</param>
    /// <param name="beta">Factor of C; where it is 0, C is not read.</param>
    /// <param name="lda">Distance in floats between the rows of A as stored.</param>
    /// <param name="ldb">Distance in floats between the rows of B as stored.</param>
    /// <param name="ldc">Distance in floats between the rows of C.</param>
    /// <exception cref="ArgumentException">A size is negative, or rows overlap.</exception>
    /// <exception cref="InvalidOperationException">cuBLAS refused the call.</exception>
    public void MatMul(
        nint a, bool transposeA, nint b, bool transposeB, nint c, int m, int n, int k, float alpha, float beta, int lda, int ldb, int ldc)
    {
        CheckSizes(transposeA, transposeB, m, n, k, lda, ldb, ldc);
        if (m == 0 || n == 0)
            return;
        Bind();
        // A row-major matrix is its transpose in cuBLAS' column-major order, and C^T = op(B)^T op(A)^T: the operands trade places.
        Check("cublasSgemm", sgemm(handle, Operation(transposeB), Operation(transposeA), n, m, k, &alpha, b, ldb, a, lda, &beta, c, ldc));
    }

    /// <inheritdoc/>
    protected override void DisposeAcceleratorObject(bool disposing)
    {
        // Also runs where the constructor failed half-way. The status is of no use: nothing can be done about it here.
        if (handle != 0)
            _ = destroy(handle);
        handle = 0;
    }

    private static void CheckSizes(bool transposeA, bool transposeB, int m, int n, int k, int lda, int ldb, int ldc)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(m);
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        ArgumentOutOfRangeException.ThrowIfLessThan(lda, Math.Max(1, transposeA ? m : k));
        ArgumentOutOfRangeException.ThrowIfLessThan(ldb, Math.Max(1, transposeB ? k : n));
        ArgumentOutOfRangeException.ThrowIfLessThan(ldc, Math.Max(1, n));
    }

    private void Bind()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Accelerator.Bind();
    }

    private static int Operation(bool transposed) => transposed ? Transposed : NotTransposed;

    private static void Check(string call, int status)
    {
        if (status != 0)
            throw new InvalidOperationException($"{call} failed with {NameOf(status)}.");
    }

    private static string NameOf(int status) => status switch
    {
        1 => "CUBLAS_STATUS_NOT_INITIALIZED (often a driver older than the library)",
        3 => "CUBLAS_STATUS_ALLOC_FAILED (device memory ran out)",
        7 => "CUBLAS_STATUS_INVALID_VALUE",
        8 => "CUBLAS_STATUS_ARCH_MISMATCH",
        11 => "CUBLAS_STATUS_MAPPING_ERROR",
        13 => "CUBLAS_STATUS_EXECUTION_FAILED",
        14 => "CUBLAS_STATUS_INTERNAL_ERROR",
        15 => "CUBLAS_STATUS_NOT_SUPPORTED",
        _ => $"cuBLAS status {status}",
    };
}
