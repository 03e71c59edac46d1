using ILGPU.Runtime;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Audit;
using IlgpuVae.Training.Estimators;

namespace IlgpuVae.Tests.Audits;

/// <summary>Audits of a tiny model: what is known about the estimators comes out, and what is wrong with a broken one is caught.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public sealed class EstimatorAuditTests(Target target) : IDisposable
{
    private const int Draws = 256;

    private readonly ComputeDevice device = target.Open();

    [OneTimeTearDown]
    public void Dispose() => device.Dispose();

    [Test]
    public void Exact_HasNeitherBiasNorVariance([Values(1, 2)] int latents)
    {
        using AuditedModel model = new(device, latents, 3);
        AuditedRow exact = model.Run(Draws, model.Named(null, "exact")).Estimators.Single();
        Assert.That((exact.RelativeBias, exact.StandardDeviation, exact.Verdict), Is.EqualTo((0.0, 0.0, AuditVerdict.NoBiasFound)));
        Assert.That((exact.CosineOfDraw, exact.CosineOfMean), Is.EqualTo((1.0, 1.0)).Within(1e-6));
        Assert.That(exact.DetectableBias, Is.LessThan(1e-3), "only rounding would go unseen");
        Assert.That(exact.Draws, Is.LessThan(Draws), "draws that do not differ are not repeated");
        Assert.That(exact.DecodedRows, Is.EqualTo(Math.Pow(3, latents)));
        Assert.That(exact.MemoryBytes, Is.Positive);
        Assert.That(exact.Milliseconds, Is.Positive);
    }

    [Test]
    public void LocalExpectation_OfOneVariableIsExactButForRounding()
    {
        using AuditedModel model = new(device, 1, 4);
        AuditedRow row = model.Run(Draws, model.Named(null, "local-expectation")).Estimators.Single();
        Assert.That(row.Verdict, Is.EqualTo(AuditVerdict.NoBiasFound));
        Assert.That(row.RelativeBias, Is.LessThan(1e-5));
    }

    [Test]
    public void WhatIsUnbiased_IsCalledUnbiased()
    {
        using AuditedModel model = new(device, 2, 2);
        AuditReport report = model.Run(Draws, model.Named(null, "local-expectation", "reinforce", "disarm"));
        foreach (AuditedRow row in report.Estimators)
        {
            Assert.That(row.Verdict, Is.EqualTo(AuditVerdict.NoBiasFound), $"{row.Label}: z {row.OmnibusZ}, {row.LargestZ}");
            Assert.That(row.Draws, Is.EqualTo(Draws), row.Label);
            Assert.That(row.NoiseFloor, Is.EqualTo(row.StandardDeviation / Math.Sqrt(Draws)).Within(1e-9), row.Label);
            Assert.That(row.CosineOfMean, Is.GreaterThan(row.CosineOfDraw), row.Label);
        }

        AuditedRow Named(string label) => report.Estimators.Single(row => row.Label == label);
        Assert.That(Named("reinforce, leave-one-out, S = 4").StandardDeviation, Is.LessThan(Named("reinforce, none, S = 4").StandardDeviation));
        Assert.That(Named("reinforce, none, S = 4").DecodedRows, Is.EqualTo(2 * Named("reinforce, none, S = 2").DecodedRows));
        Assert.That(
            Named("reinforce, none, S = 2").StandardDeviation / Named("reinforce, none, S = 4").StandardDeviation, Is.EqualTo(Math.Sqrt(2)).Within(0.25));
    }

    [Test]
    public void WhatIsBiased_IsCalledBiased()
    {
        using AuditedModel model = new(device, 2, 3);
        foreach (AuditedRow row in model.Run(Draws, model.Named(null, "straight-through", "gumbel-softmax", "st-gumbel-softmax", "gumbel-rao")).Estimators)
        {
            Assert.That(row.Verdict, Is.EqualTo(AuditVerdict.Biased), row.Label);
            Assert.That(row.RelativeBias, Is.GreaterThan(row.NoiseFloor), row.Label);
        }
    }

    [Test]
    public void LowerTemperature_MeansLessBiasAndMoreVariance()
    {
        using AuditedModel model = new(device, 2, 3);
        AuditedRow[] rows = [.. model.Run(Draws, [.. model.Named(2f, "gumbel-softmax"), .. model.Named(0.4f, "gumbel-softmax")]).Estimators];
        Assert.That(rows.Select(row => row.Temperature), Is.EqualTo(new[] { 2.0, 0.4 }).Within(1e-6));
        Assert.That(rows[1].RelativeBias, Is.LessThan(rows[0].RelativeBias));
        Assert.That(rows[1].StandardDeviation, Is.GreaterThan(rows[0].StandardDeviation));
    }

    [Test]
    public void Vimco_IsNotCalledBiased()
    {
        using AuditedModel model = new(device, 2, 3);
        AuditedRow row = model.Run(Draws, model.Named(null, "vimco")).Estimators[0];
        Assert.That(row.Verdict, Is.EqualTo(AuditVerdict.OtherObjective));
        Assert.That(row.Objective, Is.EqualTo("the 2-sample bound"));
        Assert.That(row.LargestZ, Is.GreaterThan(5), "its mean is another gradient all the same");
    }

    [Test]
    public void BrokenEstimators_AreCaught()
    {
        using AuditedModel model = new(device, 2, 3);
        AuditedEstimator good = model.Named(null, "local-expectation")[0];
        AuditReport report = model.Run(Draws,
        [
            good,
            new AuditedEstimator("KL alone", 1f, inputs => new AlteredEstimator(inputs, good.Build(inputs), inputs.Latent.RecordKl)),
            new AuditedEstimator(
                "one number missing",
                1f,
                inputs =>
                    new AlteredEstimator(
                        inputs,
                        good.Build(inputs),
                        list => list.Add("forget", default, stream => inputs.Latent.LogitsGrad.View.SubView(0, 1).MemSetToZero(stream)))),
        ]);
        Assert.That(report.Estimators.Select(row => row.Verdict), Is.EqualTo(new[] { AuditVerdict.NoBiasFound, AuditVerdict.Biased, AuditVerdict.Biased }));
    }

    [Test]
    public void OwnParameters_AreTunedBeforeTheMeasurementAndNotDuringIt()
    {
        using AuditedModel model = new(device, 2, 3);
        AlteredEstimator? altered = null;
        AuditedEstimator tuned = new("tuned", 1f, inputs =>
        {
            ParameterSet own = new();
            _ = own.Declare("own", 1, 1, ParameterLayout.Matrix, ParameterStart.Zero);
            own.Allocate(device, inputs.Vae.Arena, seed: 1);
            device.Upload<float>(own.All[0].Gradient.View, [2f]);
            return altered = new AlteredEstimator(inputs, model.Named(null, "local-expectation")[0].Build(inputs), _ => { }, own);
        });
        AuditedRow[] rows = [.. model.Run(128, [tuned]).Estimators];
        Assert.That(rows.Select(row => (row.Label, row.TunedSteps)), Is.EqualTo(new (string, int?)[] { ("tuned, untuned", 0), ("tuned", 20) }));

        // Adam with a gradient that stays the same goes one rate a step.
        Assert.That(device.Download(altered!.Auxiliary!.Values)[0], Is.EqualTo(-20 * altered.AuxiliaryRate).Within(1e-4));
    }

    [Test]
    public void All_HoldsEveryEstimatorThatTheModelAllows()
    {
        List<(string Name, InputException Why)> leftOut = [];
        VaeDesign design = new() { DataWidth = 4, Latents = 2, Categories = 3 };
        IReadOnlyList<AuditedEstimator> all = AuditedEstimator.All(design, 8, device, null, leftOut);
        Assert.That(all.Select(audited => audited.Label), Is.Unique);
        Assert.That(leftOut.Select(left => left.Name), Is.EqualTo(new[] { "disarm" }));
        foreach (string name in EstimatorChoice.Names.Except(["disarm"]))
            Assert.That(all.Any(audited => audited.Label.StartsWith(name, StringComparison.Ordinal)), name);
        Assert.That(all.Single(audited => audited.Label == "gumbel-softmax").Temperature, Is.EqualTo(0.5f), "the end of its schedule");
    }

    [Test]
    public void ModelsWithoutAnExactGradient_AreRefused()
    {
        using AuditedModel many = new(device, 15, 2), one = new(device, 2, 1);
        Assert.That(() => many.Run(128, []), Throws.TypeOf<InputException>().With.Message.Contains("16,384").And.Message.Contains("Latents"));
        Assert.That(() => one.Run(128, []), Throws.TypeOf<InputException>().With.Message.Contains("Categories"));
    }

    /// <summary>An estimator with something done behind it.</summary>
    private sealed class AlteredEstimator(EstimatorInputs inputs, Estimator inner, Action<LaunchList> after, ParameterSet? auxiliary = null) : Estimator(inputs)
    {
        public override string Name => inner.Name;

        public override int DecodedRows => inner.DecodedRows;

        public override Matrix Reconstruction => inner.Reconstruction;

        public override ParameterSet? Auxiliary => auxiliary;

        public override float AuxiliaryRate => 0.01f;

        protected override bool BringsItsOwnKl => true;

        protected override void RecordRows(LaunchList list)
        {
            inner.Record(list);
            after(list);
        }
    }
}
