using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The KL of the batch's mean posterior where it is known, the reference's gradients against differences, and shapes that are refused.</summary>
public class MarginalKlTests(Target target) : AcceleratorSuite(target)
{
    private const float Beta = 0.75f;
    private static readonly KlObjective Objective = new() { PosteriorWeight = 0.6f, PriorWeight = 1.5f, InformationWeight = 0.5f, MarginalWeight = 2f };

    /// <summary>Whose the prior is.</summary>
    public enum PriorOf
    {
        /// <summary>Nobody's: uniform.</summary>
        None,

        /// <summary>The variables': all examples share it.</summary>
        Variables,

        /// <summary>Each example's.</summary>
        Examples,
    }

    [Test]
    public void OneExample_HasNoInformation([Values(5, 33)] int k)
    {
        float[] logits = RowInputs.Make(InputKind.Normal, 2, k, 1), prior = RowInputs.Make(InputKind.Normal, 2, k, 2);
        (_, _, GuardedMatrix information, _, _) = Record(logits, prior, 2, k);
        Assert.That(information.Download(), Is.All.EqualTo(0f).Within(8 * Tolerance.Ulp(1)));
    }

    /// <summary>A category that the prior deems rarer than a float can be costs its logarithm, not infinity.</summary>
    [Test]
    public void RarePriors_StayFinite([Values(4, 33)] int k, [Values(PriorOf.Variables, PriorOf.Examples)] PriorOf priorOf)
    {
        float[] logits = RowInputs.Make(InputKind.Normal, 5, k, 1), prior = RowInputs.Make(InputKind.Normal, priorOf == PriorOf.Variables ? 1 : 5, k, 2);
        for (int row = 0; row < prior.Length / k; row++)
            prior[(row * k) + 1] = -300;
        (MarginalKlTerms terms, GuardedMatrix kl, _, GuardedMatrix logitsGrad, GuardedMatrix priorGrad) = Record(logits, prior, 1, k);
        MarginalKlReference<double> exact = Exact(logits, prior, 1, k);
        Assert.That(terms.MarginalKl.Rows, Is.EqualTo(1));
        Assert.That(kl.Download()[0], Is.EqualTo(exact.MarginalKl[0]).Within(1e-6 * exact.MarginalKl[0]));
        Assert.That(logitsGrad.Download().Zip(exact.LogitsGrad, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(1e-6 * exact.LogitsGrad.Max(Math.Abs)));

        // The exponential of a difference of logarithms of 300.
        Assert.That(
            priorGrad.Download().Zip(exact.PriorGrad, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(Tolerance.Ulp(300) * exact.PriorGrad.Max(Math.Abs)));
    }

    [Test]
    public void Reference_GradientsMatchDifferences([Values(2, 6)] int priorRows)
    {
        double[] logits = ByRow.As<double>(RowInputs.Make(InputKind.Normal, 6, 4, 1)), prior = ByRow.As<double>(
            RowInputs.Make(InputKind.Normal, priorRows, 4, 2));
        MarginalKlReference<double> exact = MarginalKlReference<double>.Of(logits, prior, 2, 4, 1, 1);
        double Sum(double[] l, double[] p) => MarginalKlReference<double>.Of(l, p, 2, 4, 1, 1).MarginalKl.Sum();
        CentralDifference.Verify(l => Sum(l, prior), logits, exact.LogitsGrad);

        // A prior's row that examples share collects what each of them asks for.
        double[] priorGrad = new double[prior.Length];
        for (int i = 0; i < exact.PriorGrad.Length; i++)
            priorGrad[i % prior.Length] += exact.PriorGrad[i];
        CentralDifference.Verify(p => Sum(logits, p), prior, priorGrad);
    }

    [Test]
    public void EqualWeights_LeaveTheGradientsAlone()
    {
        (_, GuardedMatrix kl, _, GuardedMatrix logitsGrad, _) = Record(
            RowInputs.Make(InputKind.Normal, 6, 5, 1), null, 2, 5, Objective with { MarginalWeight = Objective.InformationWeight });
        Assert.That(logitsGrad.Download(), Is.All.Zero);
        Assert.That(kl.Download(), Is.All.GreaterThan(0));
    }

    [Test]
    public void Shapes_AreChecked()
    {
        (MarginalKlTerms good, _, _, _, _) = Record(new float[30], new float[10], 2, 5);
        Matrix wrong = Arena.Matrix(3, 5, MemoryUse.Activations);
        MarginalKlTerms[] all =
        [
            good with { LogRatio = Arena.Matrix(4, 5, MemoryUse.Activations) },
            good with { LogPosterior = wrong },
            good with { MarginalKl = wrong },
            good with { Information = wrong },
            good with { LogPrior = null },
            good with { Pass = good.Pass with { Prior = wrong } },
        ];
        foreach (MarginalKlTerms terms in all)
            Assert.That(
                () => MarginalKl.Record(new LaunchList(Device), terms, Upload(new StepState())), Throws.InstanceOf<ArgumentException>(), terms.ToString());
    }

    private (MarginalKlTerms Terms, GuardedMatrix Kl, GuardedMatrix Information, GuardedMatrix LogitsGrad, GuardedMatrix PriorGrad) Record(
        float[] logits, float[]? prior, int n, int k, KlObjective? objective = null)
    {
        int rows = logits.Length / k;
        GuardedMatrix kl = new(Device, Arena, n, 1), information = new(Device, Arena, n, 1), logitsGrad = new(Device, Arena, rows, k),
            priorGrad = new(Device, Arena, rows, k);
        foreach (Matrix grad in (Matrix[])[logitsGrad.Matrix, priorGrad.Matrix])
            Device.Upload<float>(grad.View, new float[rows * k]);
        MarginalKlTerms terms = new()
        {
            Pass = new CategoricalTerms
            {
                Logits = Upload(logits, rows, k),
                Prior = prior is null ? null : Upload(prior, prior.Length / k, k),
                Kl = Arena.Matrix(rows, 1, MemoryUse.Activations),
                LogitsGrad = logitsGrad.Matrix,
                PriorGrad = prior is null ? null : priorGrad.Matrix,
                Objective = objective ?? Objective,
            },
            LogPosterior = Arena.Matrix(rows, k, MemoryUse.Activations),
            LogPrior = prior is null ? null : Arena.Matrix(prior.Length / k, k, MemoryUse.Activations),
            LogRatio = Arena.Matrix(n, k, MemoryUse.Activations),
            MarginalKl = kl.Matrix,
            Information = information.Matrix,
        };
        Run(list => MarginalKl.Record(list, terms, Upload(new StepState { Scheduled = { Beta = Beta } })));
        return (terms, kl, information, logitsGrad, priorGrad);
    }

    private static MarginalKlReference<double> Exact(float[] logits, float[]? prior, int n, int k)
    {
        double extra = Beta * (Objective.MarginalWeight - Objective.InformationWeight);
        return MarginalKlReference<double>.Of(
            ByRow.As<double>(logits), prior is null ? null : ByRow.As<double>(prior), n, k, extra * Objective.PosteriorWeight, extra * Objective.PriorWeight);
    }
}
