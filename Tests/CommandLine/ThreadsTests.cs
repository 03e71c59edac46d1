using System.Text.Json.Nodes;

namespace IlgpuVae.Tests.CommandLine;

/// <summary><c>--threads</c> reaches the device and is written down, and a run goes on with any number of them.</summary>
[TestFixture]
[Parallelizable]
public sealed class ThreadsTests : TemporaryFolder
{
    [Test]
    public void Run_RecordsItsThreads()
    {
        _ = Call.Here(Call.Tiny(At("three"), 2, "--threads", "3")).Worked();
        Assert.That((int)RunFiles.Config(At("three"))["threads"]!, Is.EqualTo(3));
        Assert.That((string)RunFiles.Config(At("three"))["device_description"]!, Does.Contain("3 threads"));
        _ = Call.Here(Call.Tiny(At("usual"), 2)).Worked();
        Assert.That((int)RunFiles.Config(At("usual"))["threads"]!, Is.EqualTo(Environment.ProcessorCount));
    }

    [Test]
    public void Run_GoesOnWithOtherThreads()
    {
        _ = Call.Here(Call.Tiny(At("straight"), 8, "--threads", "1", "--log-every", "2", "--beta", "1")).Worked();
        _ = Call.Here(Call.Tiny(At("broken"), 4, "--threads", "3", "--log-every", "2", "--beta", "1")).Worked();
        _ = Call.Here("train", "--resume", At("broken"), "--steps", "8", "--threads", "2").Worked();
        Assert.That((int)RunFiles.Config(At("broken"))["threads"]!, Is.EqualTo(2));
        Assert.That(RunFiles.Checkpoint(At("broken")), Is.EqualTo(RunFiles.Checkpoint(At("straight"))));
        string Report(string threads) => Call.Here("eval", "--run", At("broken"), "--device", "cpu", "--threads", threads, "--json").Worked().Output;
        Assert.That(new[] { Report("2"), Report("5") }, Is.All.EqualTo(Report("1")), "what is measured depends on the threads");
        Assert.That(Call.Here("sample", "--run", At("broken"), "--device", "cpu", "--threads", "2").Worked().Output, Does.Contain(".png"));
        Assert.That(Call.Here("reconstruct", "--run", At("broken"), "--device", "cpu", "--threads", "2", "--count", "4").Worked().Output, Does.Contain(".png"));
    }

    /// <summary>A run of the time before threads were written down.</summary>
    [Test]
    public void RunWithoutRecordedThreads_GoesOn()
    {
        _ = Call.Here(Call.Tiny(At("run"), 2)).Worked();
        JsonNode config = RunFiles.Config(At("run"));
        Assert.That(config.AsObject().Remove("threads"));
        File.WriteAllText(At("run/config.json"), config.ToJsonString());
        _ = Call.Here("train", "--resume", At("run"), "--steps", "4").Worked();
        _ = Call.Here("eval", "--run", At("run"), "--device", "cpu", "--threads", "1").Worked();
    }

    [Test]
    public void Audit_TakesThreads()
    {
        string[] Audit(string threads) =>
        [
            "audit", "--data", Call.TinyData, "--encoder", "8", "--decoder", "8", "--categories", "3", "--latents", "2", "--device", "cpu",
            "--draws", "128", "--tune", "0", "--estimators", "exact,gumbel-softmax", "--threads", threads, "--json",
        ];
        JsonNode one = Call.Here(Audit("1")).Worked().Json, two = Call.Here(Audit("2")).Worked().Json;
        Assert.That(Timeless(two), Is.EqualTo(Timeless(one)));
    }

    [TestCase("train")]
    [TestCase("eval")]
    [TestCase("sample")]
    [TestCase("reconstruct")]
    [TestCase("audit")]
    public void Help_NamesThreads(string command) =>
        Assert.That(Call.Here(command, "--help").Worked().Output, Does.Contain("--threads").And.Contain("threads of the processor"));

    private static string Timeless(JsonNode report)
    {
        foreach (JsonNode? estimator in report["estimators"]!.AsArray())
            Assert.That(estimator!.AsObject().Remove("milliseconds"));

        return report.ToJsonString();
    }
}
