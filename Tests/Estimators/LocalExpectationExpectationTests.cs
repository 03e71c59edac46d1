using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Estimators;

/// <summary>Local expectation, through its own rows: without variance for one variable, and exact for two when the joint sample is summed out too.</summary>
public class LocalExpectationExpectationTests(Target target) : EstimatorSuite(target)
{
    [Test]
    public void OneVariable_IsExactWhateverTheSample([ValueSource(nameof(Logits))] float[] logits)
    {
        int k = logits.Length;
        float[] f = Draws.Normal(new Random(67), k, 3);
        (float[] gradients, float[] reconstructions) = Evaluate([logits], f);
        double[] q = EstimatorReference.Softmax(ByRow.As<double>(logits));
        double[] exact = Outcomes.Gradient([q], outcome => f[outcome[0]]);
        for (int sample = 0; sample < k; sample++)
        {
            Outcomes.Verify(ByRow.As<double>(ByRow.Row(gradients, sample, k)), exact, f.Max(Math.Abs));
            Outcomes.Verify([reconstructions[sample]], [q.Zip(f, (p, value) => p * value).Sum()], f.Max(Math.Abs), "reconstruction");
        }
    }

    [Test]
    public void TwoVariables_AreExactInExpectation([ValueSource(nameof(Logits))] float[] logits)
    {
        int k = logits.Length;
        float[][] both = [logits, [.. logits.Reverse().Select(value => 0.5f * value)]];
        float[] f = Draws.Normal(new Random(71), k * k, 3);
        double magnitude = f.Max(Math.Abs);
        (float[] gradients, float[] reconstructions) = Evaluate(both, f);
        double[][] q = [.. both.Select(row => EstimatorReference.Softmax(ByRow.As<double>(row)))];
        int[][] outcomes = Outcomes.All(2, k);
        Func<int[], double> probability = outcome => Outcomes.Probability(outcome, q);
        double[] exact = Outcomes.Gradient(q, outcome => f[(outcome[0] * k) + outcome[1]]);
        Outcomes.Verify(Outcomes.Mean(outcomes, probability, (_, row) => ByRow.As<double>(ByRow.Row(gradients, row, 2 * k))), exact, magnitude);
        Outcomes.Verify(
            Outcomes.Mean(outcomes, probability, (_, row) => [reconstructions[row]]),
            Outcomes.Mean(outcomes, probability, (outcome, _) => [f[(outcome[0] * k) + outcome[1]]]),
            magnitude,
            "reconstruction");

        // Without summing over the sample it is not exact: the check can tell.
        if (logits.All(float.IsFinite) && exact.Max(Math.Abs) > 1e-2)
            Outcomes.VerifyRejected(ByRow.As<double>(ByRow.Row(gradients, 0, 2 * k)), exact, magnitude, "one joint sample");
    }

    // Example b has the outcome b as its joint sample; f is a table over joint codes.
    private (float[] Gradients, float[] Reconstructions) Evaluate(float[][] logits, float[] f)
    {
        (int n, int k) = (logits.Length, logits[0].Length);
        int[][] outcomes = Outcomes.All(n, k);
        (int b, int width) = (outcomes.Length, n * k);
        float[] samples = [.. outcomes.SelectMany(outcome => Outcomes.OneHot(outcome, k))];
        float[] codes = ResultCodes(b * width, n, k, (list, rows) => LocalExpectation.Enumerate(list, UploadCodes(samples, n, k), rows));
        float[] values = [.. Enumerable.Range(0, b * width).Select(row => f[Index(ByRow.Row(codes, row, width), k)])];
        Matrix probabilities = Upload([.. outcomes.SelectMany(_ => logits.SelectMany(row => EstimatorReference.Softmax(row)))], b, width);
        Matrix logLikelihoods = Upload(values, b * width, 1);
        return (
            Result(b * n, k, (list, grad) => LocalExpectation.Backward(list, probabilities.Reshape(b * n, k), logLikelihoods, grad, -1f), new float[b * width]),
            Result(b, 1, (list, reconstruction) => LocalExpectation.Reconstruction(list, probabilities, logLikelihoods, reconstruction, n)));
    }

    private static int Index(float[] code, int k)
    {
        int index = 0;
        for (int variable = 0; variable < code.Length / k; variable++)
            index = (index * k) + Array.IndexOf(code, 1f, variable * k, k) - (variable * k);
        return index;
    }
}
