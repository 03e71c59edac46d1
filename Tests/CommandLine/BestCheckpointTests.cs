using System.Text.Json.Nodes;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>A run that learns its few examples by heart: what it knew when it did best on others is kept, and patience ends it.</summary>
[TestFixture]
public sealed class BestCheckpointTests
{
    private const string FewExamples = "glyphs:prototypes=4,size=8,train=32,valid=64,test=64";
    private const int Steps = 600, Every = 50;

    private string folder = string.Empty;
    private JsonNode whole = new JsonObject();

    [OneTimeSetUp]
    public void TrainOnce()
    {
        folder = Directory.CreateTempSubdirectory("ilgpu-vae-").FullName;
        whole = Train("whole", "--beta", "1").Worked().Json;
    }

    [OneTimeTearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void BestStep_IsTheOneWithTheLargestHeldElbo()
    {
        JsonObject[] evaluations = [.. RunFiles.Metrics(At("whole")).Where(line => line.ContainsKey("valid_elbo"))];
        Assert.That(evaluations, Has.Length.EqualTo(Steps / Every));
        JsonObject best = evaluations.MaxBy(line => (double)line["valid_elbo"]!)!;
        Assert.That((int)whole["best"]!["step"]!, Is.EqualTo((int)best["step"]!).And.LessThan(Steps));
        Assert.That((double)whole["best"]!["elbo"]!, Is.EqualTo((double)best["valid_elbo"]!));
        Assert.That(Elbo("whole", "best"), Is.EqualTo((double)best["valid_elbo"]!));
        Assert.That(Elbo("whole", "last"), Is.EqualTo((double)evaluations[^1]["valid_elbo"]!).And.EqualTo((double)whole["held_elbo"]!));
    }

    /// <summary>Patience ends a run at the first evaluation that is as many behind the best one; given more it goes on as if it had never ended.</summary>
    [Test]
    public void Patience_EndsTheRunAndMoreGoesOn()
    {
        JsonNode ended = Train("patient", "--beta", "1", "--patience", "2").Worked().Json;
        int best = (int)ended["best"]!["step"]!, steps = (int)ended["steps"]!;
        Assert.That(steps, Is.EqualTo(best + (2 * Every)).And.LessThan(Steps));
        Assert.That(Resume("patient").Worked().Json["steps"]!.GetValue<int>(), Is.EqualTo(steps), "it is out of patience still");
        JsonNode goesOn = Resume("patient", "--patience", "1000").Worked().Json;
        Assert.That((int)goesOn["steps"]!, Is.EqualTo(Steps));
        Assert.That(RunFiles.Checkpoint(At("patient")), Is.EqualTo(RunFiles.Checkpoint(At("whole"))));
        Assert.That(goesOn["best"]!.ToJsonString(), Is.EqualTo(whole["best"]!.ToJsonString()));
        Assert.That(File.ReadAllBytes(At("patient/best.safetensors")), Is.EqualTo(File.ReadAllBytes(At("whole/best.safetensors"))));
    }

    /// <summary>The curve of the held-out ELBO ends as it went, on the same examples; the evaluation of all of them has a line of its own behind it.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public void Curve_IsOfTheSameExamplesToItsEnd(bool withPatience)
    {
        string run = withPatience ? "some-patient" : "some";
        JsonNode ended = Train(run, [
            "--eval-examples", "16", .. withPatience ? new[] { "--beta", "1", "--patience", "2" } : []]).Worked().Json;
        int steps = (int)ended["steps"]!;
        Assert.That(steps, withPatience ? Is.LessThan(Steps) : Is.EqualTo(Steps));
        JsonObject[] evaluations = [.. RunFiles.Metrics(At(run)).Where(line => line.ContainsKey("valid_elbo"))];
        Assert.That((int)evaluations[^1]["valid_examples"]!, Is.GreaterThan(16));
        Assert.That((double)evaluations[^1]["valid_elbo"]!, Is.EqualTo((double)ended["evaluation"]!["elbo"]!).And.EqualTo(Elbo(run, "last")));
        MetricsRow[] curve = [.. RunPictures.OnTheWay(MetricsLog.Read(Path.Combine(At(run), "metrics.jsonl")), "valid", 16)];
        Assert.That(curve.Select(row => row.Step), Is.EqualTo(Enumerable.Range(1, steps / Every).Select(i => i * Every)));
        Assert.That(curve[^1].Values["valid_elbo"], Is.EqualTo((double)ended["held_elbo"]!).And.Not.EqualTo((double)evaluations[^1]["valid_elbo"]!));
    }

    /// <summary>While beta moves the run does not ascend the ELBO, so that no evaluation in that time is one too many.</summary>
    [Test]
    public void Patience_WaitsForBeta()
    {
        JsonNode ended = Train("annealed", "--beta", "linear:60:1:400", "--patience", "1").Worked().Json;
        Assert.That((int)ended["steps"]!, Is.GreaterThan(400));
    }

    /// <summary>What did best on the old held-out examples is no measure for those that are there now, which the model fits worse.</summary>
    [Test]
    public void OtherData_HaveABestOfTheirOwn()
    {
        string data = At("data.csv");
        void Write(double far) => File.WriteAllLines(
            data, ["a", .. Enumerable.Range(0, 80).Select(i => FormattableString.Invariant($"{(i % 2 * (1 + far)) + (i / 2 * 0.001)}"))]);
        Write(0);
        _ = Call.Here(
            "train", "--data", data, "--likelihood", "gaussian", "--standardise", "no", "--categories", "4", "--steps", "20", "--eval-every", "5",
            "--device", Call.Device, "--out", At("moved")).Worked();
        Write(7);
        JsonNode goesOn = Resume("moved", "--steps", "30", "--accept-changed-data").Worked().Json;
        Assert.That((int)goesOn["best"]!["step"]!, Is.GreaterThan(20));
    }

    [Test]
    public void RunWithoutBest_SaysSo()
    {
        _ = Call.Here(Call.Tiny(At("old"), 5)).Worked();
        File.Delete(At("old/best.safetensors"));
        Call call = Call.Here("eval", "--run", At("old"), "--checkpoint", "best", "--device", Call.Device);
        Assert.That(call.Code, Is.EqualTo(2));
        Assert.That(call.Error, Does.Contain("no best.safetensors"));
    }

    private string At(string name) => Path.Combine(folder, name);

    private double Elbo(string run, string checkpoint) => (double)Call.Here(
        "eval", "--run", At(run), "--checkpoint", checkpoint, "--split", "valid", "--samples", "0", "--device", Call.Device, "--json").Worked().Json["elbo"]!;

    private Call Train(string run, params string[] more) => Call.Here(
    [
        "train", "--data", FewExamples, "--encoder", "32", "--decoder", "32", "--categories", "16", "--batch", "32", "--estimator", "exact",
        "--learning-rate", "1e-2", "--steps", $"{Steps}", "--eval-every", $"{Every}", "--device", Call.Device, "--out", At(run), "--json", .. more,
    ]);

    private Call Resume(string run, params string[] more) => Call.Here(["train", "--resume", At(run), "--device", Call.Device, "--json", .. more]);
}
