using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Models;
using IlgpuVae.Tests.Reference;
using IlgpuVae.Tests.Steps;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;
using MathNet.Numerics.LinearAlgebra;

namespace IlgpuVae.Tests.Estimators;

/// <summary>
/// straight-through and reinmax on the importance-weighted bound of several samples, over all K^(N S) outcomes of an example's samples: a whole training step
/// for each, and the gradient of every parameter. The encoder's last bias has that of the logits.
/// </summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class WeightedStraightThroughTests(Target target) : ModelSuite(target)
{
    // Neither is 1, so that a forgotten temperature and a KL of its own weight show.
    private const float Temperature = 0.8f;
    private const float Beta = 0.6f;

    private static readonly (int Latents, int Categories, int Samples, PriorKind Prior)[] Cases =
    [
        .. Enum.GetValues<PriorKind>().Select(prior => (1, 2, 3, prior)),
        .. Enum.GetValues<PriorKind>().Select(prior => (1, 3, 2, prior)),
        (2, 2, 2, PriorKind.Learned),
    ];

    [Test]
    public void EveryOutcome_HasTheGradientOfItsBound(
        [ValueSource(nameof(Cases))] (int Latents, int Categories, int Samples, PriorKind Prior) size, [Values] StraightThroughRule rule)
    {
        using Problem problem = new(Device, size, rule);
        double[][] actual = [.. problem.All.Select(problem.StepGradient)], expected =
        [
            .. problem.All.Select(outcome => problem.Gradient(outcome, Problem.Loss)),
        ];
        double magnitude = problem.Magnitude;
        for (int i = 0; i < actual.Length; i++)
            Outcomes.Verify(actual[i], expected[i], magnitude, $"outcome {string.Join(' ', problem.All[i])}");
        double[] mean = problem.Mean(actual);
        Outcomes.Verify(mean, problem.Mean(expected), magnitude, "mean");

        // Of what does not move the samples it is the expected bound's own gradient; the encoder's is biased.
        double[] expectedBound = problem.ExpectedBoundGradient();
        int encoder = problem.EncoderLength;
        Outcomes.Verify(mean[encoder..], expectedBound[encoder..], magnitude, "prior and decoder");
        Outcomes.VerifyRejected(mean[..encoder], expectedBound[..encoder], magnitude, "the encoder's");
    }

    [Test]
    public void WrongFormulas_AreRejected([Values] StraightThroughRule rule, [Values] PriorKind prior)
    {
        using Problem problem = new(Device, (1, 3, 2, prior), rule);
        double[] actual = problem.Mean([.. problem.All.Select(problem.StepGradient)]);
        Reject("weights 1 / S", sample => -sample.LogWeights(sample.Moving, sample.Moving, sample.LogRatio).RowSums().Average() / problem.Samples);
        Reject(
            "a code's gradient without log p - log q",
            sample => -ReferenceObjectives.MeanBound(sample.LogWeights(sample.Moving, sample.Sampled, sample.LogRatio)));
        Reject(
            "a bound without log q of its own",
            sample => -ReferenceObjectives.MeanBound(sample.LogWeights(sample.Moving, sample.Moving, sample.FrozenLogRatio)));
        Reject("no pull-back", sample => -ReferenceObjectives.MeanBound(sample.LogWeights(sample.Sampled, sample.Sampled, sample.LogRatio)));

        void Reject(string what, Func<Sample, double> loss) =>
            Outcomes.VerifyRejected(actual, problem.Mean([.. problem.All.Select(outcome => problem.Gradient(outcome, loss))]), problem.Magnitude, what);
    }

    /// <summary>The estimator with samples that are given to it.</summary>
    private sealed class Prescribed(
        EstimatorInputs inputs, StraightThroughRule rule, int samples) : StraightThroughEstimator(inputs, rule, samples, ObjectiveKind.Iwae)
    {
        public void Prescribe(int[] numbers) => Inputs.Vae.Device.Upload<int>(Codes.Numbers, numbers);

        protected override void Sample(LaunchList list)
        {
        }
    }

    /// <summary>An outcome in the reference: the sampled codes [S, N K], and what a loss makes of them at the present parameters.</summary>
    private sealed class Sample(ReferenceVae vae, Matrix<double> x, Matrix<double> sampled, PassedThrough passed)
    {
        public Matrix<double> Sampled => sampled;

        public Matrix<double> Moving => passed.Codes(ReferenceObjectives.PerSample(vae.Logits(x), sampled.RowCount));

        public Matrix<double> LogRatio => vae.LogRatio(x);

        public Matrix<double> FrozenLogRatio { get; } = vae.LogRatio(x);

        public Matrix<double> LogWeights(Matrix<double> decoded, Matrix<double> scored, Matrix<double> logRatio) =>
            vae.LogWeights(x, decoded, scored, logRatio);
    }

    /// <summary>A model, one example, the recorded step and the reference.</summary>
    private sealed class Problem : IDisposable
    {
        private readonly ModelCase shape;
        private readonly StraightThroughRule rule;
        private readonly ShortRun run;
        private readonly ReferenceVae reference;
        private readonly Matrix<double> x;

        public Problem(ComputeDevice device, (int Latents, int Categories, int Samples, PriorKind Prior) size, StraightThroughRule rule)
        {
            this.rule = rule;
            Samples = size.Samples;
            shape = new ModelCase
            {
                Latents = size.Latents,
                Categories = size.Categories,
                DataWidth = 5,
                ContextWidth = size.Prior == PriorKind.Conditional ? 2 : 0,
                Prior = size.Prior,
                Activation = ActivationKind.Tanh,
                Encoder = [],
                Decoder = [4],
            };
            DataSet data = shape.Data(1);
            run = new ShortRun(
                device,
                shape,
                new StepSettings
                {
                    Batch = 1,
                    Estimator = inputs => new Prescribed(inputs, rule, Samples),
                    Schedules = Scheduled.Default with
                    {
                        LearningRate = Schedule.Constant(0f),
                        Beta = Schedule.Constant(Beta),
                        Temperature = Schedule.Constant(Temperature),
                    },
                },
                data);
            MeasuredStep.DrawParameters(run.Vae);
            reference = MeasuredStep.Widen(run.Vae, shape);
            x = MeasuredStep.Wide(data);
            All = Outcomes.All(Samples * shape.Latents, shape.Categories);
        }

        /// <summary>S.</summary>
        public int Samples { get; }

        /// <summary>All outcomes, digits [sample, variable].</summary>
        public int[][] All { get; }

        /// <summary>Size of the numbers in the sums.</summary>
        public double Magnitude => All.Max(outcome => Weigh(outcome).Enumerate().Max(Math.Abs));

        /// <summary>How many parameters the encoder has, which come first.</summary>
        public int EncoderLength =>
            run.Vae.Parameters.All.TakeWhile(parameter => parameter.Name.StartsWith("encoder", StringComparison.Ordinal))
                .Sum(parameter => (int)parameter.Length);

        /// <summary>The estimator's loss: codes that pass their gradient on, in both parts of the weights.</summary>
        public static double Loss(Sample sample) => -ReferenceObjectives.MeanBound(sample.LogWeights(sample.Moving, sample.Moving, sample.LogRatio));

        /// <summary>The gradient of all parameters that the step leaves behind an outcome.</summary>
        public double[] StepGradient(int[] outcome)
        {
            ((Prescribed)run.Step.Estimator).Prescribe(outcome);
            run.Run(1);
            return [.. run.Vae.Parameters.All.SelectMany(parameter => ByRow.As<double>(run.Vae.Device.Download(parameter.Gradient.View)))];
        }

        /// <summary>The derivatives of a loss of an outcome.</summary>
        public double[] Gradient(int[] outcome, Func<Sample, double> loss)
        {
            Matrix<double> sampled = Codes(outcome);
            PassedThrough passed = new(rule, sampled, ReferenceObjectives.PerSample(reference.Logits(x), Samples), Temperature, shape.Categories);
            Sample sample = new(reference, x, sampled, passed);
            return Flat(reference.Gradient(() => loss(sample)));
        }

        /// <summary>The derivatives of the mean of the loss over all outcomes, their probabilities included.</summary>
        public double[] ExpectedBoundGradient() =>
            Flat(reference.Gradient(() => -Probabilities().Zip(All, (p, outcome) => p * ReferenceObjectives.MeanBound(Weigh(outcome))).Sum()));

        /// <summary>The mean of rows, one for each outcome.</summary>
        public double[] Mean(double[][] rows)
        {
            double[] probabilities = Probabilities();
            return [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Zip(probabilities, (row, p) => p * row[column]).Sum())];
        }

        public void Dispose() => run.Dispose();

        private double[] Probabilities()
        {
            double[] q = [.. reference.LogPosterior(x).PointwiseExp().Row(0)];
            double[][] digits = [.. Enumerable.Repeat(q.Chunk(shape.Categories), Samples).SelectMany(sample => sample)];
            return [.. All.Select(outcome => Outcomes.Probability(outcome, digits))];
        }

        private Matrix<double> Codes(int[] outcome) =>
            Matrix<double>.Build.DenseOfRowMajor(Samples, shape.CodeWidth, ByRow.As<double>(Outcomes.OneHot(outcome, shape.Categories)));

        private Matrix<double> Weigh(int[] outcome) => reference.LogWeights(x, Codes(outcome), Codes(outcome), reference.LogRatio(x));

        private double[] Flat(Dictionary<string, double[]> gradients) => [.. run.Vae.Parameters.All.SelectMany(parameter => gradients[parameter.Name])];
    }
}
