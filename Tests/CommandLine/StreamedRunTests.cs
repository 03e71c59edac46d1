namespace IlgpuVae.Tests.CommandLine;

/// <summary>Runs on data that the device has no room for.</summary>
[TestFixture]
[Parallelizable]
public sealed class StreamedRunTests : TemporaryFolder
{
    // 40,000 pictures of 64 bytes are 2.4 MiB.
    private const string LargeData = "glyphs:prototypes=4,size=8,train=40000,valid=64,test=96";

    [Test]
    public void DataLargerThanTheMemory_TrainToTheSameBits()
    {
        // A chunk of 64 KiB is 32 batches.
        string[] Arguments(string run, params string[] more) =>
            [
                .. Call.Tiny(At(run), 80, ["--log-every", "7", "--eval-every", "40", .. more])
                .Select(argument => argument == Call.TinyData ? LargeData : argument),
            ];
        _ = Call.Here(Arguments("resident")).Worked();
        _ = Call.Here(Arguments("streamed", "--memory-limit", "2")).Worked();
        Assert.That(RunFiles.Checkpoint(At("streamed")), Is.EqualTo(RunFiles.Checkpoint(At("resident"))));
        Assert.That(RunFiles.TimelessMetrics(At("streamed")), Is.EqualTo(RunFiles.TimelessMetrics(At("resident"))));
        Assert.That((string)RunFiles.Config(At("resident"))["training_data"]!, Is.EqualTo("resident"));
        Assert.That((string)RunFiles.Config(At("streamed"))["training_data"]!, Is.EqualTo("streamed"));
        Assert.That((string)RunFiles.Config(At("streamed"))["training_data_reason"]!, Does.Contain("2.4 MiB").And.Contain("1.0 MiB"));

        Call refused = Call.Here(Arguments("refused", "--memory-limit", "2", "--stream", "never"));
        Assert.That(refused.Code, Is.EqualTo(2));
        Assert.That(refused.Error, Does.Contain("--stream always"));
    }

    [Test]
    public void Resume_MayChangeWhereTheDataAre()
    {
        string[] estimator = ["--estimator", "gumbel-softmax", "--temperature", "1", "--beta", "1"];
        _ = Call.Here(Call.Tiny(At("straight"), 30, estimator)).Worked();
        _ = Call.Here(Call.Tiny(At("broken"), 17, estimator)).Worked();
        _ = Call.Here("train", "--resume", At("broken"), "--steps", "30", "--stream", "always").Worked();
        Assert.That(RunFiles.Checkpoint(At("broken")), Is.EqualTo(RunFiles.Checkpoint(At("straight"))));
        Assert.That((string)RunFiles.Config(At("broken"))["training_data"]!, Is.EqualTo("streamed"));
    }

    [Test]
    public void Explain_SaysWhereAndWhy()
    {
        Assert.That(Call.Here(Call.Tiny(At("run"), 3, "--explain")).Worked().Output, Does.Contain("resident (auto"));
        Assert.That(Call.Here(Call.Tiny(At("run"), 3, "--explain", "--stream", "always")).Worked().Output, Does.Contain("streamed (asked for)"));
    }

    [Test]
    public void Audit_TakesStreamedData() =>
        Assert.That(
            Audit("--stream", "always"),
            Is.EqualTo(Audit()).And.Not.Empty);

    private static string Audit(params string[] more)
    {
        Call call = Call.Here(
            [
                "audit",
                "--data",
                Call.TinyData,
                "--device",
                Call.Device,
                "--encoder",
                "8",
                "--decoder",
                "8",
                "--categories",
                "3",
                "--steps",
                "9",
                "--batch",
                "4",
                "--draws",
                "128",
                "--estimators",
                "straight-through",
                "--json",
                .. more,
            ]).Worked();
        return string.Join('\n', call.Output.Split('\n').Where(line => !line.Contains("milliseconds", StringComparison.Ordinal)));
    }
}
