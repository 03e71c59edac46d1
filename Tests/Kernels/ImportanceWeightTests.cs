using System.Numerics;
using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The log importance weights.</summary>
[SuiteOf(typeof(ImportanceWeight), typeof(EstimatorReference))]
public class ImportanceWeightTests(Target target) : AcceleratorSuite(target)
{
    // Examples, samples, variables, categories: one lane a row up to 16 categories and one group a row beyond.
    private static readonly (int B, int S, int N, int K)[] Shapes = [(1, 1, 1, 1), (3, 2, 2, 5), (5, 4, 4, 16), (2, 3, 1, 17), (2, 2, 3, 33), (3, 2, 20, 10)];

    [Test]
    public void LogWeights_MatchFloat64([Values] bool priorOfEachExample, [Values] bool hard)
    {
        foreach ((int b, int s, int n, int k) in Shapes)
        {
            Random random = new(13);
            float[] codes = hard ? Draws.OneHot(random, b * s, n, k) : Draws.Uniform(random, b * s * n * k), f = Draws.Normal(random, b * s, 50);
            int priors = priorOfEachExample ? b : 1;
            float[] posterior = Draws.Normal(random, b * n * k), prior = Draws.Normal(random, priors * n * k);

            // A category that no sample has may be masked in both distributions.
            for (int i = 0; i < n * k; i++)
            {
                if (Enumerable.Range(0, b * s).All(row => codes[(row * n * k) + i] == 0f))
                    prior[i] = posterior[i] = float.NegativeInfinity;
            }

            float[] actual = Result(
                b * s,
                1,
                (list, logWeight) =>
                    ImportanceWeight.Record(
                        list, Upload(codes, n, k, hard), Upload(f, b * s, 1), Upload(posterior, b, n * k), Upload(prior, priors, n * k), logWeight));
            double[] exact = LogWeights(ByRow.As<double>(codes), ByRow.As<double>(f), ByRow.As<double>(posterior), ByRow.As<double>(prior), s);

            // A log-likelihood and the log-ratio beside it: neither has more places than the larger.
            double[] sizes = [.. exact.Zip(f, (weight, value) => Math.Max(Math.Abs(value), Math.Abs(weight - value)))];
            Tolerance.Check($"B = {b}, S = {s}, N = {n}, K = {k}", actual, exact, LogWeights(codes, f, posterior, prior, s), 1, sizes);
        }
    }

    private Codes Upload(float[] codes, int n, int k, bool hard) =>
        hard ? UploadCodes(codes, n, k) : Codes.Relaxed(Upload(codes, codes.Length / (n * k), n * k), n);

    private static T[] LogWeights<T>(T[] codes, T[] f, T[] posterior, T[] prior, int samples)
        where T : struct, IFloatingPointIeee754<T>
    {
        int width = codes.Length / f.Length, priors = prior.Length / width;
        return [.. f.Select((value, row) => EstimatorReference.LogWeight(
            ByRow.Row(codes, row, width), value, ByRow.Row(posterior, row / samples, width), ByRow.Row(prior, row / samples % priors, width)))];
    }
}
