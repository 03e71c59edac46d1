using System.Diagnostics;
using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Training.Audit;

/// <summary>
/// Draws of one estimator's dL/dl on an encoded batch: its recorded launches replayed with the step, and so the noise, moving on. The sums over a block of
/// draws are made on the device; only they are read back.
/// </summary>
internal sealed class GradientDraws : IDisposable
{
    private const int Blocks = 64;
    private const int WarmUpDraws = 32;
    private const int TimedReplays = 32;

    // Far from the measured steps: parameters tuned on the very noise they are then measured with would make an unbiased estimator look biased.
    private const int TuningStep = 1 << 24;

    private readonly EstimatorInputs inputs;
    private readonly Estimator estimator;
    private readonly ComputeDevice device;
    private readonly RecordedStep open, estimate, accumulate;
    private readonly Matrix sums, squares, cosines;

    internal GradientDraws(EstimatorInputs inputs, Estimator estimator, Matrix exact, float temperature)
    {
        this.inputs = inputs;
        this.estimator = estimator;
        device = inputs.Vae.Device;
        Arena arena = inputs.Vae.Arena;
        sums = arena.Matrix(exact.Rows, exact.Columns, MemoryUse.Activations);
        squares = arena.Matrix(exact.Rows, exact.Columns, MemoryUse.Activations);
        cosines = arena.Matrix(1, 1, MemoryUse.Activations);
        open = Recorded(
            list => StepClock.Open(
                list, inputs.State, Scheduled.Default with { LearningRate = Schedule.Constant(0f), Temperature = Schedule.Constant(temperature) }));
        estimate = Recorded(estimator.Record);
        accumulate = Recorded(list =>
        {
            GradientMoments.Add(list, inputs.Latent.LogitsGrad, exact, sums, squares);
            GradientMoments.AddCosine(list, inputs.Latent.LogitsGrad, exact, cosines);
        });
    }

    /// <summary>Loads the kernels, lets moving averages settle, and returns the median time of decoding and estimating, ms.</summary>
    internal double WarmUp()
    {
        StartAt(0);
        for (int draw = 0; draw < WarmUpDraws; draw++)
            Draw();
        device.Wait();
        double[] times = new double[TimedReplays];
        for (int replay = 0; replay < TimedReplays; replay++)
        {
            long start = Stopwatch.GetTimestamp();
            estimate.Run();
            device.Wait();
            times[replay] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return times.Order().ElementAt(TimedReplays / 2);
    }

    /// <summary>Adds at least <paramref name="draws"/> draws to the test, in blocks; few where they do not differ.</summary>
    internal void Take(BiasTest test, int draws, Action<double> progress)
    {
        int size = (draws + Blocks - 1) / Blocks;
        for (int block = 0; block < Blocks && !(block == 2 && test.IsDeterministic); block++)
        {
            foreach (Matrix matrix in new[] { sums, squares, cosines })
                device.Upload<float>(matrix.View, new float[matrix.Length]);
            for (int draw = 0; draw < size; draw++)
            {
                Draw();
                accumulate.Run();
            }

            test.Add(device.Download(sums.View), device.Download(squares.View), device.Download(cosines.View)[0], size);
            progress((block + 1.0) / Blocks);
        }

        test.Conclude();
    }

    /// <summary>Trains what the estimator trains for itself, and nothing else.</summary>
    internal void Tune(ParameterSet auxiliary, int steps)
    {
        OptimiserRule rule = new(OptimiserKind.Adam);
        Matrix squaredGradient = inputs.Vae.Arena.Matrix(1, GradientNorm.Partials, MemoryUse.Parameters);
        using RecordedStep update = Recorded(list =>
        {
            GradientNorm.Record(list, auxiliary.Gradients, squaredGradient);
            StepClock.Close(list, inputs.State, new StepClose
            {
                Metrics = new()
                {
                    Reconstruction = new(estimator.Reconstruction, estimator.Reconstruction.Rows),
                    Kl = new(inputs.Latent.Kl, inputs.Batch),
                    GradientNorm = new(squaredGradient, 1f),
                },
                ClipNorm = float.PositiveInfinity,
                FirstMomentDecay = rule.FirstMomentDecay,
                SecondMomentDecay = rule.SecondMomentDecay,
            });
            TrainingStep.RecordAuxiliary(list, inputs.State, rule, estimator);
        });
        StartAt(TuningStep);
        for (int step = 0; step < steps; step++)
        {
            Draw();
            update.Run();
        }

        device.Wait();
    }

    public void Dispose()
    {
        open.Dispose();
        estimate.Dispose();
        accumulate.Dispose();
    }

    private void Draw()
    {
        open.Run();
        estimate.Run();
    }

    private void StartAt(int step) => device.Upload<StepState>(inputs.State, [StepState.Start with { Step = step }]);

    private RecordedStep Recorded(Action<LaunchList> record)
    {
        LaunchList list = new(device);
        record(list);
        return new RecordedStep(list);
    }
}
