using System.Text.Json.Nodes;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>Runs of conditional models from the command line: each condition, and what eval, sample, reconstruct and --resume make of them.</summary>
[TestFixture]
[Parallelizable]
public sealed class ConditionalRunTests : TemporaryFolder
{
    private const string Classes = "glyphs:prototypes=6,classes=3,size=8,train=256,valid=64,test=96";

    [TestCase("top-half", 32)]
    [TestCase("label", 3)]
    [TestCase("columns:1-5", 5)]
    public void Run_IsTrainedMeasuredAndShown(string condition, int width)
    {
        string run = At("run");
        string[] call =
        [
            .. Call.Tiny(run, 20, "--condition", condition, "--prior", "conditional", "--prior-network", "6", "--json")
            .Select(argument => argument == Call.TinyData ? Classes : argument),
        ];
        JsonNode trained = Call.Here(call).Worked().Json;
        Assert.That((string)trained["evaluation"]!["log_likelihood_of"]!, Is.EqualTo("log p(x | c)"));
        Assert.That((string)trained["evaluation"]!["log_likelihood_kind"]!, Is.EqualTo("exact"));
        Assert.That((double)trained["evaluation"]!["marginal_kl"]!, Is.InRange(0, Math.Log(4)));
        Assert.That((int)RunFiles.Config(run)["context_width"]!, Is.EqualTo(width));
        foreach (string picture in new[] { "course", "codes", "reconstructions", "predictions" })
            RunFiles.RequirePicture(Path.Combine(run, picture + ".png"));

        Call measured = Call.Here("eval", "--run", run, "--device", Call.Device).Worked();
        Assert.That(measured.Output, Does.Contain("log p(x | c) (exact)").And.Contain("marginal kl"));
        foreach (string[] sample in new[] { new[] { "--condition" }, ["--condition", "2"], ["--count", "3"] })
        {
            string picture = At("sample.png");
            _ = Call.Here(["sample", "--run", run, "--device", Call.Device, "--out", picture, .. sample]).Worked();
            RunFiles.RequirePicture(picture);
            File.Delete(picture);
        }

        _ = Call.Here("reconstruct", "--run", run, "--device", Call.Device, "--out", At("again.png")).Worked();
        RunFiles.RequirePicture(At("again.png"));
        RequireRefused(["sample", "--run", run, "--condition", "7"], "--condition 7", "classes are 0, 1, 2");
        RequireRefused(["sample", "--run", run, "--count", "101"], "--count is 101", "100");
    }

    [Test]
    public void Resume_EndsInTheSameBytes([Values("none", "dynamic")] string binarise)
    {
        string[] Parts(string run, int steps) => Call.Tiny(
            At(run), steps, "--condition", "top-half", "--prior", "conditional", "--estimator", "exact", "--beta", "1", "--binarize", binarise, "--log-every",
                "20", "--eval-every", "15", "--checkpoint-every", "25");
        _ = Call.Here(Parts("straight", 40)).Worked();
        _ = Call.Here(Parts("broken", 20)).Worked();
        _ = Call.Here("train", "--resume", At("broken"), "--steps", "40").Worked();
        Assert.That(RunFiles.Checkpoint(At("broken")), Is.EqualTo(RunFiles.Checkpoint(At("straight"))));
        Assert.That(RunFiles.TimelessMetrics(At("broken")), Is.EqualTo(RunFiles.TimelessMetrics(At("straight"))));
    }

    [Test]
    public void WrongCalls_AreRefused()
    {
        RequireRefused(Call.Tiny(At("run"), 4, "--prior", "conditional"), "--prior conditional", "--condition", "--prior learned");
        RequireRefused(Call.Tiny(At("run"), 4, "--prior-network", "8"), "--prior-network", "--prior conditional");
        RequireRefused(Call.Tiny(At("run"), 4, "--prior", "conditional", "--condition", "label", "--prior-network", "8,x"), "--prior-network 8,x", "'x'");
        Assert.That(Directory.Exists(At("run")), Is.False);
        _ = Call.Here(Call.Tiny(At("run"), 4)).Worked();
        RequireRefused(["sample", "--run", At("run"), "--condition"], "--condition", "told nothing");
    }

    private static void RequireRefused(string[] call, params string[] mentions)
    {
        Call refused = Call.Here(call);
        Assert.That(refused.Code, Is.EqualTo(2), refused.Error);
        foreach (string mention in mentions)
            Assert.That(refused.Error, Does.Contain(mention));
    }
}
