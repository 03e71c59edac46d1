using System.Diagnostics;
using System.Text.Json.Nodes;
using ILGPU.Runtime;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>A run that was stopped, in whatever way, ends as one that never was: the same bytes in the checkpoint, the same metrics.</summary>
[TestFixture]
[Parallelizable]
public sealed class ResumeTests : TemporaryFolder
{
    private const int Interrupt = 2, Kill = 9, Terminate = 15;

    private static IEnumerable<string> OtherDevices =>
        Target.Best.Where(target => target.Type != AcceleratorType.CPU).Select(target => target.Type == AcceleratorType.Cuda ? "cuda" : "opencl");

    // Nothing divides anything: a log line sums over steps on both sides of the break, and an evaluation is due at the break itself.
    private static readonly string[] Rhythm = ["--log-every", "20", "--eval-every", "15", "--checkpoint-every", "25"];

    [TestCase("--estimator", "exact", "--beta", "linear:4:1:45")]
    [TestCase("--estimator", "gumbel-softmax", "--beta", "1", "--temperature", "exponential:1:0.5:60")]
    [TestCase("--estimator", "exact", "--beta", "1", "--mi-weight", "0.5", "--marginal-weight", "2", "--free-bits", "0.01", "--uniform-mix", "0.01")]
    [TestCase("--estimator", "reinforce", "--samples", "1", "--baseline", "moving-average", "--optimizer", "sgd")]
    [TestCase("--estimator", "rebar", "--beta", "1")]
    [TestCase("--estimator", "relax", "--beta", "1", "--control-network", "8", "--clip-norm", "1")]
    [TestCase("--estimator", "reinforce", "--samples", "2", "--beta", "1", "--baseline", "learned", "--control-network", "8", "--normalise-variance")]
    public void Resume_ContinuesAFinishedRunToALongerOne(params string[] estimator)
    {
        _ = Call.Here(Call.Tiny(At("straight"), 60, [.. Rhythm, .. estimator])).Worked();
        _ = Call.Here(Call.Tiny(At("broken"), 30, [.. Rhythm, .. estimator])).Worked();
        Assert.That(RunFiles.Checkpoint(At("broken")), Is.Not.EqualTo(RunFiles.Checkpoint(At("straight"))));
        _ = Call.Here("train", "--resume", At("broken"), "--steps", "60").Worked();
        RequireSame(At("broken"), At("straight"));
        _ = Call.Here("train", "--resume", At("broken")).Worked();
        RequireSame(At("broken"), At("straight"));
    }

    [TestCaseSource(nameof(OtherDevices))]
    public void Resume_ContinuesOnEveryDevice(string device)
    {
        string[] same = ["--estimator", "gumbel-softmax", "--beta", "1", "--temperature", "1", .. Rhythm];
        string[] OnDevice(string run, int steps) => [.. Call.Tiny(At(run), steps, same).Select(argument => argument == Call.Device ? device : argument)];
        _ = Call.Here(OnDevice("straight", 60)).Worked();
        _ = Call.Here(OnDevice("broken", 30)).Worked();
        _ = Call.Here("train", "--resume", At("broken"), "--steps", "60").Worked();
        Assert.That((string)RunFiles.Config(At("broken"))["device"]!, Does.StartWith(device));
        RequireSame(At("broken"), At("straight"));
    }

    [Test]
    public void Resume_KeepsTheCourseOfSchedulesThatReachOverTheRun()
    {
        _ = Call.Here(Call.Tiny(At("run"), 20, "--learning-rate", "cosine:1e-3:1e-4,warmup=5", "--log-every", "10")).Worked();
        _ = Call.Here("train", "--resume", At("run"), "--steps", "30").Worked();
        JsonNode options = RunFiles.Config(At("run"))["options"]!;
        Assert.That((string)options["beta"]!, Is.EqualTo("linear:30:1:10"));
        Assert.That((string)options["learning_rate"]!, Is.EqualTo("cosine:1e-3:1e-4:15,warmup=5"));
        _ = Call.Here("train", "--config", At("run/config.json"), "--out", At("again")).Worked();
        RequireSame(At("again"), At("run"));
    }

    [Test]
    public void Resume_ContinuesWhatWasKilled()
    {
        string[] rhythm = ["--log-every", "7", "--eval-every", "30", "--checkpoint-every", "20"];
        _ = Call.Here(Call.Tiny(At("straight"), 400, rhythm)).Worked();
        using (Process process = Call.Start(Folder, Call.Tiny(At("killed"), 400, rhythm)))
        {
            Call.Await(process, () => File.Exists(At("killed/checkpoint.safetensors")));
            if (OperatingSystem.IsWindows())
                process.Kill();
            else
                Call.Signal(process, Kill);
            process.WaitForExit();
        }

        Assert.That(RunFiles.Checkpoint(At("killed")), Is.Not.EqualTo(RunFiles.Checkpoint(At("straight"))), "it was killed too late to prove anything");

        // A kill in the middle of writing leaves these.
        File.WriteAllText(At("killed/checkpoint.safetensors.tmp"), "half a checkpoint");
        File.AppendAllText(At("killed/metrics.jsonl"), "{\"step\":399,\"elbo\":-1");
        _ = Call.Here("train", "--resume", At("killed")).Worked();
        RequireSame(At("killed"), At("straight"));
        Assert.That(File.Exists(At("killed/checkpoint.safetensors.tmp")), Is.False);
    }

    [TestCase(Interrupt)]
    [TestCase(Terminate)]
    public void Signal_LeavesACheckpointAndSaysHowToGoOn(int signal)
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("Windows has no signals to send.");
        if (signal == Interrupt && IgnoresInterrupts())
            Assert.Ignore("This process was started with interrupts ignored, as background jobs are, and its children inherit that.");
        string[] rhythm = ["--log-every", "10", "--checkpoint-every", "100000"];
        Call stopped;
        using (Process process = Call.Start(Folder, Call.Tiny(At("run"), 100_000, rhythm)))
        {
            Call.Await(process, () => File.Exists(At("run/metrics.jsonl")) && new FileInfo(At("run/metrics.jsonl")).Length > 0);
            Call.Signal(process, signal);
            stopped = Call.End(process);
        }

        Assert.That(stopped.Code, Is.EqualTo(1), stopped.Error);
        Assert.That(stopped.Error, Does.Contain($"train --resume {At("run")}").And.Contain("checkpoint").And.Not.Contain(" at "));
        int done = (int)RunFiles.Metrics(At("run"))[^1]["step"]!;
        _ = Call.Here("train", "--resume", At("run"), "--steps", $"{done + 20}").Worked();
        Assert.That((int)RunFiles.Metrics(At("run"))[^1]["step"]!, Is.EqualTo(done + 20));
    }

    [Test]
    public void Resume_OfARunWithoutCheckpointNamesTheWayOut()
    {
        _ = Call.Here(Call.Tiny(At("run"), 2)).Worked();
        File.Delete(At("run/checkpoint.safetensors"));
        Call refused = Call.Here("train", "--resume", At("run"));
        Assert.That(refused.Code, Is.EqualTo(2));
        Assert.That(refused.Error, Does.Contain("before the first").And.Contain($"--config {At("run/config.json")}"));
    }

    private static void RequireSame(string run, string straight)
    {
        Assert.That(RunFiles.TimelessMetrics(run), Is.EqualTo(RunFiles.TimelessMetrics(straight)));
        Assert.That(RunFiles.Checkpoint(run), Is.EqualTo(RunFiles.Checkpoint(straight)), "the checkpoints differ");
    }

    private static bool IgnoresInterrupts()
    {
        string? ignored = File.Exists("/proc/self/status")
            ? File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))
            : null;
        return ignored is not null && (Convert.ToUInt64(ignored[7..].Trim(), 16) & (1UL << (Interrupt - 1))) != 0;
    }
}
