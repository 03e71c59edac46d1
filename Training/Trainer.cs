using System.Diagnostics;
using System.Globalization;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Evaluation;
using IlgpuVae.Training.Runs;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Training;

/// <summary>How far a run has come.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Means">The means of the metrics since the last line, or null before the first.</param>
/// <param name="HeldElbo">ELBO of the last evaluation on held-out examples, nats.</param>
public sealed record TrainingProgress(int Step, int Steps, StepMetrics<float>? Means, double? HeldElbo)
{
    /// <summary>Mean training ELBO since the last line, nats, or null before the first.</summary>
    public double? Elbo => Means is { } means ? (double)means.Reconstruction - means.Kl : null;
}

/// <summary>What a run came to.</summary>
/// <param name="Report">The last evaluation, on the whole held-out split.</param>
/// <param name="TrainingSeconds">Time spent on steps, evaluations on the way included.</param>
/// <param name="PeakDeviceBytes">Device memory used.</param>
/// <param name="StepMode">How the step was run.</param>
/// <param name="MeanPosterior">How often each category is used on the held-out split, [N, K].</param>
public sealed record TrainingResult(
    EvaluationReport Report, double TrainingSeconds, long PeakDeviceBytes, string StepMode, IReadOnlyList<double> MeanPosterior)
{
    /// <summary>Steps done, fewer than planned where patience ran out.</summary>
    public required int Steps { get; init; }

    /// <summary>The last step's ELBO on the examples that <see cref="Best"/> was chosen by, nats.</summary>
    public required double HeldElbo { get; init; }

    /// <summary>The step that is kept in <c>best.safetensors</c>.</summary>
    public required BestStep Best { get; init; }
}

/// <summary>Trains a planned model into a run folder: steps, metrics, evaluations, checkpoints.</summary>
public sealed class Trainer : IDisposable
{
    // How often the display hears of progress between two lines of metrics.
    private const int ProgressPerLine = 10;

    private readonly RunPlan plan;
    private readonly TrainingStep step;
    private readonly Evaluator onTheWay, whole;

    // A checkpoint is written before its step's lines of metrics, and whoever continues from it writes them, again or for the first time. The one
    // exception is a checkpoint that a failure left behind, which may be of a step whose sums are in the metrics already.
    private bool isLogged;

    private BestStep? best;

    private RunFolder? folder;
    private IDisposable? claim;
    private MetricsLog? log;

    /// <summary>
    /// Builds the model and the step on <paramref name="device"/> and reserves all the memory that training and evaluating take, so that a run that starts does
    /// not run out of it later. Nothing is written to the disk.
    /// </summary>
    /// <param name="device">Where to train.</param>
    /// <param name="plan">What to train.</param>
    /// <param name="checkpoint">The checkpoint to continue from, or null to start afresh.</param>
    /// <exception cref="InputException">The model does not fit the device, or the checkpoint not the model.</exception>
    public Trainer(ComputeDevice device, RunPlan plan, string? checkpoint = null)
    {
        this.plan = plan;
        Vae = new DiscreteVae(device, plan.Design, plan.Settings.Seed, plan.Options.MemoryLimit << 20);
        try
        {
            step = new TrainingStep(Vae, plan.TrainingData(Vae), plan.Settings);
            double volume = plan.Contract.LogVolume;
            whole = new Evaluator(Vae, plan.Held, plan.Settings.Seed, stream: plan.Options.Stream) { LogVolume = volume };
            onTheWay = plan.Options.EvalExamples >= plan.Held.Count
                ? whole
                : new Evaluator(Vae, plan.Held.First(plan.Options.EvalExamples), plan.Settings.Seed, stream: plan.Options.Stream) { LogVolume = volume };
            if (checkpoint is not null)
                Restore(checkpoint);
        }
        catch (OverflowException tooLarge)
        {
            Vae.Dispose();
            throw new InputException(
                $"A matrix of this model has more than 2^31 numbers. Use a smaller {Setting.Of(nameof(TrainingOptions.Batch))}, narrower layers "
                    + $"({Setting.Of(nameof(TrainingOptions.Encoder))}, {Setting.Of(nameof(TrainingOptions.Decoder))}), or fewer "
                    + $"{Setting.Of(nameof(TrainingOptions.Latents))} or "
                    + $"{Setting.Of(nameof(TrainingOptions.Categories))}.",
                tooLarge);
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

    /// <summary>The step of the newest checkpoint, 0 before the first.</summary>
    public int SavedStep { get; private set; }

    /// <summary>
    /// Takes possession of the run's folder: keeps other processes out, opens the metrics and writes the settings. Whatever can be wrong with a folder shows
    /// here.
    /// </summary>
    /// <exception cref="InputException">Another process is training into the folder, or its metrics are damaged.</exception>
    public void Begin(RunFolder folder)
    {
        this.folder = folder;
        claim = folder.Claim();
        log = SavedStep > 0 ? MetricsLog.Resume(folder.MetricsPath, isLogged ? SavedStep : SavedStep - 1) : MetricsLog.Create(folder.MetricsPath);

        // On other data the ELBO of the best step so far says nothing of the next ones.
        if (SavedStep > 0 && File.Exists(folder.BestPath) && folder.IsOf(plan.Contract))
            best = TrainingCheckpoint.ReadBest(folder.BestPath);
        folder.WriteConfig(RunConfig.Of(plan, Vae.Device));
        folder.WriteContract(plan.Contract);
    }

    /// <summary>Trains to the end of the plan, into the folder of <see cref="Begin"/>.</summary>
    /// <exception cref="TrainingFailedException">The loss or the gradient is no longer finite; the last good checkpoint is kept.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; a checkpoint was written.</exception>
    public TrainingResult Run(Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (log is null || folder is null)
            throw new InvalidOperationException("there is no folder to train into: call Begin first.");
        Stopwatch watch = Stopwatch.StartNew();
        TrainingProgress now = new(SavedStep, plan.Steps, null, null);
        if (SavedStep > 0 && !isLogged)
            now = Log(log, folder, watch, now);
        int beat = Math.Max(1, plan.Options.LogEvery / ProgressPerLine);
        while (now.Step < plan.Steps && !IsOutOfPatience(now.Step))
        {
            now = now with { Step = now.Step + 1 };
            step.Run();
            bool end = now.Step == plan.Steps;
            bool stop = cancellation.IsCancellationRequested && !end;
            if (now.Step % plan.Options.CheckpointEvery == 0 || end || stop)
                SaveCheckpoint(log, folder);
            if (stop)
                throw new OperationCanceledException(cancellation);
            now = Log(log, folder, watch, now);
            if (now.Step % beat == 0 || end)
                progress?.Invoke(now);
        }

        if (SavedStep < now.Step)
            SaveCheckpoint(log, folder);
        Vae.Device.Wait();
        double seconds = watch.Elapsed.TotalSeconds;
        EvaluationReport report = whole.Run(plan.Truth), last = onTheWay == whole ? report : onTheWay.Run();

        // The course of training ends as it went, on the same examples; out of patience, its last step is there already.
        if (onTheWay != whole && now.Step == plan.Steps)
            log.Append(now.Step, Values(last));
        log.Append(now.Step, Values(report));
        log.Flush();
        double held = last.Elbo;
        KeepBest(folder, now.Step, held);
        return new TrainingResult(report, seconds, Vae.Arena.UsedBytes, step.Mode, whole.MeanPosterior)
        {
            Steps = now.Step,
            HeldElbo = held,
            Best = best!,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        log?.Dispose();
        claim?.Dispose();
        step.Dispose();
        Vae.Dispose();
    }

    private void Restore(string checkpoint)
    {
        StepState state = TrainingCheckpoint.Read(checkpoint, Vae, forTraining: true, step.Estimator);
        if (state.Step > plan.Steps)
            throw new InputException(
                $"{checkpoint} was saved at step {state.Step}, beyond the {plan.Steps} steps asked for. Give "
                    + $"{Setting.Of(nameof(TrainingOptions.Steps), state.Step)} or more.");
        step.WriteState(state);
        SavedStep = state.Step;
        isLogged = state.SummedSteps == 0;
    }

    // What a step leaves in the metrics.
    private TrainingProgress Log(MetricsLog log, RunFolder folder, Stopwatch watch, TrainingProgress now)
    {
        bool end = now.Step == plan.Steps;
        if (now.Step % plan.Options.LogEvery == 0 || end)
            now = LogStep(log, folder, watch, now);
        if (plan.Options.EvalEvery > 0 && now.Step % plan.Options.EvalEvery == 0 && !end)
        {
            EvaluationReport report = onTheWay.Run();
            log.Append(now.Step, Values(report));
            now = now with { HeldElbo = report.Elbo };
            KeepBest(folder, now.Step, report.Elbo);
        }

        return now;
    }

    // All evaluations on the way look at the same examples, so their ELBOs compare. A continued run that comes by the best step again leaves it as it is.
    private void KeepBest(RunFolder folder, int step, double elbo)
    {
        if (best is not null && !(elbo > best.Elbo) && !double.IsNaN(best.Elbo))
            return;
        TrainingCheckpoint.WriteBest(folder.BestPath, Vae, this.step.ReadState(), elbo);
        best = new BestStep(step, elbo);
    }

    private bool IsOutOfPatience(int done) =>
        plan.Options.Patience is { } patience && best is not null && done % plan.Options.EvalEvery == 0
        && done - Math.Max(best.Step, plan.Settings.Schedules.Beta.LastChange) >= (long)patience * plan.Options.EvalEvery;

    private TrainingProgress LogStep(MetricsLog log, RunFolder folder, Stopwatch watch, TrainingProgress now)
    {
        StepState state = step.ReadState();
        if (state.FirstBadStep > 0)
            throw StopAt(state, log, folder);

        // The step measures scaled data; what people read is in the data's own units.
        StepMetrics<float> means = state.Means with { Reconstruction = state.Means.Reconstruction - (float)plan.Contract.LogVolume };
        now = now with { Means = means };
        Dictionary<string, double> values = new()
        {
            ["epoch"] = (double)state.Step * plan.Settings.Batch / plan.Splits.Train.Count,
            ["elbo"] = now.Elbo!.Value,
        };
        foreach ((string name, float mean) in StepSlots.Of<float>(means).Where(metric => step.Measured.Contains(metric.Key)))
            values[name] = mean;
        foreach ((string name, float value) in StepSlots.Of<float>(state.Scheduled))
            values[name] = value;
        values["seconds"] = watch.Elapsed.TotalSeconds;
        log.Append(state.Step, values);
        step.WriteState(state with { Sums = default, SummedSteps = 0 });
        return now;
    }

    private Dictionary<string, double> Values(EvaluationReport report)
    {
        Dictionary<string, double> values = new()
        {
            [$"{plan.HeldName}_elbo"] = report.Elbo,
            [$"{plan.HeldName}_reconstruction"] = report.Reconstruction,
            [$"{plan.HeldName}_kl"] = report.Kl,
            [$"{plan.HeldName}_perplexity"] = report.Perplexity,
            [$"{plan.HeldName}_mutual_information"] = report.MutualInformation,
            [$"{plan.HeldName}_marginal_kl"] = report.MarginalKl,
            [$"{plan.HeldName}_active_variables"] = report.ActiveVariables,
            [$"{plan.HeldName}_codes_used"] = report.CodesUsed,
            [$"{plan.HeldName}_examples"] = report.Examples,
        };
        if (report.LogLikelihood is { } logLikelihood)
            values[$"{plan.HeldName}_log_likelihood"] = logLikelihood;
        return values;
    }

    // The metrics of earlier steps reach the disk before the checkpoint that counts on them.
    private void SaveCheckpoint(MetricsLog log, RunFolder folder)
    {
        StepState state = step.ReadState();
        if (state.FirstBadStep > 0)
            throw StopAt(state, log, folder);
        log.Flush();
        TrainingCheckpoint.Write(folder.CheckpointPath, Vae, state, step.Estimator);
        SavedStep = state.Step;
    }

    private TrainingFailedException StopAt(StepState state, MetricsLog log, RunFolder folder)
    {
        log.Flush();
        string kept = $"the checkpoint of step {SavedStep} is kept in {folder.CheckpointPath}";
        if (SavedStep == 0)
        {
            // Nothing was updated from the bad step on, so the state before it is still there. Where there is a checkpoint, it is from before things went
            // wrong.
            TrainingCheckpoint.Write(folder.CheckpointPath, Vae, state with { Step = state.FirstBadStep - 1, FirstBadStep = 0 }, step.Estimator);
            kept = $"the parameters before that step are in {folder.CheckpointPath}";
        }

        string rate = $"a {Setting.Of(nameof(TrainingOptions.LearningRate))} below {plan.Options.LearningRate}";
        string clip = plan.Options.ClipNorm > 0
            ? $"a {Setting.Of(nameof(TrainingOptions.ClipNorm))} below {plan.Options.ClipNorm}"
            : $"{Setting.Of(nameof(TrainingOptions.ClipNorm), 10)}";
        string cure = plan.Design.Likelihood is Gaussian && LargestColumn.CureFor(plan.Splits) is { } scaled ? scaled
            : plan.Options.Likelihood == "gaussian" && plan.Options.Noise is null
            ? $"{rate}, {clip} or a fixed {Setting.Of(nameof(TrainingOptions.Noise))}"
            : $"{rate} or {clip}";
        return new TrainingFailedException(string.Create(
            CultureInfo.InvariantCulture,
            $"The loss or its gradient is not finite at step {state.FirstBadStep}. Start a new run with {cure}; {kept}."));
    }
}
