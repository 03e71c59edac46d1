using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using IlgpuVae.Runtime.Cuda;

namespace IlgpuVae.Tests.Native;

[TestFixture]
public sealed class CudaGraphTests : CudaSuite
{
    private const int Length = 1023, Launches = 5;
    private Action<AcceleratorStream, Index1D, ArrayView<float>> step = null!;
    private MemoryBuffer1D<float, Stride1D.Dense> values = null!;

    [OneTimeSetUp]
    public void LoadKernel()
    {
        step = Accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<float>>(StepKernel);
        values = Accelerator.Allocate1D<float>(Length);
        Reset();
        Record();
    }

    [OneTimeTearDown]
    public void FreeValues() => values?.Dispose();

    [Test]
    public void Launch_ReplaysBitIdentically()
    {
        Reset();
        Record();
        Record();
        float[] eager = Read();

        Reset();
        using CudaGraph graph = Capture(Record);
        Assert.That(Read(), Is.EqualTo(Initial()), "capturing must not run the launches");
        graph.Launch(Stream);
        graph.Launch(Stream);
        Assert.That(Read(), Is.EqualTo(eager));
        Assert.That(graph.Nodes, Is.EqualTo(Launches));
    }

    [Test]
    public void TryCapture_ReportsARefusedLaunchAndLeavesTheStreamUsable()
    {
        bool captured = CudaGraph.TryCapture(Stream, () => throw new InvalidOperationException("refused"), out _, out string? whyNot);
        Assert.Multiple(() =>
        {
            Assert.That(captured, Is.False);
            Assert.That(whyNot, Does.Contain("refused"));
            Assert.That(RunAndSynchronize, Throws.Nothing);
        });
    }

    [Test]
    public void TryCapture_LeavesTheStreamUsableWhenTheCallerFails()
    {
        Assert.That(() => CudaGraph.TryCapture(Stream, () => throw new FormatException(), out _, out _), Throws.TypeOf<FormatException>());
        Assert.That(RunAndSynchronize, Throws.Nothing);
    }

    [Test]
    public void TryCapture_ReportsASynchronisationWhileCapturing()
    {
        bool captured = CudaGraph.TryCapture(Stream, RunAndSynchronize, out _, out string? whyNot);
        Assert.Multiple(() =>
        {
            Assert.That(captured, Is.False);
            Assert.That(whyNot, Is.Not.Empty);
            Assert.That(RunAndSynchronize, Throws.Nothing);
        });
    }

    [Test]
    public void TryCapture_RefusesTheDefaultStream()
    {
        bool captured = CudaGraph.TryCapture((CudaStream)Accelerator.DefaultStream, Record, out _, out string? whyNot);
        Assert.That(captured, Is.False);
        Assert.That(whyNot, Does.Contain("default stream"));
    }

    [Test]
    public void TryCapture_RefusesAnEmptyRecording()
    {
        Assert.That(CudaGraph.TryCapture(Stream, () => { }, out _, out string? whyNot), Is.False);
        Assert.That(whyNot, Does.Contain("Nothing"));
    }

    [Test]
    public void CudaFunctionInfo_DescribesALoadedKernel()
    {
        var info = CudaFunctionInfo.Of((CudaKernel)step.GetKernel());
        Assert.Multiple(() =>
        {
            Assert.That(info.Registers, Is.InRange(1, 255));
            Assert.That(info.LocalBytes, Is.Zero);
            Assert.That(info.StaticSharedBytes, Is.Zero);
            Assert.That(info.MaxThreadsPerGroup, Is.InRange(32, 1024));
        });
    }

    private static void StepKernel(Index1D index, ArrayView<float> values) => values[index] = (values[index] * 1.37f) + 0.11f;

    private static float[] Initial() => [.. Enumerable.Range(0, Length).Select(i => i / 7f)];

    private void Reset()
    {
        values.View.CopyFromCPU(Stream, Initial());
        Stream.Synchronize();
    }

    private void Record()
    {
        for (int launch = 0; launch < Launches; launch++)
            step(Stream, Length, values.View);
    }

    private void RunAndSynchronize()
    {
        Record();
        Stream.Synchronize();
    }

    private CudaGraph Capture(Action record)
    {
        Assert.That(CudaGraph.TryCapture(Stream, record, out CudaGraph? graph, out string? whyNot), Is.True, whyNot);
        return graph!;
    }

    private float[] Read()
    {
        float[] result = values.GetAsArray1D(Stream);
        Stream.Synchronize();
        return result;
    }
}
