using System.Text.Json.Nodes;

namespace IlgpuVae.Tests.CommandLine;

/// <summary><c>audit</c> on a run and on options: the table, the JSON, the files.</summary>
[TestFixture]
[Parallelizable]
public sealed class AuditCommandTests : TemporaryFolder
{
    private static readonly string[] Short = ["--estimators", "exact,straight-through,vimco", "--draws", "128", "--batch", "4", "--device", Call.Device];

    private static readonly string[] Promised =
    [
        "label", "name", "temperature", "tuned_steps", "objective", "draws", "verdict", "relative_bias", "noise_floor", "detectable_bias", "standard_deviation",
        "cosine_of_draw", "cosine_of_mean", "omnibus_z", "largest_z", "milliseconds", "decoded_rows", "memory_bytes",
    ];

    [Test]
    public void OfARun_LeavesItsFilesThere()
    {
        string run = At("run");
        _ = Call.Here(Call.Tiny(run, 4)).Worked();
        Call audited = Call.Here(["audit", "--run", run, .. Short]).Worked();
        Assert.That(audited.Output, Does.Contain("after 4 steps").And.Contain("No bias found: exact.").And.Contain("Biased: straight-through."));
        Assert.That(audited.Output, Does.Contain("another objective: the 2-sample bound").And.Contain("one time in 1000").And.Contain("audit.json"));
        RunFiles.RequirePicture(Path.Combine(run, "audit.png"));

        JsonObject report = JsonNode.Parse(File.ReadAllText(Path.Combine(run, "audit.json")))!.AsObject();
        Assert.That(((int)report["latents"]!, (int)report["categories"]!, (int)report["batch"]!), Is.EqualTo((1, 4, 4)));
        foreach (string number in new[] { "level", "exact_norm", "omnibus_limit", "largest_z_limit" })
            Assert.That((double)report[number]!, Is.Positive, number);
        JsonObject[] rows = [.. report["estimators"]!.AsArray().Select(row => row!.AsObject())];
        Assert.That(rows.Select(row => (string)row["label"]!), Is.EqualTo(new[] { "exact", "straight-through", "vimco, S = 2", "vimco, S = 4" }));
        Assert.That(rows.Select(row => (string)row["verdict"]!), Is.EqualTo(new[] { "no_bias_found", "biased", "other_objective", "other_objective" }));
        foreach (JsonObject row in rows)
            Assert.That(row.Select(pair => pair.Key), Is.EquivalentTo(Promised));
    }

    [Test]
    public void OfOptions_PrintsOnlyJsonWhenAsked_AndTrainsFirstWhenAsked()
    {
        string[] model = ["audit", "--data", Call.TinyData, "--encoder", "16", "--decoder", "16", "--latents", "2", "--categories", "2", .. Short];
        Call start = Call.Here([.. model, "--json", "--out", At("start.png")]).Worked();
        Assert.That(start.Error, Is.Empty);
        Assert.That(start.Json["estimators"]!.AsArray(), Has.Count.EqualTo(4));
        Assert.That(File.ReadAllText(At("start.json")).TrimEnd(), Is.EqualTo(start.Output.TrimEnd()));
        RunFiles.RequirePicture(At("start.png"));

        double trained = (double)Call.Here([.. model, "--json", "--steps", "20"]).Worked().Json["exact_norm"]!;
        Assert.That(trained, Is.Not.EqualTo((double)start.Json["exact_norm"]!));
        Assert.That(Call.Here([.. model, "--seed", "2"]).Worked().Output, Does.Contain("initial parameters"));
        Assert.That(Directory.GetFiles(Folder), Has.Length.EqualTo(2), "nothing is written that was not asked for");
    }

    [Test]
    public void WithoutNames_EveryEstimatorIsThere_AndWhatIsLeftOutIsSaid()
    {
        Call call = Call.Here(
            "audit",
            "--data",
            Call.TinyData,
            "--encoder",
            "",
            "--decoder",
            "",
            "--categories",
            "3",
            "--latents",
            "2",
            "--batch",
            "4",
            "--draws",
            "128",
            "--tune",
            "2",
            "--device",
            Call.Device).Worked();
        Assert.That(call.Output, Does.Contain("reinforce, leave-one-out, S = 4").And.Contain("gumbel-rao, M = 10").And.Contain("left out: disarm"));
    }
}
