using ILGPU.Runtime;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// What every likelihood has to get right, row by row and as a matrix product; a fixture of its own for each family says which and on what numbers.
/// </summary>
[SuiteOf(typeof(NaturalForm), typeof(ILikelihoodReference))]
[SuiteOf(typeof(RowLikelihood), typeof(ILikelihoodReference))]
internal abstract class LikelihoodSuite<TElement>(Target target) : AcceleratorSuite(target)
    where TElement : struct, IElementLikelihood, INaturalForm
{
    // Examples, rows an example, dimensions: one lane a row up to 16 dimensions and one group a row beyond, both with ragged ends and as whole fours.
    private static readonly (int Examples, int PerExample, int Dimensions)[] SmallShapes = [(1, 1, 1), (3, 2, 5), (2, 3, 17), (2, 2, 20), (2, 1, 33)];
    private static readonly (int Examples, int PerExample, int Dimensions)[] LargeShapes = [.. SmallShapes, (17, 5, 64), (5, 7, 257), (31, 1, 127)];

    // Every example meets every code here, on the host in float64 too.
    private static readonly (int Examples, int PerExample, int Dimensions)[] ProductShapes = [.. SmallShapes, (5, 3, 65), (3, 11, 16)];

    /// <summary>The variants of the family.</summary>
    protected abstract IEnumerable<ILikelihoodReference> References(int dimensions);

    /// <summary>The kernel's version of <paramref name="reference"/>.</summary>
    protected abstract TElement Element(ILikelihoodReference reference);

    /// <summary>An observation [D].</summary>
    protected abstract float[] Observation(Random random, ILikelihoodReference reference);

    // Barriers of simulated groups are slow.
    private bool IsSlow => Target is { Type: AcceleratorType.CPU, Style: LaunchStyle.Groups };

    [Test]
    public void Rows_WithOneWeight_MatchFloat64()
    {
        foreach (LikelihoodProblem problem in Problems(IsSlow ? SmallShapes : LargeShapes))
            Verify(problem, -0.37f, null);
    }

    [Test]
    public void Rows_WithWeightsOfTheirOwn_MatchFloat64()
    {
        foreach (LikelihoodProblem problem in Problems(IsSlow ? SmallShapes : LargeShapes))
            Verify(problem, 0f, Draws.Normal(new Random(3), problem.Rows));
    }

    [Test]
    public void Rows_WithoutGradient_MatchFloat64()
    {
        foreach (LikelihoodProblem problem in Problems(IsSlow ? SmallShapes : LargeShapes))
        {
            GuardedMatrix f = new(Device, Arena, problem.Rows, 1);
            Record(problem, f.Matrix, null, 1f, null);
            Tolerance.Check($"f of {problem} alone", f.Download(), problem.LogLikelihoods<double>(), problem.LogLikelihoods<float>(), 1);
        }
    }

    [Test]
    public void Rows_AreDeterministic()
    {
        LikelihoodProblem problem = Problems(SmallShapes).Last();
        Repetition.IsBitIdentical(() =>
        {
            GuardedMatrix f = new(Device, Arena, problem.Rows, 1), gradient = new(Device, Arena, problem.Rows, problem.Reference.Width);
            Record(problem, f.Matrix, gradient.Matrix, -1f, null);
            return [.. f.Download(), .. gradient.Download()];
        });
    }

    [Test]
    public void Product_MatchesFloat64AndRows()
    {
        foreach (LikelihoodProblem problem in Problems(IsSlow ? SmallShapes : ProductShapes))
            new LikelihoodProduct<TElement>(Device, Arena, problem, Element(problem.Reference)).Verify();
    }

    /// <summary>Checks f and the gradient of one problem.</summary>
    private protected void Verify(LikelihoodProblem problem, float weight, float[]? weights)
    {
        GuardedMatrix f = new(Device, Arena, problem.Rows, 1), gradient = new(Device, Arena, problem.Rows, problem.Reference.Width);
        Record(problem, f.Matrix, gradient.Matrix, weight, weights);
        Tolerance.Check($"f of {problem}", f.Download(), problem.LogLikelihoods<double>(), problem.LogLikelihoods<float>(), 1);
        Tolerance.Check(
            $"gradient of {problem}", gradient.Download(), problem.Gradients<double>(weight, weights), problem.Gradients<float>(weight, weights),
            problem.Reference.Width);
    }

    private void Record(LikelihoodProblem problem, Matrix f, Matrix? gradient, float weight, float[]? weights)
    {
        LikelihoodRows rows = new()
        {
            Outputs = Upload(problem.Outputs, problem.Rows, problem.Reference.Width),
            Statistic = Upload(problem.Statistic, problem.Examples, problem.Statistic.Length / problem.Examples),
            LogBase = problem.HasBaseMeasure ? Upload(problem.LogBases, problem.Examples, 1) : null,
            LogLikelihood = f,
            OutputsGrad = gradient,
            Weight = weight,
            Weights = weights is null ? null : Upload(weights, problem.Rows, 1),
        };
        Run(list => RowLikelihood.Record(list, "test", rows, Element(problem.Reference), problem.Reference.Dimensions));
    }

    private IEnumerable<LikelihoodProblem> Problems((int Examples, int PerExample, int Dimensions)[] shapes)
    {
        foreach ((int examples, int perExample, int dimensions) in shapes)
        {
            foreach (ILikelihoodReference reference in References(dimensions))
            {
                Random random = new((examples * 1009) + dimensions);
                float[][] observations = [.. Enumerable.Range(0, examples).Select(_ => Observation(random, reference))];
                yield return new LikelihoodProblem(reference, observations, Draws.Normal(random, examples * perExample * reference.Width, 2));
            }
        }
    }
}
