using System.Diagnostics;
using System.Globalization;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training;
using IlgpuVae.Training.Audit;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Evaluation;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Bench;

/// <summary>
/// Estimators learning the same model on the same data for the same number of steps: losses with hard samples, time of a step and, where the joint codes can
/// be summed, bias and deviation of the gradient along the way.
/// </summary>
internal sealed class Learning(ComputeDevice device, TrainingOptions basis, int steps)
{
    // Measurements along the way, and examples of the training split that the last one looks at.
    private const int Measurements = 4;
    private const int TrainExamples = 10_000;
    private const int MostRowsAnExample = 64;
    private const int AuditDraws = 128;
    private const int AuditBatch = 32;

    private readonly DataSplits data = basis.ReadData();

    /// <summary>
    /// The setting of ReinMax's paper: grey MNIST as targets of a Bernoulli likelihood, 4 variables of 8 categories, 784-512-256 and its mirror, uniform prior,
    /// batches of 100.
    /// </summary>
    internal static TrainingOptions ReinMaxSetting(string folder) => new()
    {
        Data = folder,
        Binarize = Binarisation.None,
        Latents = 4,
        Categories = 8,
        Encoder = [512, 256],
        Decoder = [256, 512],
        Batch = 100,
        LearningRate = "5e-4",
        Beta = "1",
    };

    /// <summary>Structured prediction: the lower half of a binarised picture from its upper half, 20 variables of 10 categories, a conditional prior.</summary>
    internal static TrainingOptions StructuredPrediction(string folder) => new()
    {
        Data = folder,
        Condition = "top-half",
        Prior = "conditional",
        Latents = 20,
        Categories = 10,
        Encoder = [256],
        Decoder = [256],
        PriorNetwork = [256],
        Batch = 100,
        LearningRate = "5e-4",
        Beta = "1",
    };

    /// <summary>The built-in data with 3 variables of 4 categories: what a first try of the program is.</summary>
    internal static TrainingOptions BuiltIn { get; } = new() { Data = "glyphs", Latents = 3, Categories = 4 };

    /// <summary>Binarised digits with 20 variables of 10 categories.</summary>
    internal static TrainingOptions Large(string folder) => new() { Data = folder, Latents = 20, Categories = 10 };

    /// <summary>Every estimator as it is where nothing is said of it.</summary>
    internal static IReadOnlyList<(string Label, TrainingOptions Options)> Defaults(TrainingOptions basis) =>
        [.. EstimatorChoice.Names.Select(name => (name, basis with { Estimator = name }))];

    /// <summary>
    /// Every estimator in the settings its paper starts from; in ReinMax's setting at the temperatures which that paper found best for it (its table 8).
    /// </summary>
    internal static IReadOnlyList<(string Label, TrainingOptions Options)> Estimators(TrainingOptions basis) =>
    [
        .. EstimatorChoice.Names.Where(name => name != "reinforce")
        .Select(name => (name, basis with { Estimator = name, Temperature = basis.Condition is null ? BestTemperature(name) : null })),
        ("reinforce, moving average", basis with { Estimator = "reinforce", Samples = 1, Baseline = "moving-average" }),
        ("reinforce, learned baseline", basis with { Estimator = "reinforce", Samples = 1, Baseline = "learned" }),
        ("reinforce, leave-one-out, S = 2", basis with { Estimator = "reinforce", Samples = 2 }),
        ("reinforce, leave-one-out, S = 4", basis with { Estimator = "reinforce", Samples = 4 }),
    ];

    /// <summary>Several seeds of one estimator as a line for the screen: mean, worst and best of the test ELBOs.</summary>
    internal static string Line(string label, IReadOnlyList<LearningRow> seeds) => string.Create(
        CultureInfo.InvariantCulture,
        $"{label,-34} {seeds.Count} seeds  test {seeds.Average(row => row.TestElbo),8:F2}  from {seeds.Min(row => row.TestElbo),8:F2} to "
            + $"{seeds.Max(row => row.TestElbo),8:F2}");

    private static string? BestTemperature(string estimator) => estimator switch
    {
        "straight-through" or "reinmax" => "1.3",
        "st-gumbel-softmax" or "gumbel-rao" => "0.5",
        "gumbel-softmax" => "exponential:1:0.5",
        _ => null,
    };

    /// <summary>Trains one of them.</summary>
    /// <exception cref="InputException">It cannot work on this model, or would take too long.</exception>
    internal LearningRow Run(string label, TrainingOptions options)
    {
        int width = options.Latents * options.Categories;
        if (options.Estimator == "local-expectation" && width > MostRowsAnExample)
            throw new InputException($"it decodes {width} rows an example, and more than {MostRowsAnExample} take too long here.");
        RunPlan plan = RunPlan.Make(options with { Steps = steps }, data, device);
        using DiscreteVae vae = new(device, plan.Design, plan.Settings.Seed);
        DeviceData train = new(device, vae.Arena, plan.Splits.Train);
        using TrainingStep step = new(vae, train, plan.Settings);
        List<LearningPoint> points = [];
        Stopwatch training = new();
        int done = 0;
        for (int measurement = 1; measurement <= Measurements; measurement++)
        {
            int until = (int)((long)steps * measurement / Measurements);
            training.Start();
            for (; done < until; done++)
                step.Run();
            device.Wait();
            training.Stop();
            StepState state = step.ReadState();
            step.WriteState(state with { Sums = default, SummedSteps = 0 });
            double elbo = (state.Sums.Reconstruction - state.Sums.Kl) / state.SummedSteps;
            points.Add(new LearningPoint(done, elbo, Audit(vae, train, plan, state.Scheduled.Temperature)));
        }

        long bytes = vae.Arena.UsedBytes;
        EvaluationReport onTrain = new Evaluator(vae, plan.Splits.Train.First(TrainExamples), plan.Settings.Seed).Run();
        EvaluationReport onTest = new Evaluator(vae, plan.Splits.Test ?? throw new InputException($"{basis.Data} has no test split."), plan.Settings.Seed)
            .Run();
        return new LearningRow
        {
            Estimator = label,
            Steps = steps,
            Seed = plan.Settings.Seed,
            TrainElbo = onTrain.Elbo,
            TestElbo = onTest.Elbo,
            TestLogLikelihood = onTest.LogLikelihood,
            MillisecondsPerStep = training.Elapsed.TotalMilliseconds / steps,
            DecodedRows = step.Estimator.DecodedRows,
            DeviceBytes = bytes,
            Points = points,
        };
    }

    // At the parameters and the temperature of the run, its own estimator against the exact gradient; what an estimator trains for itself starts afresh and is
    // tuned.
    private static LearningAudit? Audit(DiscreteVae vae, DeviceData train, RunPlan plan, float temperature)
    {
        if (Math.Pow(vae.Design.Categories, vae.Design.Latents) > EstimatorAudit.MostJointCodes)
            return null;
        EstimatorAudit audit = new(vae, train, new AuditSettings { Batch = AuditBatch, Draws = AuditDraws, Seed = plan.Settings.Seed });
        AuditedRow row = audit.Run([new AuditedEstimator(plan.Estimator.Name, temperature, plan.Estimator.Build)]).Estimators[^1];
        return new LearningAudit(row.RelativeBias, row.NoiseFloor, row.StandardDeviation, row.CosineOfDraw);
    }

    /// <summary>One line for the screen.</summary>
    internal static string Line(LearningRow row)
    {
        string audits = string.Join("  ", row.Points.Select(point => point.Gradient is { } gradient
            ? string.Create(CultureInfo.InvariantCulture, $"{gradient.RelativeBias:F2} +- {gradient.RelativeDeviation:F1}")
            : string.Create(CultureInfo.InvariantCulture, $"{point.TrainElbo:F1}")));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Estimator,-34} train {row.TrainElbo,8:F2}  test {row.TestElbo,8:F2}  {row.MillisecondsPerStep,7:F2} ms  {row.DecodedRows,5} rows   "
                + $"{audits}");
    }
}
