using System.Numerics;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.Estimators;

/// <summary>The score-function pull-back against a (z - q), and the log importance weights.</summary>
public class ScoreFunctionTests(Target target) : EstimatorSuite(target)
{
    private const float Scale = 0.37f;

    // Examples, samples, variables, categories: one lane a row up to 16 categories and one group a row beyond.
    private static readonly (int B, int S, int N, int K)[] Shapes = [(1, 1, 1, 1), (3, 2, 2, 5), (5, 4, 4, 16), (2, 3, 1, 17), (2, 2, 3, 33)];

    [Test]
    public void PullBack_MatchesFloat64([Values] bool accumulate, [Values] bool shared, [Values] bool hard)
    {
        foreach ((int b, int s, int n, int k) in Shapes)
        {
            Random random = new(7);
            int rows = shared ? 1 : b;
            float[] logits = Draws.Normal(random, rows * n * k, 2), codes = hard ? Draws.OneHot(random, b * s, n, k) : Draws.Uniform(random, b * s * n * k);
            float[] advantages = Draws.Normal(random, b * s, 3), initial = Draws.Normal(random, b * n * k);
            if (k > 1)
                logits[0] = float.NegativeInfinity;
            float[] actual = Result(
                b,
                n * k,
                (list, grad) =>
                    ScoreFunction.Backward(list, Upload(codes, n, k, hard), Upload(advantages, b * s, 1), Upload(logits, rows, n * k), grad, Scale, accumulate),
                accumulate ? initial : null);
            float[] start = accumulate ? initial : new float[initial.Length];
            FloatComparison.Verify(
                actual,
                PullBack(Draws.As<double>(logits), Draws.As<double>(codes), Draws.As<double>(advantages), Draws.As<double>(start), (b, s, n, k)),
                PullBack(logits, codes, advantages, start, (b, s, n, k)),
                $"B = {b}, S = {s}, N = {n}, K = {k}");
        }
    }

    [Test]
    public void PullBack_IsDeterministic()
    {
        Random random = new(11);
        Codes codes = UploadCodes(Draws.OneHot(random, 6, 2, 17), 2, 17);
        Matrix advantages = Upload(Draws.Normal(random, 6), 6, 1), logits = Upload(Draws.Normal(random, 68), 2, 34);
        FloatComparison.VerifyDeterministic(
            () => Result(2, 34, (list, grad) => ScoreFunction.Backward(list, codes, advantages, logits, grad, 1f, accumulate: false)));
    }

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
            FloatComparison.Verify(
                actual,
                LogWeights(Draws.As<double>(codes), Draws.As<double>(f), Draws.As<double>(posterior), Draws.As<double>(prior), s),
                LogWeights(codes, f, posterior, prior, s),
                $"B = {b}, S = {s}, N = {n}, K = {k}");
        }
    }

    private Codes Upload(float[] codes, int n, int k, bool hard) =>
        hard ? UploadCodes(codes, n, k) : Codes.Relaxed(Upload(codes, codes.Length / (n * k), n * k), n);

    private static T[] PullBack<T>(T[] logits, T[] codes, T[] advantages, T[] initial, (int B, int S, int N, int K) shape)
        where T : struct, IFloatingPointIeee754<T>
    {
        T[] result = [.. initial];
        for (int row = 0; row < shape.B * shape.N; row++)
        {
            T[] l = Draws.Row(logits, row % (logits.Length / shape.K), shape.K);
            for (int s = 0; s < shape.S; s++)
            {
                int sample = ((row / shape.N) * shape.S) + s;
                T[] score = EstimatorReference.Score(l, Draws.Row(codes, (sample * shape.N) + (row % shape.N), shape.K), advantages[sample]);
                for (int i = 0; i < shape.K; i++)
                    result[(row * shape.K) + i] -= T.CreateChecked(Scale) * score[i];
            }
        }

        return result;
    }

    private static T[] LogWeights<T>(T[] codes, T[] f, T[] posterior, T[] prior, int samples)
        where T : struct, IFloatingPointIeee754<T>
    {
        int width = codes.Length / f.Length, priors = prior.Length / width;
        return [.. f.Select((value, row) => EstimatorReference.LogWeight(
            Draws.Row(codes, row, width), value, Draws.Row(posterior, row / samples, width), Draws.Row(prior, row / samples % priors, width)))];
    }
}
