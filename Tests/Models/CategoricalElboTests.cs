using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Tests.KernelSuites;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Models;

/// <summary>The categorical pass as a library call on host arrays, against float64.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.All))]
public class CategoricalElboTests(Target target) : ModelSuite(target)
{
    private const int B = 5;
    private const float Beta = 0.75f;

    // Sums of a few dozen terms of up to 200 nats.
    private const double Rounding = 1e-5;

    [Test]
    public void Terms_MatchFloat64([Values(3, 33)] int k, [Values(0, 1, B)] int priorRows, [Values] bool split)
    {
        KlObjective objective = split
            ? new() { PosteriorWeight = 0.6f, PriorWeight = 1.5f, FreeBits = 0.3f, InformationWeight = 0.5f, MarginalWeight = 2f }
            : new();
        float[] logits = RowInputs.Make(InputKind.Normal, B, k, 1), f = RowInputs.LogLikelihoods(B, k, 2), prior = priorRows == 0
            ? []
            : RowInputs.Make(InputKind.Normal, priorRows, k, 3);
        using CategoricalElbo elbo = new(Device, B, k, objective);
        CategoricalElboTerms terms = elbo.Evaluate(logits, f, prior, Beta);

        CategoricalPassReference<double>[] rows = [.. Enumerable.Range(0, B).Select(b => CategoricalPassReference<double>.Of(
            ByRow.As<double>(ByRow.Row(logits, b, k)), priorRows == 0
                ? null
                : ByRow.As<double>(ByRow.Row(prior, b % priorRows, k)), ByRow.As<double>(ByRow.Row(f, b, k)), Beta, 1.0 / B, objective))];
        double extra = Beta * (objective.MarginalWeight - objective.InformationWeight);
        MarginalKlReference<double> marginal = MarginalKlReference<double>.Of(
            ByRow.As<double>(logits), priorRows == 0 ? null : ByRow.As<double>(prior), 1, k, extra * objective.PosteriorWeight, extra * objective.PriorWeight);
        double[] priorGrad = new double[prior.Length];
        for (int i = 0; i < (priorRows == 0 ? 0 : B * k); i++)
            priorGrad[i % prior.Length] += rows[i / k].PriorGrad[i % k] + marginal.PriorGrad[i];

        RequireClose("KL", terms.Kl, [.. rows.Select(row => row.Kl)]);
        RequireClose("reconstruction", terms.Reconstruction, [.. rows.Select(row => row.Reconstruction)]);
        RequireClose("logits' gradient", terms.LogitsGrad, [.. rows.SelectMany(row => row.LogitsGrad).Zip(marginal.LogitsGrad, (a, b) => a + b)]);
        RequireClose("prior's gradient", terms.PriorGrad, priorGrad);
        RequireClose("likelihoods' gradient", terms.LogLikelihoodsGrad, [.. rows.SelectMany(row => row.LogLikelihoodsGrad)]);
        double loss = (Beta * objective.InformationWeight * rows.Average(row => row.Kl))
            + (extra * marginal.MarginalKl[0]) - rows.Average(row => row.Reconstruction);
        Assert.That(terms.Loss, Is.EqualTo(loss).Within(Rounding * Math.Abs(loss)));
    }

    [Test]
    public void Calls_DoNotRememberEachOther()
    {
        float[] logits = RowInputs.Make(InputKind.Normal, B, 7, 1), f = RowInputs.LogLikelihoods(B, 7, 2), prior = RowInputs.Make(InputKind.Normal, B, 7, 3);
        using CategoricalElbo elbo = new(Device, B, 7, new KlObjective { MarginalWeight = 3 });
        CategoricalElboTerms first = elbo.Evaluate(logits, f, prior);
        _ = elbo.Evaluate(f, logits);
        _ = elbo.Evaluate(f, logits, prior.AsSpan(0, 7), 5f);
        CategoricalElboTerms again = elbo.Evaluate(logits, f, prior);
        Assert.That(again.LogitsGrad, Is.EqualTo(first.LogitsGrad));
        Assert.That(again.PriorGrad, Is.EqualTo(first.PriorGrad));
        Assert.That(again.Loss, Is.EqualTo(first.Loss));
    }

    [Test]
    public void WrongLengths_AreRefused()
    {
        using CategoricalElbo elbo = new(Device, 2, 3);
        Assert.That(() => elbo.Evaluate(new float[5], new float[6]), Throws.ArgumentException.With.Message.Contains("2 x 3"));
        Assert.That(() => elbo.Evaluate(new float[6], new float[7]), Throws.ArgumentException.With.Message.Contains("2 x 3"));
        Assert.That(() => elbo.Evaluate(new float[6], new float[6], new float[4]), Throws.ArgumentException.With.Message.Contains("3 for a shared prior"));
        Assert.That(() => new CategoricalElbo(Device, 0, 3), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new CategoricalElbo(Device, 3, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static void RequireClose(string what, IReadOnlyList<float> actual, double[] expected)
    {
        Assert.That(actual, Has.Count.EqualTo(expected.Length), what);
        double tolerance = Rounding * Math.Max(1, expected.Select(Math.Abs).DefaultIfEmpty(0).Max());
        for (int i = 0; i < expected.Length; i++)
            Assert.That(Math.Abs(actual[i] - expected[i]) <= tolerance, $"{what}[{i}] is {actual[i]} instead of {expected[i]}");
    }
}
