using IlgpuVae.Kernels;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// What makes <see cref="TileProduct"/> fast is read from its PTX, since no test measures it: multiply-adds are most of the inner loop, memory moves 128 bits
/// with every instruction, and what comes from the device's memory is under way while the slice before it is multiplied.
/// </summary>
public sealed class TileProductCodeTests
{
    // 64 sums, 8 fetched numbers and 28 read for the multiply-adds. Two groups of 256 lanes share the 65536 registers of a multiprocessor: 128 for a lane,
    // which leaves 28 for addresses and counters. AssemblerTests sees that they do.
    private const int MostNumbers = 100;

    private KernelCompiler? compiler;

    private static IEnumerable<KernelEntry> Kernels =>
        KernelCatalogue.Kernels.Where(kernel => kernel.Name.Contains(nameof(TileProduct), StringComparison.Ordinal));

    private static IEnumerable<KernelEntry> AllInFours =>
        Kernels.Where(kernel => kernel.Name.Contains(nameof(TileProduct.AllInFours), StringComparison.Ordinal));

    [OneTimeSetUp]
    public void OpenCompiler() => compiler = new KernelCompiler();

    [OneTimeTearDown]
    public void CloseCompiler() => compiler?.Dispose();

    [Test]
    public void Kernels_AreFourTilesByTwoWaysToRead()
    {
        Assert.That(Kernels.Count(), Is.EqualTo(8));
        Assert.That(AllInFours.Count(), Is.EqualTo(4));
    }

    [TestCaseSource(nameof(Kernels))]
    public void InnerLoop_IsMostlyMultiplyAdds(KernelEntry kernel)
    {
        var loop = PtxLoop.Find(compiler!.Ptx(kernel));
        bool isLarge = kernel.Name.Contains(nameof(TileProduct.LargeSums), StringComparison.Ordinal);

        // Of the smallest tile a square of lanes has four rows of a slice.
        bool isSmallest = IsSmallest(kernel);
        double share = (double)loop.MultiplyAdds / (loop.MultiplyAdds + loop.Others);
        TestContext.Out.WriteLine(
            $"{loop.MultiplyAdds} multiply-adds, {loop.SharedReads} shared reads of {loop.Others} other instructions: {share:P1}; {loop.LiveNumbers} "
                + "registers for numbers");
        Assert.Multiple(() =>
        {
            Assert.That(loop.MultiplyAdds, Is.EqualTo(isLarge ? 256 : isSmallest ? 64 : 128));
            Assert.That(loop.SharedReads, Is.EqualTo(isSmallest ? 8 : 16), "four reads for 64 multiply-adds, or two for 16");
            Assert.That(loop.OtherAccesses, Is.Empty);
            Assert.That(share, Is.GreaterThan(isLarge ? 0.78 : isSmallest ? 0.6 : 0.7));
            Assert.That(loop.LiveNumbers, Is.AtMost(MostNumbers));
        });
    }

    /// <summary>
    /// The order of the text is the order of execution here: nothing between two barriers jumps but the inner loop and the choice of how a part is written.
    /// </summary>
    [TestCaseSource(nameof(AllInFours))]
    public void NextSlice_IsFetchedBeforeAndWrittenBehindTheMultiplyAdds(KernelEntry kernel)
    {
        (string before, string after) = PtxLoop.Find(compiler!.Ptx(kernel)).Surroundings;
        string round = before[before.LastIndexOf("bar.sync", StringComparison.Ordinal)..], rest = after[..after.IndexOf("bar.sync", StringComparison.Ordinal)];
        Assert.Multiple(() =>
        {
            Assert.That(Count(round, "ld.global.v4.f32"), Is.EqualTo(2));
            Assert.That(Count(round, "ld.global"), Is.EqualTo(2));
            Assert.That(round, Does.Not.Contain("st.shared"));
            Assert.That(rest, Does.Contain("st.shared").And.Not.Contain("ld."));
        });
    }

    [TestCaseSource(nameof(Kernels))]
    public void Memory_MovesFourElementsAtATime(KernelEntry kernel)
    {
        string ptx = compiler!.Ptx(kernel);
        Assert.Multiple(() =>
        {
            Assert.That(ptx, Does.Contain("ld.global.v4.f32").And.Contain("st.global.v4.f32").And.Contain("st.shared.v4.f32"));
            Assert.That(ptx, Does.Not.Contain("ld.shared.f32").And.Not.Contain(".local"));
            Assert.That(
                Count(ptx, "bar.sync"),
                Is.EqualTo(IsShared(kernel) ? 6 : 4),
                "one barrier before the first slice and one a slice, two of the right factor's sums, two where squares of lanes add theirs up; more are copies "
                    + "that only some lanes reach");
        });
    }

    /// <summary>The reading itself, on a loop whose every instruction is known.</summary>
    [Test]
    public void PtxLoop_CountsWhatIsThere()
    {
        var loop = PtxLoop.Find(
            """
            	mov.f32	%f1, 0f00000000;
            	mov.b64	%rd1, %rd9;

            	L_10:
            	setp.ge.s32	%p1, %r1, 8;
            	@%p1 bra.uni	L_11;

            	ld.shared.v4.f32	{%f2, %f3, %f4, %f5}, [%rd1];
            	fma.rn.f32	%f7, %f2, %f3, %f1;
            	mul.f32	%f8, %f4, %f5;
            	add.s32	%r2, %r1, 1;
            	mov.f32	%f1, %f7;
            	mov.b32	%r1, %r2;
            	bra.uni	L_10;

            	L_11:
            	st.global.f32	[%rd2], %f1;
            	st.global.f32	[%rd2], %f8;
            	ret;
            """);
        Assert.Multiple(() =>
        {
            Assert.That(loop.MultiplyAdds, Is.EqualTo(1), "a product alone is none");
            Assert.That(loop.Others, Is.EqualTo(6));
            Assert.That(loop.SharedReads, Is.EqualTo(1));
            Assert.That(loop.OtherAccesses, Is.Empty);
            Assert.That(loop.LiveNumbers, Is.EqualTo(5), "the sum and four numbers");
        });
    }

    // Several squares of lanes share a tile.
    private static bool IsShared(KernelEntry kernel) => kernel.Name.Contains(nameof(TileProduct.EightAcross), StringComparison.Ordinal) || IsSmallest(kernel);

    private static bool IsSmallest(KernelEntry kernel) => kernel.Name.Contains(nameof(TileProduct.FourAcross), StringComparison.Ordinal);

    private static int Count(string text, string word) => text.Split(word).Length - 1;
}
