using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Evaluation;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Tests.Models;

/// <summary>Whole trainings, small enough to end at a known optimum.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class LearningTests(Target target) : ModelSuite(target)
{
    [TestCase("exact", 3, 4)]
    [TestCase("gumbel-softmax", 12, 2)]
    [TestCase("st-gumbel-softmax", 12, 2)]
    public void OneBatch_IsOverfit(string estimator, int latents, int categories)
    {
        // Without the KL, an autoencoder with far more codes than examples can tell each pixel with certainty.
        const int Patterns = 3;
        using DiscreteVae vae = new(Device, Design(latents, categories, PriorKind.Uniform), seed: 1);
        StepSettings settings = new()
        {
            Batch = Patterns,
            Estimator = EstimatorChoice.Make(new EstimatorSettings { Name = estimator }, vae.Design, Patterns, Device).Build,
            Schedules = Scheduled.Default with
            {
                LearningRate = Schedule.Constant(0.02f),
                Beta = Schedule.Constant(0f),
                Temperature = Schedule.Constant(0.7f),
            },
        };
        using TrainingStep step = new(vae, new DeviceData(Device, vae.Arena, Data(Patterns)), settings);
        double first = MeanReconstruction(step, 1);
        _ = MeanReconstruction(step, 180);
        double last = MeanReconstruction(step, 20);
        Assert.That(first, Is.LessThan(-8), "there is nothing to learn");
        Assert.That(last, Is.GreaterThan(-0.1), "nats an example");
    }

    [Test]
    public void DistinctPatterns_AreLearntToTheirEntropy()
    {
        // P patterns that are equally likely have entropy log P, which a model with a code for each can reach; merging two of them costs 2/P log 2 = 0.23 nats.
        const int Patterns = 6;
        using DiscreteVae vae = new(Device, Design(latents: 1, categories: 16, PriorKind.Learned), seed: 1);
        StepSettings settings = new()
        {
            Batch = Patterns,
            Schedules = Scheduled.Default with { LearningRate = Schedule.Constant(0.01f), Beta = new Schedule(ScheduleKind.Linear, 10f, 1f, 150, 0) },
        };
        DataSet data = Data(Patterns);
        using TrainingStep step = new(vae, new DeviceData(Device, vae.Arena, data), settings);
        _ = MeanReconstruction(step, 320);
        EvaluationReport report = new Evaluator(vae, data, seed: 1).Run();
        Assert.That(report.LogLikelihood, Is.GreaterThan(-Math.Log(Patterns) - 0.05), "the patterns are not learnt");
        Assert.That(report.LogLikelihood, Is.LessThan(-Math.Log(Patterns) + 1e-3), "no model of these data can be better than their entropy");
        Assert.That(report.Elbo, Is.GreaterThan(-Math.Log(Patterns) - 0.1));
        Assert.That(report.CodesUsed, Is.GreaterThanOrEqualTo(Patterns));
    }

    private static VaeDesign Design(int latents, int categories, PriorKind prior) => new()
    {
        DataWidth = 16,
        Latents = latents,
        Categories = categories,
        Prior = prior,
        Encoder = VaeDesign.Mlp([24]),
        Decoder = VaeDesign.Mlp([20]),
    };

    // Each pattern is the same 16 pixels, half of them on, in another order.
    private static DataSet Data(int patterns)
    {
        Random random = new(4);
        byte[] pattern = [.. Enumerable.Range(0, 16).Select(i => (byte)(i % 2 * 255))];
        List<byte> pixels = [];
        for (int p = 0; p < patterns; p++)
        {
            random.Shuffle(pattern);
            pixels.AddRange(pattern);
        }

        return new DataSet { Name = "patterns", Count = patterns, Width = 16, Bytes = [.. pixels] };
    }

    private static double MeanReconstruction(TrainingStep step, int steps)
    {
        for (int i = 0; i < steps; i++)
            step.Run();
        StepState state = step.ReadState();
        step.WriteState(state with { Sums = default, SummedSteps = 0 });
        return state.Sums.Reconstruction / state.SummedSteps;
    }
}
