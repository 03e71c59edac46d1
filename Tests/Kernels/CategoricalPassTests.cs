using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The fused categorical pass beyond what every row kernel is tried on: kinds of priors, objectives, parts left out, masks.</summary>
public class CategoricalPassTests(Target target) : AcceleratorSuite(target)
{
    private const float Scale = 0.125f;
    private static readonly StepState State = new() { Beta = 0.75f };

    [Test]
    public void Terms_MatchFloat64ForPriorsInWholeVectors() =>
        Verify(8, InputKind.Normal, [(8, 2), (72, 2), (24, 4), (40, 8), (16, 10)]);

    [Test]
    public void Terms_MatchFloat64ForEveryKindOfPrior([Values(InputKind.Outliers, InputKind.Hundreds, InputKind.Huge, InputKind.NanRow)] InputKind priorKind) =>
        Verify(null, priorKind, RowInputs.Shapes(Target, priorKind));

    [Test]
    public void KlAlone_MatchesFloat64([Values] bool gradients, [Values(2, 3, 8, 33)] int k)
    {
        float[] logits = RowInputs.Make(InputKind.Normal, 3, k, 1), prior = RowInputs.Make(InputKind.Normal, 3, k, 2);
        PassOutputs outputs = new(Device, Arena, 3, k);
        CategoricalTerms terms = new()
        {
            Logits = Upload(logits, 3, k),
            Prior = Upload(prior, 3, k),
            Kl = outputs.Kl.Matrix,
            LogitsGrad = gradients ? outputs.LogitsGrad.Matrix : null,
        };
        Run(list => CategoricalPass.Record(list, terms, Upload(State), Scale));
        outputs.Verify($"KL alone [3, {k}]", logits, prior, null, State.Beta, Scale, gradients ? PassParts.Kl | PassParts.LogitsGrad : PassParts.Kl);
    }

    /// <summary>Weights of the two sides and free bits, which some rows stay below and some do not.</summary>
    [Test]
    public void Objective_WeighsTheGradientsAlone(
        [Values(PriorRows.None, PriorRows.Each)] PriorRows priorRows, [Values(2, 3, 8, 33)] int k, [Values(0f, 0.8f)] float freeBits)
    {
        const int Rows = 65;
        KlObjective objective = new() { PosteriorWeight = 0.3f, PriorWeight = 1.75f, InformationWeight = 0.5f, FreeBits = freeBits };
        float[] logits = RowInputs.Make(InputKind.Normal, Rows, k, 1), f = RowInputs.LogLikelihoods(Rows, k, 2);
        float[]? prior = priorRows == PriorRows.None ? null : RowInputs.Make(InputKind.Normal, Rows, k, 3);
        PassOutputs outputs = new(Device, Arena, Rows, k);
        CategoricalTerms terms = outputs.Terms(
            Upload(logits, Rows, k), prior is null ? null : Upload(prior, Rows, k), Upload(f, Rows, k)) with
        { Objective = objective };
        Run(list => CategoricalPass.Record(list, terms, Upload(State), Scale));
        outputs.Verify($"{objective} [{Rows}, {k}]", logits, prior, f, State.Beta, Scale, objective: objective);
        if (freeBits > 0 && prior is not null)
            Assert.That(outputs.Kl.Download(), Has.Some.LessThan(freeBits).And.Some.GreaterThan(freeBits), "the threshold decides nothing");
    }

    /// <summary>A category that both rule out costs nothing and gets no gradient, even where its log-likelihood is minus infinity too.</summary>
    [Test]
    public void MaskedInBoth_CostsNothing([Values(2, 10, 33)] int k)
    {
        float[] logits = RowInputs.Make(InputKind.Normal, 3, k, 1), prior = RowInputs.Make(InputKind.Normal, 3, k, 2), f = RowInputs.LogLikelihoods(3, k, 3);
        for (int row = 0; row < 3; row++)
            logits[(row * k) + row % k] = prior[(row * k) + row % k] = f[(row * k) + row % k] = float.NegativeInfinity;
        PassOutputs outputs = new(Device, Arena, 3, k);
        Run(list => CategoricalPass.Record(list, outputs.Terms(Upload(logits, 3, k), Upload(prior, 3, k), Upload(f, 3, k)), Upload(State), Scale));
        outputs.Verify($"masked in both [3, {k}]", logits, prior, f, State.Beta, Scale);
    }

    [Test]
    public void Kl_IsInfiniteWhereThePriorForbidsWhatThePosteriorAllows([Values(2, 3, 8, 33)] int k)
    {
        float[] logits = RowInputs.Make(InputKind.Normal, 3, k, 1), prior = RowInputs.Make(InputKind.Normal, 3, k, 2);
        prior[k + 1] = float.NegativeInfinity;
        PassOutputs outputs = new(Device, Arena, 3, k);
        Run(list => CategoricalPass.Record(list, outputs.Terms(Upload(logits, 3, k), Upload(prior, 3, k), Upload(logits, 3, k)), Upload(State), Scale));
        float[] kl = outputs.Kl.Download();
        Assert.That(kl[1], Is.EqualTo(float.PositiveInfinity));
        Assert.That(float.IsFinite(kl[0]) && float.IsFinite(kl[2]), "the other rows");
    }

    [Test]
    public void Shapes_AreChecked()
    {
        Matrix logits = Arena.Matrix(6, 5, MemoryUse.Activations), kl = Arena.Matrix(6, 1, MemoryUse.Activations);
        LaunchList list = new(Device);
        CategoricalTerms good = new() { Logits = logits, Kl = kl };
        CategoricalTerms[] wrong =
        [
            good with { Kl = Arena.Matrix(5, 1, MemoryUse.Activations) },
            good with { Prior = Arena.Matrix(4, 5, MemoryUse.Activations) },
            good with { Prior = Arena.Matrix(6, 4, MemoryUse.Activations) },
            good with { LogitsGrad = Arena.Matrix(6, 4, MemoryUse.Activations) },
            good with { LogLikelihoods = Arena.Matrix(5, 6, MemoryUse.Activations), Reconstruction = kl },
            good with { LogLikelihoods = logits },
        ];
        foreach (CategoricalTerms terms in wrong)
            Assert.That(() => CategoricalPass.Record(list, terms, Upload(State), 1), Throws.InstanceOf<ArgumentException>(), terms.ToString());
        Assert.That(list.Launches, Is.Empty);
    }

    private void Verify(int? priorRows, InputKind priorKind, IEnumerable<(int Rows, int K)> shapes)
    {
        foreach ((int rows, int k) in shapes)
        {
            int p = priorRows ?? rows;
            float[] logits = RowInputs.Make(InputKind.Normal, rows, k, 1), f = RowInputs.LogLikelihoods(rows, k, 2), prior = RowInputs.Make(priorKind, p, k, 3);
            PassOutputs outputs = new(Device, Arena, rows, k);
            Run(list => CategoricalPass.Record(list, outputs.Terms(Upload(logits, rows, k), Upload(prior, p, k), Upload(f, rows, k)), Upload(State), Scale));
            outputs.Verify($"{p} rows of a prior {priorKind} [{rows}, {k}]", logits, prior, f, State.Beta, Scale);
        }
    }
}
