using IlgpuVae.Bench;
using IlgpuVae.Bench.Counting;
using IlgpuVae.Bench.Works;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using BenchProgram = IlgpuVae.Bench.Program;

namespace IlgpuVae.Tests.BenchSuites;

/// <summary>
/// What hot kernels ask of a graphics processor, counted as they run on the emulated CUDA device: no time is measured, and the same program counts the same.
/// And the reading of counts, anywhere.
/// </summary>
internal sealed class CountedWorkTests
{
    private const double MostSectors = 1.1, MostConflicts = 0.02, FewestLanes = 28;
    private const int Multiprocessors = 132;

    // A warp of rows for each multiprocessor and more; whole warps where a warp shares eight rows, not where each lane has one.
    private const int Rows = (Multiprocessors * 32) + 8;

    // Products whose tiles cannot be as many as multiprocessors, each with work enough, leave a quarter of them idle at most.
    private const int FewestTiles = 96;

    [Test]
    public void RowsOfCategories_TouchWhatTheyNeed([Values(10, 64)] int k) =>
        Verify(CategoricalWorks.OfRows(Rows, k), launch => Multiprocessors);

    [Test]
    public void Products_KeepMultiprocessorsAtWork([Values] bool transposeA, [Values] bool transposeB)
    {
        (int m, int n, int depth) = (128, 256, 784);
        Verify(
            new KernelWork($"{m}x{n}x{depth}", inputs => MatMul.Record(
                inputs.List,
                transposeA ? Operand.Transpose(inputs.Filled(depth, m)) : inputs.Filled(m, depth),
                transposeB ? Operand.Transpose(inputs.Filled(n, depth)) : inputs.Filled(depth, n),
                inputs.Empty(m, n),
                default,
                MatMulVariant.Tile)),
            launch => FewestTiles);
    }

    [Test]
    public void OtherDevices_AreRefused()
    {
        using StringWriter errors = new();
        int code = BenchProgram.Run(["count", "--device", "cpu"], TextWriter.Null, errors);
        Assert.That(code, Is.EqualTo(2));
        Assert.That(errors.ToString().Trim(), Does.Contain("cpu does not count its work").And.Contain("with-cuda-emulator").And.Not.Contain("\n"));
    }

    /// <summary>A line whose every number is known, against bounds by hand.</summary>
    [Test]
    public void Bound_IsThatOfTheBusiestUnit()
    {
        string line =
            "COUNT label=launch kernel=a hash=0 launches=1 grid=66x1x1 block=32x1x1 blocks=66 warps=66 shared-bytes=0 instr=4000 lanes=112000 fadd=0 fmul=0 "
                + "ffma=3000 fcmp=0 special=0 fdiv=0 int32=0 imul=0 int64=0 idiv=0 i2f=0 f2i=0 cvt=0 mov=0 param=0 ldg=500 stg=500 lds=0 sts=0 shfl=0 bar=0 "
                + "bra=0 jmp=0 other=0 "
                + "ldg.req=500 ldg.sectors=2000 ldg.least=1000 ldg.lines=500 ldg.bytes=1 ldg.unique=1 stg.req=500 stg.sectors=1000 stg.least=1000 "
                + "stg.lines=500 "
                + "stg.bytes=1 stg.unique=1 lds.req=0 lds.passes=0 lds.least=0 lds.bytes=0 sts.req=40 sts.passes=50 sts.least=40 sts.bytes=0";
        WorkCounts counts = CountedBound.Of(line);

        // 1050 passes and lines, one a cycle of a multiprocessor, on half of 132; 3000 sectors of memory take 0.02 us.
        double busy = (500 + 500 + 50) / 1.755e9 / 132 * 1e6;
        Assert.Multiple(() =>
        {
            Assert.That(counts.SectorsOverFewest, Is.EqualTo(1.5));
            Assert.That(counts.ConflictsPerAccess, Is.EqualTo(0.25));
            Assert.That(counts.LanesPerInstruction, Is.EqualTo(28));
            Assert.That(counts.BoundUs, Is.EqualTo(3000 * 32 / 4.8e12 * 1e6).Within(1e-9));
            Assert.That(counts.FilledUs, Is.EqualTo(Math.Max(2 * busy, 0.02)).Within(1e-9));
            Assert.That(counts.Binds, Is.EqualTo("memory"));
        });
    }

    private static void Verify(KernelWork work, Func<Launch, int> fewestBlocks)
    {
        if (Target.All.All(target => target.Type != ILGPU.Runtime.AcceleratorType.Cuda))
            Assert.Ignore("There is no CUDA device, and only an emulated one counts.");
        using ComputeDevice device = ComputeDevice.Open("cuda");
        if (WorkCounter.Refusal(device) is { } refusal)
            Assert.Ignore(refusal);
        WorkCounter counter = new(device);
        using Arena arena = new(device);
        WorkInputs inputs = new(device, arena);
        work.Record(inputs);
        Assert.Multiple(() =>
        {
            foreach (Launch launch in inputs.List.Launches)
            {
                WorkCounts counts = counter.Count(launch)!;
                string what = $"{launch.Name} {work.Shape}";
                Assert.That(counts.SectorsOverFewest, Is.AtMost(MostSectors), $"{what}: sectors over the fewest");
                Assert.That(counts.ConflictsPerAccess, Is.AtMost(MostConflicts), $"{what}: conflicts an access");
                Assert.That(counts.LanesPerInstruction, Is.AtLeast(FewestLanes), $"{what}: active lanes");
                Assert.That(counts.Blocks, Is.AtLeast(fewestBlocks(launch)), $"{what}: blocks");
            }
        });
    }
}
