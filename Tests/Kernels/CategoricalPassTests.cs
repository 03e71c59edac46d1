using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The fused categorical pass against float64: all terms and all gradients, every kind of prior, both variants.</summary>
public class CategoricalPassTests(Target target) : AcceleratorSuite(target)
{
    private const float Scale = 0.125f;
    private static readonly StepState State = new() { Scheduled = { Beta = 0.75f } };

    /// <summary>How many rows of prior logits there are.</summary>
    public enum PriorRows
    {
        /// <summary>None: the uniform prior.</summary>
        Uniform,

        /// <summary>One, shared by all rows.</summary>
        Shared,

        /// <summary>One for each of 13 variables, again and again.</summary>
        Periodic,

        /// <summary>One for each of eight variables: where rows are packed, in whole vectors.</summary>
        PeriodicByEight,

        /// <summary>One for each row.</summary>
        PerRow,
    }

    [Test]
    public void Terms_MatchFloat64([Values] InputKind kind, [Values(PriorRows.Uniform, PriorRows.PerRow)] PriorRows prior) =>
        Verify(kind, prior, InputKind.Normal, RowInputs.Shapes(Target, kind).Where(shape => shape.Rows != 130));

    [Test]
    public void Terms_MatchFloat64ForSharedPriors([Values(PriorRows.Shared, PriorRows.Periodic)] PriorRows prior) =>
        Verify(InputKind.Normal, prior, InputKind.Normal, RowInputs.Shapes(Target).Where(shape => shape.Rows % 13 == 0));

    [Test]
    public void Terms_MatchFloat64ForPriorsInWholeVectors() =>
        Verify(InputKind.Normal, PriorRows.PeriodicByEight, InputKind.Normal, [(8, 2), (72, 2), (24, 4), (40, 8), (16, 10)]);

    [Test]
    public void Terms_MatchFloat64ForEveryKindOfPrior([Values(InputKind.Outliers, InputKind.Hundreds, InputKind.Huge, InputKind.NanRow)] InputKind priorKind) =>
        Verify(InputKind.Normal, PriorRows.PerRow, priorKind, RowInputs.Shapes(Target, priorKind));

    [Test]
    public void Terms_MatchFloat64InLongRows([Values(PriorRows.Uniform, PriorRows.PerRow)] PriorRows prior) =>
        Verify(InputKind.Normal, prior, InputKind.Normal, RowInputs.LongRows(Target));

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
        outputs.Verify($"KL alone [3, {k}]", logits, prior, null, State.Scheduled.Beta, Scale, gradients ? PassParts.Kl | PassParts.LogitsGrad : PassParts.Kl);
    }

    /// <summary>Weights of the two sides and free bits, which some rows stay below and some do not.</summary>
    [Test]
    public void Objective_WeighsTheGradientsAlone(
        [Values(PriorRows.Uniform, PriorRows.PerRow)] PriorRows priorRows, [Values(2, 3, 8, 33)] int k, [Values(0f, 0.8f)] float freeBits)
    {
        const int Rows = 65;
        KlObjective objective = new() { PosteriorWeight = 0.3f, PriorWeight = 1.75f, InformationWeight = 0.5f, FreeBits = freeBits };
        float[] logits = RowInputs.Make(InputKind.Normal, Rows, k, 1), f = RowInputs.LogLikelihoods(Rows, k, 2);
        float[]? prior = priorRows == PriorRows.Uniform ? null : RowInputs.Make(InputKind.Normal, Rows, k, 3);
        PassOutputs outputs = new(Device, Arena, Rows, k);
        CategoricalTerms terms = outputs.Terms(
            Upload(logits, Rows, k), prior is null ? null : Upload(prior, Rows, k), Upload(f, Rows, k)) with
        { Objective = objective };
        Run(list => CategoricalPass.Record(list, terms, Upload(State), Scale));
        outputs.Verify($"{objective} [{Rows}, {k}]", logits, prior, f, State.Scheduled.Beta, Scale, objective: objective);
        if (freeBits > 0 && prior is not null)
            Assert.That(outputs.Kl.Download(), Has.Some.LessThan(freeBits).And.Some.GreaterThan(freeBits), "the threshold decides nothing");
    }

    [Test]
    public void LikelihoodGradient_MayReplaceTheLikelihoods([Values(10, 33)] int k)
    {
        float[] logits = RowInputs.Make(InputKind.Normal, 3, k, 1), f = RowInputs.LogLikelihoods(3, k, 2);
        Matrix shared = Upload(f, 3, k);
        PassOutputs outputs = new(Device, Arena, 3, k);
        CategoricalTerms terms = outputs.Terms(Upload(logits, 3, k), Upload(logits, 3, k), shared) with { LogLikelihoodsGrad = shared };
        Run(list => CategoricalPass.Record(list, terms, Upload(State), Scale));
        outputs.Verify($"in place [3, {k}]", logits, logits, f, State.Scheduled.Beta, Scale, PassParts.All & ~PassParts.LogLikelihoodsGrad);
        double[] q = ByRow.Map<double>(logits, k, SoftmaxReference.Softmax);
        Assert.That(Device.Download(shared.View).Zip(q, (a, b) => Math.Abs(a + (Scale * b))).Max(), Is.LessThan(Tolerance.Ulp(1)));
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
        outputs.Verify($"masked in both [3, {k}]", logits, prior, f, State.Scheduled.Beta, Scale);
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

    [Test]
    public void Repeats_AreBitIdentical([Values(10, 257)] int k)
    {
        PassOutputs outputs = new(Device, Arena, 3, k);
        Matrix[] inputs = [.. Enumerable.Range(1, 3).Select(seed => Upload(RowInputs.Make(InputKind.Normal, 3, k, seed), 3, k))];
        LaunchList list = new(Device);
        CategoricalPass.Record(list, outputs.Terms(inputs[0], inputs[1], inputs[2]), Upload(State), Scale);
        Repetition.IsBitIdentical(() =>
        {
            list.Replay();
            Device.Wait();
            return
            [
                outputs.Kl.Download(),
                outputs.Reconstruction.Download(),
                outputs.LogitsGrad.Download(),
                outputs.PriorGrad.Download(),
                outputs.LogLikelihoodsGrad.Download(),
            ];
        });
    }

    private void Verify(InputKind kind, PriorRows priorRows, InputKind priorKind, IEnumerable<(int Rows, int K)> shapes)
    {
        foreach ((int rows, int k) in shapes)
        {
            int p = priorRows switch { PriorRows.Shared => 1, PriorRows.Periodic => 13, PriorRows.PeriodicByEight => 8, _ => rows };
            float[] logits = RowInputs.Make(kind, rows, k, 1), f = RowInputs.LogLikelihoods(rows, k, 2);
            float[]? prior = priorRows == PriorRows.Uniform ? null : RowInputs.Make(priorKind, p, k, 3);
            PassOutputs outputs = new(Device, Arena, rows, k);
            CategoricalTerms terms = outputs.Terms(Upload(logits, rows, k), prior is null ? null : Upload(prior, p, k), Upload(f, rows, k));
            Run(list => CategoricalPass.Record(list, terms, Upload(State), Scale));
            outputs.Verify($"{kind}, {priorRows} prior {priorKind} [{rows}, {k}]", logits, prior, f, State.Scheduled.Beta, Scale);
        }
    }
}
