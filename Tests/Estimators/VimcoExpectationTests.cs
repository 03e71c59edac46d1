using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Estimators;

/// <summary>
/// VIMCO through its kernels, log weights to logits, over all K^S outcomes of its samples: the gradient of the expected bound by finite differences in float64,
/// for the posterior's and the prior's logits. Each outcome is an example of the launch.
/// </summary>
public class VimcoExpectationTests(Target target) : EstimatorSuite(target)
{
    private static IEnumerable<float[]> Few => Logits.Where(logits => logits.Length <= 3);

    [Test]
    public void Expectation_IsTheGradientOfTheBound([ValueSource(nameof(Few))] float[] logits, [Values(2, 3)] int samples, [Values] VimcoMean mean)
    {
        Random random = new(73);
        float[] f = Draws.Normal(random, logits.Length, 3), prior = Draws.Normal(random, logits.Length);
        MultiSampleProblem problem = new(ByRow.As<double>(logits), ByRow.As<double>(prior), ByRow.As<double>(f), samples);
        Outcome outcome = Evaluate(problem, f, samples, mean);
        double[] exact = problem.PosteriorGradient;
        Outcomes.Verify(Mean(problem, outcome.Bound), [problem.Bound], problem.Magnitude, "bound");
        Outcomes.Verify(Mean(problem, PullBack(problem, outcome, outcome.Signals, logits, -1f)), exact, problem.Magnitude, "posterior");
        Outcomes.Verify(Mean(problem, PullBack(problem, outcome, outcome.Weights, prior, -1f)), problem.PriorGradient, problem.Magnitude, "prior");
        if (exact.Max(Math.Abs) <= 1e-2)
            return;
        float[] naive = [.. outcome.Signals.Zip(outcome.Weights, (signal, weight) => signal + weight)];
        Outcomes.VerifyRejected(
            Mean(problem, PullBack(problem, outcome, naive, logits, -1f)), exact, problem.Magnitude, "a signal without the weight's own term");
    }

    private static double[] Mean(MultiSampleProblem problem, float[] rows)
    {
        int columns = rows.Length / problem.All.Count;
        return Outcomes.Mean(problem.All, problem.Probability, (_, row) => ByRow.As<double>(ByRow.Row(rows, row, columns)));
    }

    private Outcome Evaluate(MultiSampleProblem problem, float[] f, int samples, VimcoMean mean)
    {
        (int k, int b) = (f.Length, problem.All.Count);
        int rows = b * samples;
        Codes codes = UploadCodes([.. problem.All.SelectMany(outcome => Outcomes.OneHot(outcome, k))], 1, k);
        Matrix logLikelihoods = Upload([.. problem.All.SelectMany(outcome => outcome).Select(category => f[category])], rows, 1);
        Matrix posterior = Upload(
            [.. Enumerable.Repeat(Draws.Round(problem.Posterior), b).SelectMany(row => row)], b, k), prior = Upload(Draws.Round(problem.Prior), 1, k);
        Matrix logWeights = Arena.Matrix(rows, 1, MemoryUse.Codes);
        GuardedMatrix bound = new(Device, Arena, b, 1), signals = new(Device, Arena, rows, 1), weights = new(Device, Arena, rows, 1);
        Run(list =>
        {
            Softmax.LogForward(list, posterior, posterior);
            Softmax.LogForward(list, prior, prior);
            ImportanceWeight.Record(list, codes, logLikelihoods, posterior, prior, logWeights);
            Vimco.Record(list, logWeights, bound.Matrix, signals.Matrix, weights.Matrix, mean, -1f);
        });
        return new Outcome(codes, bound.Download(), signals.Download(), weights.Download());
    }

    private float[] PullBack(MultiSampleProblem problem, Outcome outcome, float[] advantages, float[] logits, float scale) => Result(
        problem.All.Count,
        logits.Length,
        (list, grad) =>
            ScoreFunction.Backward(
                list, outcome.Codes, Upload(advantages, advantages.Length, 1), Upload(logits, 1, logits.Length), grad, scale, accumulate: false));

    private sealed record Outcome(Codes Codes, float[] Bound, float[] Signals, float[] Weights);
}
