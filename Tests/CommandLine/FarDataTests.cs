namespace IlgpuVae.Tests.CommandLine;

/// <summary>Data far from 0 from file to report.</summary>
[TestFixture]
public sealed class FarDataTests : TemporaryFolder
{
    // A normal density of deviation 0.05 is nowhere above this.
    private const double Highest = 2.0768;

    [Test]
    public void Years_HaveALogLikelihoodThatBoundsTheElbo()
    {
        File.WriteAllLines(At("years.csv"), Enumerable.Repeat("2021", 200).Prepend("year"));
        _ = Call.Here(
            "train", "--data", At("years.csv"), "--likelihood", "gaussian", "--noise", "0.05", "--categories", "2", "--encoder", "4", "--decoder", "4",
                "--batch", "20",
            "--steps", "400", "--learning-rate", "cosine:1e-2:1e-4", "--device", Call.Device, "--out", At("run")).Worked();
        VerifyBound(lowest: 1);

        // Other data have another mean, and so are measured from another centre than those that the run was trained on.
        File.WriteAllLines(At("later.csv"), Enumerable.Repeat("2021.05", 100).Concat(Enumerable.Repeat("2020.95", 50)).Prepend("year"));
        VerifyBound(lowest: 0, "--data", At("later.csv"));
    }

    // Squares of such numbers still fit into a float, but a gradient's do not.
    [Test]
    public void ColumnsOfALargeScale_StopTheRunWithTheCureThatWorks()
    {
        File.WriteAllLines(At("far.csv"), Enumerable.Range(0, 200).Select(i => $"{i % 7},{i % 5}e12").Prepend("a,b"));
        string[] call =
        [
            "train", "--data", At("far.csv"), "--likelihood", "gaussian", "--categories", "2", "--encoder", "4", "--decoder", "4",
            "--batch", "20", "--steps", "50", "--device", Call.Device,
        ];
        Call wild = Call.Here([.. call, "--standardise", "no", "--out", At("run")]);
        Assert.That(wild.Code, Is.EqualTo(1));
        Assert.That(wild.Error, Does.Contain("not finite").And.Contain("--standardise (column 'b' goes up to 4E+12)").And.Not.Contain("--learning-rate"));
        _ = Call.Here([.. call, "--out", At("cured")]).Worked();
    }

    private void VerifyBound(double lowest, params string[] more)
    {
        Call evaluated = Call.Here(["eval", "--run", At("run"), "--device", Call.Device, "--json", .. more]).Worked();
        double elbo = (double)evaluated.Json["elbo"]!;
        Assert.That(elbo, Is.InRange(lowest, Highest));
        Assert.That((double)evaluated.Json["log_likelihood"]!, Is.InRange(elbo - 1e-4, Highest));
    }
}
