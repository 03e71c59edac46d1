using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>Work that fails through no fault of the call: exit code 1, a sentence, and what was good is kept.</summary>
[TestFixture]
[Parallelizable]
public sealed partial class FailureTests : TemporaryFolder
{
    [Test]
    public void NonFinite_StopsAndKeepsTheParametersBefore()
    {
        Call failed = Call.Here(Call.Tiny(At("run"), 60, "--optimizer", "sgd", "--learning-rate", "1e30", "--log-every", "10"));
        Assert.That(failed.Code, Is.EqualTo(1));
        Assert.That(failed.Error, Does.Contain("--learning-rate below 1e30").And.Contain(At("run/checkpoint.safetensors")));
        Assert.That(failed.Error, Does.Not.Contain("   at "));
        int step = BadStep(failed);
        Assert.That(step, Is.InRange(2, 10));
        Assert.That(File.Exists(At("run/codes.png")), Is.False);

        JsonNode report = Call.Here("eval", "--run", At("run"), "--json", "--device", Call.Device).Worked().Json;
        Assert.That((int)report["examples"]!, Is.EqualTo(64));
        Call again = Call.Here("train", "--resume", At("run"));
        Assert.That((again.Code, BadStep(again)), Is.EqualTo((1, step)), "the checkpoint is of the step before, so the same step fails again");
    }

    [Test]
    public void NonFinite_KeepsTheLastGoodCheckpoint()
    {
        Call failed = Call.Here(
            Call.Tiny(At("run"), 200, "--optimizer", "sgd", "--learning-rate", "exponential:1e-3:1e30:100", "--log-every", "1", "--checkpoint-every", "5"));
        Assert.That(failed.Code, Is.EqualTo(1));
        int step = BadStep(failed);
        Assert.That(step, Is.GreaterThan(6), "it failed too early to prove anything");
        int kept = (step - 1) / 5 * 5;
        Assert.That(failed.Error, Does.Contain($"the checkpoint of step {kept} is kept"));
        byte[] checkpoint = RunFiles.Checkpoint(At("run"));
        _ = Call.Here(
            Call.Tiny(
                At("short"),
                kept,
                "--optimizer",
                "sgd",
                "--learning-rate",
                "exponential:1e-3:1e30:100",
                "--log-every",
                "1",
                "--beta",
                "linear:30:1:100")).Worked();
        Assert.That(checkpoint, Is.EqualTo(RunFiles.Checkpoint(At("short"))));
    }

    [Test]
    public void Verbose_AddsTheTraceOfAnError()
    {
        Call terse = Call.Here("eval", "--run", At("absent")), verbose = Call.Here("eval", "--run", At("absent"), "--verbose");
        Assert.That((terse.Code, verbose.Code), Is.EqualTo((2, 2)));
        Assert.That(terse.Error, Does.Not.Contain("   at "));
        Assert.That(verbose.Error, Does.Contain("   at ").And.Contain(terse.Error.Trim()));
    }

    [Test]
    public void ASecondProcess_CannotTrainIntoTheSameRun()
    {
        _ = Call.Here(Call.Tiny(At("run"), 4)).Worked();
        using Process first = Call.Start(
            Folder, "train", "--resume", At("run"), "--steps", "1000000", "--log-every", "1000000", "--checkpoint-every", "1000000");
        Call.Await(first, () => File.Exists(At("run/.lock")));
        Call second = Call.Here("train", "--resume", At("run"));
        Assert.That(second.Code, Is.EqualTo(2), second.Error);
        Assert.That(second.Error, Does.Contain("another process"));
        first.Kill();
        first.WaitForExit();
        _ = Call.Here("train", "--resume", At("run"), "--steps", "6").Worked();
    }

    [Test]
    public void AProgramThatCannotWriteItsPictureSaysSo()
    {
        _ = Call.Here(Call.Tiny(At("run"), 2)).Worked();

        // The temporary name that a picture is written under is taken by a folder: what a full disk or a lost permission looks like from here.
        _ = Directory.CreateDirectory(At("picture.png.tmp"));
        Call failed = Call.Here("sample", "--run", At("run"), "--out", At("picture.png"), "--device", Call.Device);
        Assert.That(failed.Code, Is.EqualTo(1));
        Assert.That(failed.Error, Does.Contain("picture.png").And.Not.Contain("   at "));
        Assert.That(failed.Output, Is.Empty);
    }

    private static int BadStep(Call failed) =>
        int.Parse(FiniteUntil().Match(failed.Error).Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex("not finite at step ([0-9]+)")]
    private static partial Regex FiniteUntil();
}
