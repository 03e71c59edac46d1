using System.Globalization;
using System.Text.Json.Nodes;
using IlgpuVae.Tests.Reference;
using IlgpuVae.Training.Data;
using MathNet.Numerics.Distributions;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>
/// Tables of counts from two clusters whose exact log-likelihood is known: what a run reports in nats is compared with it, so every term of it has to be there.
/// </summary>
[TestFixture]
[Parallelizable]
public sealed class CountRunTests : TemporaryFolder
{
    private const int Examples = 3000;
    private const double FirstShare = 0.3;

    // The fit of nine numbers to 2400 examples alone costs 9 / 4800 nats; without log h(x) a report would be off by more than 40.
    private const double Distance = 0.1;

    private static readonly double[][] Means = [[0.4, 8, 3, 40], [6, 0.8, 3, 12]];

    [TestCase("poisson", null)]
    [TestCase("negative-binomial", "3")]
    public void ExactLogLikelihood_ComesToThatOfTheTruth(string likelihood, string? totalCount)
    {
        float? r = totalCount is null ? null : float.Parse(totalCount, CultureInfo.InvariantCulture);
        File.WriteAllLines(At("counts.csv"), ["eggs,fish,grass,hens", .. Draw(r).Select(row => string.Join(',', row))]);
        DataSplits splits = DataSource.Open(At("counts.csv"), new DataOptions());
        double[] truth = [.. Enumerable.Range(0, splits.Test!.Count).Select(i => LogLikelihood(splits.Test.Example(i), r))];

        string[] options = totalCount is null ? [] : ["--total-count", totalCount];
        JsonNode trained = Train(["--likelihood", likelihood, "--prior", "learned", "--json", .. options]).Json;
        _ = Call.Here("train", "--resume", At("run"), "--steps", "800").Worked();

        JsonNode exact = Eval();
        Assert.That((string)exact["log_likelihood_kind"]!, Is.EqualTo("exact"));
        Assert.That((double)exact["log_likelihood"]!, Is.EqualTo(truth.Average()).Within(Distance), "the exact path");
        Assert.That(truth.Average(), Is.GreaterThan(-20), "the truth says what a few nats are");
        Assert.That((double)exact["elbo"]!, Is.EqualTo((double)exact["log_likelihood"]!).Within(Distance), "by rows; the clusters lie apart");
        Assert.That(trained["evaluation"]!["best_possible"], Is.Null);

        // The last training line: over a batch of other examples, so all that can be asked is that no term is missing.
        Assert.That(LastTrainingElbo(), Is.EqualTo(truth.Average()).Within(1));

        _ = Call.Here("sample", "--run", At("run"), "--device", Call.Device, "--count", "5").Worked();
        _ = Call.Here("reconstruct", "--run", At("run"), "--device", Call.Device, "--count", "5").Worked();
        Assert.That(Directory.GetFiles(At("run"), "*.png").Select(Path.GetFileName), Is.SupersetOf(new[] { "samples.png", "reconstructions-valid.png" }));
    }

    [Test]
    public void RatesBeyondFloat32_StopTheRun()
    {
        File.WriteAllLines(At("counts.csv"), Draw(null).Select(row => string.Join(',', row)));
        string[] call = ["train", "--data", At("counts.csv"), "--out", At("run"), "--steps", "50", "--device", Call.Device, "--likelihood", "poisson"];
        Call wild = Call.Here([.. call, "--optimizer", "sgd", "--learning-rate", "100"]);
        Assert.That(wild.Code, Is.EqualTo(1));
        Assert.That(wild.Error, Does.Contain("not finite").And.Contain("--learning-rate"));
    }

    [TestCase("reinforce", "--samples", "3", "--objective", "iwae")]
    [TestCase("gumbel-softmax")]
    [TestCase("rebar")]
    public void EstimatorsThatSample_ReportTheSameNats(string estimator, params string[] options)
    {
        File.WriteAllLines(At("counts.csv"), Draw(null).Select(row => string.Join(',', row)));
        _ = Train(["--likelihood", "poisson", "--estimator", estimator, .. options]);
        Assert.That(LastTrainingElbo(), Is.EqualTo((double)Eval()["log_likelihood"]!).Within(1.5));
    }

    private Call Train(string[] options)
    {
        string[] model = ["--categories", "2", "--encoder", "16", "--decoder", "16", "--beta", "1"];
        string[] course = ["--learning-rate", "1e-2", "--steps", "400", "--log-every", "100"];
        return Call.Here(["train", "--data", At("counts.csv"), "--out", At("run"), "--device", Call.Device, .. model, .. course, .. options]).Worked();
    }

    private double LastTrainingElbo() =>
        (double)File.ReadLines(At("run/metrics.jsonl")).Select(line => JsonNode.Parse(line)!["elbo"]).Last(elbo => elbo is not null)!;

    private JsonNode Eval() => Call.Here("eval", "--run", At("run"), "--device", Call.Device, "--split", "test", "--json").Worked().Json;

    private static IEnumerable<int[]> Draw(float? totalCount)
    {
        Random random = new(17);
        for (int i = 0; i < Examples; i++)
        {
            double[] means = Means[random.NextDouble() < FirstShare ? 0 : 1];

            // A negative-binomial count is a Poisson one whose rate is drawn.
            yield return [.. means.Select(mean => Poisson.Sample(random, totalCount is { } r ? Gamma.Sample(random, r, r / mean) : mean))];
        }
    }

    private static double LogLikelihood(float[] example, float? totalCount)
    {
        double Cluster(double[] means) => totalCount is { } r
            ? new NegativeBinomialReference(means.Length, r).LogLikelihood([.. means.Select(mean => Math.Log(mean / r))], ByRow.As<double>(example))
            : new PoissonReference(means.Length).LogLikelihood([.. means.Select(mean => Math.Log(mean))], ByRow.As<double>(example));
        return Math.Log((FirstShare * Math.Exp(Cluster(Means[0]))) + ((1 - FirstShare) * Math.Exp(Cluster(Means[1]))));
    }
}
