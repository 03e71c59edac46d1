using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The fused categorical pass beyond what every row kernel is tried on: parts left out, masks, shapes that are refused.</summary>
public class CategoricalPassTests(Target target) : AcceleratorSuite(target)
{
    private const float Scale = 0.125f;
    private static readonly StepState State = new() { Scheduled = { Beta = 0.75f } };

    [Test]
    public void KlAlone_IsThatBesideLikelihoodsOfNothing([Values] bool gradients, [Values(2, 3, 8, 33)] int k)
    {
        Matrix logits = Upload(RowInputs.Make(InputKind.Normal, 3, k, 1), 3, k), prior = Upload(RowInputs.Make(InputKind.Normal, 3, k, 2), 3, k);
        PassOutputs alone = new(Device, Arena, 3, k), whole = new(Device, Arena, 3, k);
        CategoricalTerms terms = new() { Logits = logits, Prior = prior, Kl = alone.Kl.Matrix, LogitsGrad = gradients ? alone.LogitsGrad.Matrix : null };
        Run(list =>
        {
            CategoricalPass.Record(list, terms, Upload(State), Scale);
            CategoricalPass.Record(list, whole.Terms(logits, prior, Upload(new float[3 * k], 3, k)), Upload(State), Scale);
        });
        Assert.That(alone.Kl.Download(), Is.EqualTo(whole.Kl.Download()));
        if (gradients)
            Assert.That(alone.LogitsGrad.Download(), Is.EqualTo(whole.LogitsGrad.Download()));
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
        CategoricalPassReference<double>[] exact = [.. Enumerable.Range(0, 3).Select(row => CategoricalPassReference<double>.Of(
            Row(logits, row), Row(prior, row), Row(f, row), State.Scheduled.Beta, Scale))];
        Assert.That(outputs.Kl.Download(), Is.EqualTo(exact.Select(row => row.Kl)).Within(8 * Tolerance.Ulp(1)));
        Assert.That(outputs.Reconstruction.Download(), Is.EqualTo(exact.Select(row => row.Reconstruction)).Within(4 * Tolerance.Ulp(150)));
        foreach (float[] grad in new[] { outputs.LogitsGrad.Download(), outputs.PriorGrad.Download(), outputs.LogLikelihoodsGrad.Download() })
            Assert.That(Enumerable.Range(0, 3).Select(row => grad[(row * k) + (row % k)]), Is.All.Zero);

        double[] Row(float[] values, int row) => ByRow.As<double>(ByRow.Row(values, row, k));
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
}
