using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Training.Audit;

/// <summary>
/// Measures estimators against the exact gradient: one batch, gathered and encoded once; dL/dl [B, N K] summed exactly over all K^N joint codes; then many
/// draws of each estimator's dL/dl at the same parameters, with beta = 1. What it reserves stays in the model's arena.
/// </summary>
public sealed class EstimatorAudit
{
    /// <summary>The most joint codes K^N.</summary>
    public const int MostJointCodes = 16384;

    // Whose batch it is.
    private const int FirstStep = 1;

    // Sixteen units in the last place of a log-likelihood: what the exact sum and a decoded row may differ by.
    private const double Rounding = 1.0 / (1 << 20);

    private readonly DiscreteVae vae;
    private readonly AuditSettings settings;
    private readonly ArrayView<StepState> state;
    private readonly EstimatorInputs inputs;
    private readonly Matrix exact;
    private readonly double[] exactGradient, rounding;

    /// <summary>Gathers and encodes the batch and computes its exact gradient.</summary>
    /// <exception cref="InputException">The joint codes are too many, or there is no gradient to compare with.</exception>
    public EstimatorAudit(DiscreteVae vae, DeviceData data, AuditSettings settings)
    {
        RequireEnumerable(vae.Design.Latents, vae.Design.Categories);
        this.vae = vae;
        this.settings = settings;
        state = vae.Arena.Allocate<StepState>(1, MemoryUse.Parameters);
        vae.Device.Upload<StepState>(state, [StepState.Start with { Step = FirstStep }]);
        BatchEncoder batch = new(vae, data, state, settings.Batch, training: false);
        inputs = new EstimatorInputs(vae, batch.Logits, batch.Statistic, batch.EncoderInput, state, settings.Seed, batch.Context);
        ExactEstimator estimator = new(inputs);
        LaunchList list = new(vae.Device);
        batch.Forward(list, BatchOrder.Shuffled, settings.Binarisation, settings.Seed);
        estimator.Record(list);
        batch.Fetch(FirstStep);
        list.Replay();

        float[] gradient = vae.Device.Download(inputs.Latent.LogitsGrad.View);
        exact = vae.Arena.Matrix(inputs.Latent.LogitsGrad.Rows, inputs.Latent.LogitsGrad.Columns, MemoryUse.Activations);
        vae.Device.Upload<float>(exact.View, gradient);
        exactGradient = [.. gradient.Select(value => (double)value)];
        float[] logLikelihood = vae.Device.Download(estimator.Reconstruction.View);

        // A log-likelihood is what is left of numbers as large as log h(x).
        float[] logBase = batch.Statistic.LogBase is { } h ? vae.Device.Download(h.View) : new float[settings.Batch];
        double[] magnitude = [.. logLikelihood.Zip(logBase, (f, b) => 1 + Math.Abs((double)f) + Math.Abs(b))];

        // A log-likelihood that is off by d puts a coordinate of the gradient off by q d / B.
        Matrix q = inputs.Latent.PerVariable(vae.Arena.Matrix(exact.Rows, exact.Columns, MemoryUse.Activations));
        LaunchList softmax = new(vae.Device);
        Softmax.Forward(softmax, inputs.Latent.PerVariable(batch.Logits), q);
        softmax.Replay();
        rounding = [.. vae.Device.Download(q.View).Select((probability, i) => Rounding * probability * magnitude[i / exact.Columns] / settings.Batch)];
        double norm = Math.Sqrt(exactGradient.Sum(value => value * value));
        if (!(norm > 0 && double.IsFinite(norm)))
            throw new InputException(
                $"The exact gradient of this batch has length {norm}, and there is nothing to compare with. Use 2 or more "
                    + $"{Setting.Of(nameof(VaeDesign.Categories))}, or a run whose parameters are finite.");
    }

    /// <summary>Checks that the joint codes can be enumerated for an audit.</summary>
    /// <exception cref="InputException">They are too many.</exception>
    public static void RequireEnumerable(int latents, int categories)
    {
        if (!(Math.Pow(categories, latents) <= MostJointCodes))
        {
            throw new InputException(
                $"An audit sums over all joint codes, and {latents} latents of {categories} categories have more of them than {MostJointCodes:N0}. Audit a "
                    + $"model with fewer {Setting.Of(nameof(VaeDesign.Latents))} or {Setting.Of(nameof(VaeDesign.Categories))}.");
        }
    }

    /// <summary>Measures estimators one after the other.</summary>
    /// <param name="estimators">The estimators.</param>
    /// <param name="progress">Told the label at work, and the share that is done of all.</param>
    public AuditReport Run(IReadOnlyList<AuditedEstimator> estimators, Action<string, double>? progress = null)
    {
        List<AuditedRow> rows = [];
        for (int i = 0; i < estimators.Count; i++)
            rows.AddRange(Measure(estimators[i], share => progress?.Invoke(estimators[i].Label, (i + share) / estimators.Count)));
        BiasTest test = new(exactGradient, rounding);
        return new AuditReport
        {
            Latents = vae.Design.Latents,
            Categories = vae.Design.Categories,
            Batch = settings.Batch,
            ExactNorm = test.ExactNorm,
            LargestZLimit = test.LargestZLimit,
            Estimators = rows,
        };
    }

    private List<AuditedRow> Measure(AuditedEstimator audited, Action<double> progress)
    {
        long before = vae.Arena.UsedBytes;
        Estimator estimator = audited.Build(inputs);
        long bytes = vae.Arena.UsedBytes - before;
        using GradientDraws draws = new(inputs, estimator, exact, audited.Temperature);
        AuditedRow Row(string label, int? tuned)
        {
            BiasTest test = new(exactGradient, rounding);
            double milliseconds = draws.WarmUp();
            draws.Take(test, settings.Draws, progress);
            return new AuditedRow
            {
                Label = label,
                Name = estimator.Name,
                Temperature = audited.Temperature,
                TunedSteps = tuned,
                Objective = estimator.OtherObjective,
                Draws = test.Draws,
                Verdict = estimator.OtherObjective is not null ? AuditVerdict.OtherObjective : test.FindsBias ? AuditVerdict.Biased : AuditVerdict.NoBiasFound,
                RelativeBias = Math.Sqrt(Math.Max(0, test.SquaredBias)) / test.ExactNorm,
                NoiseFloor = test.NoiseFloor / test.ExactNorm,
                DetectableBias = test.DetectableBias / test.ExactNorm,
                StandardDeviation = Math.Sqrt(test.TotalVariance) / test.ExactNorm,
                CosineOfDraw = test.CosineOfDraw,
                CosineOfMean = test.CosineOfMean,
                OmnibusZ = test.OmnibusZ,
                LargestZ = test.LargestZ,
                Milliseconds = milliseconds,
                DecodedRows = estimator.DecodedRows,
                MemoryBytes = bytes,
            };
        }

        if (estimator.Auxiliary is not { } auxiliary)
            return [Row(audited.Label, null)];
        AuditedRow untuned = Row($"{audited.Label}, untuned", 0);
        if (settings.Tune == 0)
            return [untuned];
        draws.Tune(auxiliary, settings.Tune);
        return [untuned, Row(audited.Label, settings.Tune)];
    }
}
