using System.Diagnostics;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Evaluation;
using IlgpuVae.Training.Runs;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Training;

/// <summary>How far a run has come.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Elbo">Mean training ELBO since the last line, nats, or null before the first.</param>
/// <param name="Kl">Mean KL since the last line, nats.</param>
/// <param name="HeldElbo">ELBO of the last evaluation on held-out examples, nats.</param>
public sealed record TrainingProgress(int Step, int Steps, double? Elbo, double? Kl, double? HeldElbo);

/// <summary>What a run came to.</summary>
/// <param name="Report">The last evaluation, on the whole held-out split.</param>
/// <param name="TrainingSeconds">Time spent on steps, evaluations on the way included.</param>
/// <param name="PeakDeviceBytes">Device memory used.</param>
/// <param name="StepMode">How the step was run.</param>
/// <param name="MeanPosterior">How often each category is used on the held-out split, [N, K].</param>
public sealed record TrainingResult(EvaluationReport Report, double TrainingSeconds, long PeakDeviceBytes, string StepMode, IReadOnlyList<double> MeanPosterior);

/// <summary>Trains a planned model into a run folder: steps, metrics, evaluations, checkpoints.</summary>
public sealed class Trainer : IDisposable
{
    // How often the display hears of progress between two lines of metrics.
    private const int ProgressPerLine = 10;

    private readonly RunPlan plan;
    private readonly RunFolder folder;
    private readonly TrainingStep step;
    private readonly Evaluator onTheWay;
    private readonly int firstStep;

    /// <summary>Builds the model and the step on <paramref name="device"/>; continues from the folder's checkpoint where asked to.</summary>
    public Trainer(ComputeDevice device, RunPlan plan, RunFolder folder, bool resume)
    {
        this.plan = plan;
        this.folder = folder;
        Vae = new DiscreteVae(device, plan.Design, plan.Settings.Seed, plan.Options.MemoryLimit << 20);
        try
        {
            step = new TrainingStep(Vae, new DeviceData(device, Vae.Arena, plan.Splits.Train), plan.Settings);
            onTheWay = new Evaluator(Vae, plan.Held.First(plan.Options.EvalExamples), plan.Settings.Seed);
            if (resume)
            {
                StepState state = TrainingCheckpoint.Read(folder.CheckpointPath, Vae, forTraining: true, step.Estimator.Memory);
                step.WriteState(state);
                firstStep = state.Step;
            }
        }
        catch
        {
            Vae.Dispose();
            throw;
        }
    }

    /// <summary>The model.</summary>
    public DiscreteVae Vae { get; }

    /// <summary>How a step is run.</summary>
    public string StepMode => step.Mode;

    /// <summary>Kernel launches a step.</summary>
    public int LaunchesPerStep => step.Launches.Count;

    /// <summary>Trains to the end of the plan.</summary>
    /// <exception cref="TrainingFailedException">The loss or the gradient is no longer finite; the last good checkpoint is kept.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; a checkpoint was written.</exception>
    public TrainingResult Run(Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        using MetricsLog log = firstStep > 0 ? MetricsLog.Resume(folder.MetricsPath, firstStep) : MetricsLog.Create(folder.MetricsPath);
        Stopwatch watch = Stopwatch.StartNew();
        double? elbo = null, kl = null, heldElbo = null;
        TrainingOptions options = plan.Options;
        int beat = Math.Max(1, options.LogEvery / ProgressPerLine);
        for (int done = firstStep + 1; done <= plan.Steps; done++)
        {
            step.Run();
            bool end = done == plan.Steps;
            if (done % options.LogEvery == 0 || end)
                (elbo, kl) = LogStep(log, watch);
            if (options.EvalEvery > 0 && done % options.EvalEvery == 0 && !end)
                heldElbo = LogEvaluation(log, done);
            if (done % options.CheckpointEvery == 0 || end || cancellation.IsCancellationRequested)
                SaveCheckpoint(log);
            cancellation.ThrowIfCancellationRequested();
            if (done % beat == 0 || end)
                progress?.Invoke(new TrainingProgress(done, plan.Steps, elbo, kl, heldElbo));
        }

        Vae.Device.Wait();
        double seconds = watch.Elapsed.TotalSeconds;
        Evaluator whole = new(Vae, plan.Held, plan.Settings.Seed);
        EvaluationReport report = whole.Run(plan.Splits.Truth);
        log.Append(plan.Steps, Values(report));
        log.Flush();
        return new TrainingResult(report, seconds, Vae.Arena.UsedBytes, step.Mode, whole.MeanPosterior);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        step.Dispose();
        Vae.Dispose();
    }

    private (double Elbo, double Kl) LogStep(MetricsLog log, Stopwatch watch)
    {
        StepState state = step.ReadState();
        if (state.FirstBadStep > 0)
            throw StopAt(state, log);
        double reconstruction = state.ReconstructionSum / state.SummedSteps;
        double kl = state.KlSum / state.SummedSteps;
        log.Append(state.Step, new Dictionary<string, double>
        {
            ["epoch"] = (double)state.Step * plan.Settings.Batch / plan.Splits.Train.Count,
            ["elbo"] = reconstruction - kl,
            ["reconstruction"] = reconstruction,
            ["kl"] = kl,
            ["gradient_norm"] = state.GradientNormSum / state.SummedSteps,
            ["learning_rate"] = state.LearningRate,
            ["beta"] = state.Beta,
            ["temperature"] = state.Temperature,
            ["seconds"] = watch.Elapsed.TotalSeconds,
        });
        step.WriteState(state with { ReconstructionSum = 0, KlSum = 0, GradientNormSum = 0, SummedSteps = 0 });
        return (reconstruction - kl, kl);
    }

    private double LogEvaluation(MetricsLog log, int done)
    {
        EvaluationReport report = onTheWay.Run();
        log.Append(done, Values(report));
        return report.Elbo;
    }

    private Dictionary<string, double> Values(EvaluationReport report)
    {
        Dictionary<string, double> values = new()
        {
            [$"{plan.HeldName}_elbo"] = report.Elbo,
            [$"{plan.HeldName}_reconstruction"] = report.Reconstruction,
            [$"{plan.HeldName}_kl"] = report.Kl,
            [$"{plan.HeldName}_perplexity"] = report.Perplexity,
            [$"{plan.HeldName}_codes_used"] = report.CodesUsed,
            [$"{plan.HeldName}_examples"] = report.Examples,
        };
        if (report.LogLikelihood is { } logLikelihood)
            values[$"{plan.HeldName}_log_likelihood"] = logLikelihood;
        return values;
    }

    // The metrics reach the disk before the checkpoint that counts on them.
    private void SaveCheckpoint(MetricsLog log)
    {
        StepState state = step.ReadState();
        if (state.FirstBadStep > 0)
            throw StopAt(state, log);
        log.Flush();
        TrainingCheckpoint.Write(folder.CheckpointPath, Vae, state, step.Estimator.Memory);
    }

    private TrainingFailedException StopAt(StepState state, MetricsLog log)
    {
        // Nothing was updated from the bad step on, so the state before it is still there.
        log.Flush();
        TrainingCheckpoint.Write(folder.CheckpointPath, Vae, state with { Step = state.FirstBadStep - 1, FirstBadStep = 0 }, step.Estimator.Memory);
        string cure = plan.Options.Likelihood == "gaussian" && plan.Options.Noise is null ? "--noise, a lower --learning-rate or --clip-norm 10" : "a lower --learning-rate or --clip-norm 10";
        return new TrainingFailedException(
            $"The loss or its gradient is not finite at step {state.FirstBadStep}. Try {cure}; the parameters before that step are in {folder.CheckpointPath}.");
    }
}
