using System.Text.RegularExpressions;
using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// Compiles every kernel for CUDA and OpenCL without a device and reads what came out: nothing in double precision, nothing that the driver could not link,
/// nothing in local memory. Kernels are found by reflection, so a new one is checked from its first day.
/// </summary>
public sealed class CompilationTests
{
    // It reads the step's state alone.
    private const string NoiseName = "<GumbelNoise.Kernel,";

    // They write a number a group, or a few numbers a row.
    private static readonly string[] WritingSingleNumbers =
    [
        "<BaseMeasure.Kernel<", "<GradientNorm.Kernel,", "<CategoricalSample.Kernel,", "<LogMarginal.Kernel,", "<RebarPull.Kernel,",
        "<LocalExpectation.ReconstructionKernel,", "<ImportanceWeight.RelaxedKernel,",
    ];

    // They read more of the step's state than that, or many sums of the row.
    private static readonly string[] ReadingManySingleNumbers = ["Optimiser.", "<Rebar.BackwardKernel,"];

    private KernelCompiler? compiler;

    private static IEnumerable<KernelEntry> Kernels => KernelCatalogue.Kernels;

    private static IEnumerable<KernelEntry> CudaKernels => KernelCatalogue.CudaKernels;

    private static IEnumerable<KernelEntry> OpenClKernels => Kernels.Where(kernel => !KernelCatalogue.IsForWarps(kernel));

    private static IEnumerable<KernelEntry> FourWideKernels => Kernels.Where(kernel =>
        (kernel.Name.Contains(nameof(Vector4), StringComparison.Ordinal) || kernel.Name.Contains("Fours<", StringComparison.Ordinal))
        && !kernel.Name.Contains(nameof(OneLane), StringComparison.Ordinal));

    private static IEnumerable<KernelEntry> Products => Kernels.Where(kernel => kernel.Name.StartsWith("Tiles(TileProduct", StringComparison.Ordinal));

    private static IEnumerable<Type> Formulas => KernelCatalogue.Formulas;

    [OneTimeSetUp]
    public void OpenCompiler()
    {
        // The text is the same whatever device the other suites run on, and minutes long to make: CI reads it in its run on the processor.
        if (Environment.GetEnvironmentVariable("ILGPUVAE_REQUIRE") is { Length: > 0 } device)
            Assert.Ignore($"This run is for {device}; what the compilers make is read where ILGPUVAE_REQUIRE is not set.");
        compiler = new KernelCompiler();
    }

    [OneTimeTearDown]
    public void CloseCompiler() => compiler?.Dispose();

    [TestCaseSource(nameof(Formulas))]
    public void Formula_HasAKernel(Type formula) =>
        Assert.That(
            KernelCatalogue.EntriesOf(formula),
            Is.Not.Empty,
            "no struct meets the constraints of its generic parameters, or no launch shape takes it");

    [TestCaseSource(nameof(Kernels))]
    public void Ptx_IsSelfContainedSinglePrecision(KernelEntry kernel) => Assert.That(CompiledText.PtxFaults(compiler!.Ptx(kernel)), Is.Empty);

    [TestCaseSource(nameof(OpenClKernels))]
    public void OpenClC_IsSelfContainedSinglePrecision(KernelEntry kernel) => Assert.That(CompiledText.OpenClFaults(compiler!.OpenClC(kernel)), Is.Empty);

    [TestCaseSource(nameof(Kernels))]
    public void Ptx_KeepsVariablesInRegisters(KernelEntry kernel) => Assert.That(CompiledText.UsesLocalMemory(compiler!.Ptx(kernel)), Is.False);

    /// <summary>What is not a number stays none: see Kernels/PTX-TRAPS.md.</summary>
    [TestCaseSource(nameof(CudaKernels))]
    public void Ptx_LosesNoNotANumber(KernelEntry kernel) => Assert.That(CompiledText.UnorderedChoices(compiler!.Ptx(kernel)), Is.Empty);

    /// <summary>Where threads of a warp may go different ways, the branch must not be called uniform: see Kernels/PTX-TRAPS.md.</summary>
    [TestCaseSource(nameof(CudaKernels))]
    public void Ptx_CallsNoDivergingBranchUniform(KernelEntry kernel) => Assert.That(PtxDivergence.WronglyUniform(compiler!.Ptx(kernel)), Is.Empty);

    /// <summary>Kernels that are bound by memory move 128 bits with every instruction, where a row is a whole number of fours.</summary>
    [TestCaseSource(nameof(FourWideKernels))]
    public void Ptx_MovesFourElementsAtATime(KernelEntry kernel)
    {
        string ptx = compiler!.Ptx(kernel);
        if (!kernel.Name.Contains(NoiseName, StringComparison.Ordinal))
            Assert.That(ptx, Does.Contain("ld.global.v4.f32"));

        // A row's own weight and sums are single numbers; an access that lost its width is four.
        if (!WritingSingleNumbers.Any(name => kernel.Name.Contains(name, StringComparison.Ordinal)))
        {
            Assert.That(ptx, Does.Contain("st.global.v4.f32"));
            Assert.That(Regex.Count(ptx, @"\bst\.global\.f32"), Is.LessThan(Vector4.Width));
        }

        if (!ReadingManySingleNumbers.Any(name => kernel.Name.Contains(name, StringComparison.Ordinal)))
            Assert.That(Regex.Count(ptx, @"\bld\.global\.f32"), Is.LessThan(Vector4.Width));
    }

    [Test]
    public void Ptx_ReadsFourBytesAtATime() => Assert.That(
        compiler!.Ptx(Kernels.Single(kernel => kernel.Name == "RowPerGroup(BatchGather.Fours<OneGroup>)")),
        Does.Match(@"ld\.global\.[bus]32").And.Not.Match(@"ld\.global\.[bus]8"));

    [Test]
    public void FourWideKernels_AreTheRowKernels() => Assert.That(
        FourWideKernels.Select(kernel => kernel.Name),
        Is.SupersetOf(new[]
        {
            "Elements(VectorBody<ActivationFunction.BackwardKernel, Vector4>)",
            "Elements(VectorBody<ActivationFunction.ForwardKernel, Vector4>)",
            "Elements(VectorBody<Optimiser.AdamKernel, Vector4>)",
            "Elements(VectorBody<Optimiser.SgdKernel, Vector4>)",
            "Matrix(MatrixVectorBody<BaseMeasure.AddKernel, Vector4>)",
            "Matrix(MatrixVectorBody<CuBlasProduct.BiasActivationKernel, Vector4>)",
            "Matrix(MatrixVectorBody<NaturalForm.BackwardKernel<BernoulliLikelihood>, Vector4>)",
            "Matrix(MatrixVectorBody<NaturalForm.BackwardKernel<CategoricalLikelihood>, Vector4>)",
            "Matrix(MatrixVectorBody<NaturalForm.BackwardKernel<GaussianLikelihood>, Vector4>)",
            "Matrix(MatrixVectorBody<NaturalForm.BackwardKernel<NegativeBinomialLikelihood>, Vector4>)",
            "Matrix(MatrixVectorBody<NaturalForm.BackwardKernel<PoissonLikelihood>, Vector4>)",
            "RowPerGroup(BatchGather.Fours<OneGroup>)",
            "RowPerGroup(RowBody<CategoricalPass.Kernel, TeamRow<OneGroup, Vector4>>)",
            "RowPerGroup(RowBody<CategoricalSample.Kernel, TeamRow<OneGroup, Vector4>>)",
            "RowPerGroup(RowBody<GumbelSoftmax.BackwardKernel, TeamRow<OneGroup, Vector4>>)",
            "RowPerGroup(RowBody<GumbelSoftmax.ForwardKernel, TeamRow<OneGroup, Vector4>>)",
            "RowPerGroup(RowBody<JointCodes.ExpectationKernel, TeamRow<OneGroup, Vector4>>)",
            "RowPerGroup(RowBody<Rebar.SampleKernel, TeamRow<OneGroup, Vector4>>)",
            "RowPerGroup(RowBody<ScoreFunction.Kernel, TeamRow<OneGroup, Vector4>>)",
            "RowPerGroup(RowBody<Softmax.BackwardKernel, TeamRow<OneGroup, Vector4>>)",
            "RowPerGroup(RowBody<Softmax.ForwardKernel, TeamRow<OneGroup, Vector4>>)",
            "RowPerGroup(RowBody<StraightThrough.Kernel, TeamRow<OneGroup, Vector4>>)",
            "RowPerGroup(RowBody<UniformMix.BackwardKernel, TeamRow<OneGroup, Vector4>>)",
            "RowPerGroup(RowBody<UniformMix.ForwardKernel, TeamRow<OneGroup, Vector4>>)",
            "RowPerGroup(TeamBody<BaseMeasure.Kernel<NegativeBinomialLikelihood>, OneGroup, Vector4>)",
            "RowPerGroup(TeamBody<BaseMeasure.Kernel<PoissonLikelihood>, OneGroup, Vector4>)",
            "RowPerGroup(TeamBody<GradientNorm.Kernel, OneGroup, Vector4>)",
            "RowPerGroup(TeamBody<NaturalForm.ForwardKernel<BernoulliLikelihood>, OneGroup, Vector4>)",
            "RowPerGroup(TeamBody<NaturalForm.ForwardKernel<CategoricalLikelihood>, OneGroup, Vector4>)",
            "RowPerGroup(TeamBody<NaturalForm.ForwardKernel<GaussianLikelihood>, OneGroup, Vector4>)",
            "RowPerGroup(TeamBody<NaturalForm.ForwardKernel<NegativeBinomialLikelihood>, OneGroup, Vector4>)",
            "RowPerGroup(TeamBody<NaturalForm.ForwardKernel<PoissonLikelihood>, OneGroup, Vector4>)",
            "RowPerGroup(TeamBody<RowLikelihood.Kernel<BernoulliLikelihood>, OneGroup, Vector4>)",
            "RowPerGroup(TeamBody<RowLikelihood.Kernel<CategoricalLikelihood>, OneGroup, Vector4>)",
            "RowPerGroup(TeamBody<RowLikelihood.Kernel<GaussianLikelihood>, OneGroup, Vector4>)",
            "RowPerGroup(TeamBody<RowLikelihood.Kernel<NegativeBinomialLikelihood>, OneGroup, Vector4>)",
            "RowPerGroup(TeamBody<RowLikelihood.Kernel<PoissonLikelihood>, OneGroup, Vector4>)",
            "RowPerWarpPart(RowBody<CategoricalPass.Kernel, TeamRow<HalfWarp, Vector4>>)",
        }));

    [TestCaseSource(nameof(Products))]
    public void MultiplyAdd_IsOneInstruction(KernelEntry product)
    {
        Assert.That(compiler!.OpenClC(product), Does.Match(@"\bfma \("), "OpenCL's compilers for processors do not fuse by themselves");
        Assert.That(compiler.Ptx(product), Does.Contain("fma.rn.f32").And.Not.Contain("call"));
    }

    [Test]
    public void Catalogue_FindsEveryLaunchShape() =>
        Assert.That(
            Kernels.Select(kernel => kernel.Method.Name).Distinct(),
            Is.EquivalentTo(new[] { "Elements", "Matrix", "RowPerLane", "RowPerLaneOfWarp", "RowPerWarpPart", "RowPerGroup", "Tiles" }));

    [Test]
    public void BodyThatCannotBeClosed_IsNoticed() => Assert.That(KernelCatalogue.Close(typeof(UnclosableBody<>)), Is.Empty);

    [Test]
    public void DoublePrecision_IsNoticed()
    {
        KernelEntry kernel = KernelCatalogue.Entries(typeof(DoubleBody)).Single();
        Assert.That(CompiledText.PtxFaults(compiler!.Ptx(kernel)), Has.Some.StartsWith("double precision"));
        Assert.That(CompiledText.OpenClFaults(compiler.OpenClC(kernel)), Has.Some.StartsWith("double precision"));
    }

    [Test]
    public void SixteenBits_AreNoticed() => Assert.That(
        CompiledText.OpenClFaults(compiler!.OpenClC(KernelCatalogue.Entries(typeof(ShortBody)).Single())), Has.Some.StartsWith("sixteen bits"));

    [Test]
    public void UnresolvedFunction_IsNoticed()
    {
        KernelEntry kernel = KernelCatalogue.Entries(typeof(ExternalBody)).Single();
        Assert.That(CompiledText.PtxFaults(compiler!.Ptx(kernel)), Has.Some.StartsWith("unresolved").And.Some.StartsWith("call of an undefined function"));
        Assert.That(CompiledText.OpenClFaults(compiler.OpenClC(kernel)), Has.Some.StartsWith("call of an undefined function"));
    }

    [Test]
    public void LocalMemory_IsNoticed() =>
        Assert.That(CompiledText.UsesLocalMemory(compiler!.Ptx(KernelCatalogue.Entries(typeof(LocalBody)).Single())));

    [TestCase(typeof(PtxTrapBodies.ConstantFirst), true)]
    [TestCase(typeof(PtxTrapBodies.ConstantSecond), false)]
    public void UnorderedChoice_IsNoticed(Type body, bool expected) =>
        Assert.That(CompiledText.UnorderedChoices(compiler!.Ptx(KernelCatalogue.Entries(body).Single())).Any(), Is.EqualTo(expected));

    [TestCase(typeof(PtxTrapBodies.UnevenLoop), true)]
    [TestCase(typeof(PtxTrapBodies.OwnLoop), false)]
    [TestCase(typeof(PtxTrapBodies.CarriedFar), true)]
    [TestCase(typeof(PtxTrapBodies.MergedArms), true)]
    public void DivergingBranch_IsNoticed(Type body, bool expected) =>
        Assert.That(PtxDivergence.WronglyUniform(compiler!.Ptx(KernelCatalogue.Entries(body).Single())).Length > 0, Is.EqualTo(expected));

    [Test]
    public void FailedCompilation_IsNotMistakenForAnotherKernels()
    {
        KernelEntry bad = KernelCatalogue.Entries(typeof(UncompilableBody)).Single();
        Assert.That(() => compiler!.Ptx(bad), Throws.InstanceOf<InternalCompilerException>());
        Assert.That(CompiledText.PtxFaults(compiler!.Ptx(Kernels.First())), Is.Empty);
    }

    internal readonly struct UnclosableBody<T>(T value) : IElementBody
        where T : struct, IDisposable
    {
        public void At(int i) => value.Dispose();
    }

    internal readonly struct DoubleBody(ArrayView<float> values) : IElementBody
    {
        public void At(int i) => values[i] = (float)(values[i] * 1.1);
    }

    internal readonly struct ShortBody(ArrayView<short> values) : IElementBody
    {
        public void At(int i) => values[i] = (short)(values[i] + 1);
    }

    internal readonly struct ExternalBody(ArrayView<float> values) : IElementBody
    {
        public void At(int i) => values[i] = MathF.FusedMultiplyAdd(values[i], values[i], 1f);
    }

    internal readonly struct LocalBody(ArrayView<float> values) : IElementBody
    {
        public void At(int i)
        {
            ArrayView<float> scratch = LocalMemory.Allocate<float>(8);
            for (int k = 0; k < 8; k++)
                scratch[(k + i) % 8] = values[k];
            values[i] = scratch[i % 8];
        }
    }

    internal readonly struct UncompilableBody(ArrayView<float> values) : IElementBody
    {
        public void At(int i) => values[i] = new List<float> { i }.Count;
    }
}
