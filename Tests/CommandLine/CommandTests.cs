using System.Text.Json.Nodes;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>Every command with good input, and what it leaves behind.</summary>
[TestFixture]
[Parallelizable]
public sealed class CommandTests
{
    private static readonly string[] Promised = ["step", "epoch", "elbo", "reconstruction", "kl"];

    private string folder = "";

    private string Run => Path.Combine(folder, "run");

    [OneTimeSetUp]
    public void Train()
    {
        folder = Directory.CreateTempSubdirectory("ilgpu-vae-").FullName;
        _ = Call.Here(Call.Tiny(Run, 24, "--log-every", "6", "--eval-every", "12", "--estimator", "auto")).Worked();
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Train_LeavesWhatIsPromised()
    {
        foreach (string picture in new[] { "course", "codes", "reconstructions" })
            RunFiles.RequirePicture(Path.Combine(Run, picture + ".png"));
        JsonObject[] metrics = RunFiles.Metrics(Run);
        JsonObject[] steps = [.. metrics.Where(line => line.ContainsKey("elbo"))];
        Assert.That(steps.Select(line => (int)line["step"]!), Is.EqualTo(new[] { 6, 12, 18, 24 }));
        foreach (JsonObject line in steps)
        {
            Assert.That(Promised, Is.SubsetOf(line.Select(pair => pair.Key)));
            Assert.That((double)line["elbo"]!, Is.EqualTo((double)line["reconstruction"]! - (double)line["kl"]!).Within(1e-9));
            Assert.That((double)line["epoch"]!, Is.EqualTo((int)line["step"]! * 32 / 256.0));
            Assert.That((double)line["kl"]!, Is.InRange(0, Math.Log(4) + 1e-4));
        }

        JsonObject[] held = [.. metrics.Where(line => line.ContainsKey("valid_elbo"))];
        Assert.That(held.Select(line => (int)line["step"]!), Is.EqualTo(new[] { 12, 24 }));
        JsonNode config = RunFiles.Config(Run);
        Assert.That((string)config["estimator"]!, Is.EqualTo("exact"));
        Assert.That((string)config["estimator_reason"]!, Does.Contain("joint codes"));
        Assert.That((string)config["device"]!, Does.StartWith(Call.Device));
        foreach (string version in new[] { "device_description", "version", "ilgpu", "dotnet", "system" })
            Assert.That((string)config[version]!, Is.Not.Empty);
    }

    [Test]
    public void Train_LogsThePartsOfASplitKl()
    {
        string run = Path.Combine(folder, "split");
        _ = Call.Here(Call.Tiny(run, 20, "--log-every", "10", "--prior", "learned", "--mi-weight", "0", "--beta", "1", "--learning-rate", "1e-2")).Worked();
        foreach (JsonObject line in RunFiles.Metrics(run).Where(line => line.ContainsKey("elbo")))
        {
            (double information, double marginal, double kl) = ((double)line["mutual_information"]!, (double)line["marginal_kl"]!, (double)line["kl"]!);
            Assert.That(information + marginal, Is.EqualTo(kl).Within(1e-5));
            Assert.That(information, Is.GreaterThan(1e-4));
            Assert.That(marginal, Is.GreaterThan(0));
        }

        Assert.That(
            RunFiles.Metrics(Run).Any(line => line.ContainsKey("marginal_kl") || line.ContainsKey("mutual_information")),
            Is.False,
            "a KL that is whole has no parts");
    }

    [Test]
    public void Train_TakesOneLogitAndAMixture()
    {
        string run = Path.Combine(folder, "one-logit");
        string[] tiny = [.. Call.Tiny(run, 5, "--latents", "3", "--logits", "one", "--uniform-mix", "0.2", "--log-every", "5")];
        tiny[Array.IndexOf(tiny, "--categories") + 1] = "2";
        _ = Call.Here(tiny).Worked();
        Call evaluated = Call.Here("eval", "--run", run, "--device", Call.Device, "--json").Worked();

        // Nowhere below a tenth: no variable can say more than log 2 - h(0.1).
        Assert.That((double)evaluated.Json["kl"]!, Is.InRange(0, 3 * (Math.Log(2) + (0.1 * Math.Log(0.1)) + (0.9 * Math.Log(0.9)))));
        Assert.That((string)RunFiles.Config(run)["options"]!["logits"]!, Is.EqualTo("one"));
    }

    [Test]
    public void Train_RepeatsFromItsConfig()
    {
        string again = Path.Combine(folder, "again");
        _ = Call.Here("train", "--config", Path.Combine(Run, "config.json"), "--out", again).Worked();
        Assert.That(RunFiles.Checkpoint(again), Is.EqualTo(RunFiles.Checkpoint(Run)));
        Assert.That(RunFiles.TimelessMetrics(again), Is.EqualTo(RunFiles.TimelessMetrics(Run)));
        string other = Path.Combine(folder, "other");
        _ = Call.Here("train", "--config", Path.Combine(Run, "config.json"), "--out", other, "--seed", "2").Worked();
        Assert.That(
            RunFiles.Checkpoint(other),
            Is.Not.EqualTo(RunFiles.Checkpoint(Run)),
            "another seed has to give other parameters, or the test above proves nothing");
    }

    [Test]
    public void Train_TakesAnOptionsFileAndItsOwnOptionsOnTop()
    {
        string options = Path.Combine(folder, "options.json"), run = Path.Combine(folder, "from-file");
        File.WriteAllText(options, $$"""
            { // written by hand
              "data": "{{Call.TinyData}}", "encoder": [8], "decoder": [8], "categories": 3, "batch": 16, "device": "{{Call.Device}}", "epochs": 2,
                  "prior": "learned",
            }
            """);
        _ = Call.Here("train", "--config", options, "--out", run, "--steps", "3", "--categories", "5").Worked();
        JsonNode used = RunFiles.Config(run)["options"]!;
        Assert.That((int)used["categories"]!, Is.EqualTo(5));
        Assert.That((int)used["batch"]!, Is.EqualTo(16));
        Assert.That((string)used["prior"]!, Is.EqualTo("learned"));
        Assert.That((int)RunFiles.Config(run)["steps"]!, Is.EqualTo(3), "--steps takes the place of the file's epochs");
    }

    [Test]
    public void Train_ExplainsWithoutTraining()
    {
        string run = Path.Combine(folder, "explained");
        Call explained = Call.Here(Call.Tiny(run, 24, "--explain")).Worked();
        Assert.That(explained.Output, Does.Contain("exact (auto: summing over all 4 joint codes").And.Contain("MiB"));
        JsonNode outline = Call.Here(Call.Tiny(run, 24, "--explain", "--json", "--latents", "12")).Worked().Json;
        Assert.That((string)outline["plan"]!["estimator"]!, Is.EqualTo("gumbel-softmax"));
        Assert.That((string)outline["plan"]!["estimator_reason"]!, Does.Contain("over the budget"));
        Assert.That((long)outline["parameters"]!, Is.Positive);
        Assert.That(Directory.Exists(run), Is.False);
    }

    [Test]
    public void Train_AsAUserCallsItPrintsOnlyJsonWhenAsked()
    {
        string place = Directory.CreateDirectory(Path.Combine(folder, "place")).FullName;
        string[] call = [.. Call.Tiny("dropped", 4, "--json", "--likelihood", "gaussian", "--binarize", "none")];
        call = [.. call.Where((argument, i) => argument != "--out" && (i == 0 || call[i - 1] != "--out"))];
        Call trained = Call.Apart(place, call).Worked();
        string run = Path.Combine(place, (string)trained.Json["run_folder"]!);
        Assert.That(Path.GetDirectoryName(run), Is.EqualTo(Path.Combine(place, "runs")));
        Assert.That(run, Does.EndWith("-glyphs-exact"));
        Assert.That(trained.Json["evaluation"]!["best_possible"], Is.Null, "densities are not measured against probabilities");
        Assert.That(trained.Error, Does.Contain("estimator"), "what is for people goes to standard error");
        RunFiles.RequirePicture(Path.Combine(run, "codes.png"));
    }

    [Test]
    public void Eval_AgreesWithTheRunAndItself()
    {
        JsonNode valid = Call.Here("eval", "--run", Run, "--json", "--device", Call.Device).Worked().Json;
        JsonObject last = RunFiles.Metrics(Run)[^1];
        Assert.That((double)valid["elbo"]!, Is.EqualTo((double)last["valid_elbo"]!));
        Assert.That((string)valid["log_likelihood_kind"]!, Is.EqualTo("exact"));
        Assert.That((double)valid["log_likelihood"]!, Is.GreaterThanOrEqualTo((double)valid["elbo"]! - 1));
        Assert.That((double)valid["best_possible"]!, Is.GreaterThan((double)valid["log_likelihood"]!));

        JsonNode test = Call.Here("eval", "--run", Run, "--json", "--device", Call.Device, "--split", "test").Worked().Json;
        Assert.That((int)test["examples"]!, Is.EqualTo(96));
        JsonNode other = Call.Here("eval", "--run", Run, "--json", "--device", Call.Device, "--data", Call.TinyData + ",seed=5").Worked().Json;
        Assert.That((int)other["examples"]!, Is.EqualTo(256 + 64 + 96), "another source is used whole");
        Assert.That((double)other["elbo"]!, Is.Not.EqualTo((double)test["elbo"]!));
        Assert.That(Call.Here("eval", "--run", Run, "--device", Call.Device, "--split", "train").Worked().Output, Does.Contain("train, 256 examples"));
    }

    [Test]
    public void Eval_BoundsWhatItCannotSum()
    {
        string run = Path.Combine(folder, "many");
        _ = Call.Here(Call.Tiny(run, 2, "--latents", "10", "--estimator", "st-gumbel-softmax")).Worked();
        JsonNode report = Call.Here("eval", "--run", run, "--samples", "12", "--json", "--device", Call.Device).Worked().Json;
        Assert.That((string)report["log_likelihood_kind"]!, Is.EqualTo("iwae-12"));
        Assert.That((double)report["log_likelihood"]!, Is.GreaterThan((double)report["elbo"]!));
        Assert.That(Call.Here("eval", "--run", run, "--samples", "0", "--json", "--device", Call.Device).Worked().Json["log_likelihood"], Is.Null);
    }

    [Test]
    public void Eval_WorksOnAnotherDevice()
    {
        string[] devices = [.. DeviceSurvey.Take().Where(found => found.IsUsable).Select(found => found.Name!)];
        string? other = devices.FirstOrDefault(device => !device.StartsWith(Call.Device, StringComparison.Ordinal));
        if (other is null)
            Assert.Ignore("There is only one device here.");
        double here = (double)Call.Here("eval", "--run", Run, "--json", "--device", Call.Device).Worked().Json["elbo"]!;
        double there = (double)Call.Here("eval", "--run", Run, "--json", "--device", other).Worked().Json["elbo"]!;
        Assert.That(there, Is.EqualTo(here).Within(1e-3));
    }

    [Test]
    public void Sample_And_Reconstruct_WritePicturesAndNameThem()
    {
        Call sample = Call.Here("sample", "--run", Run, "--count", "9", "--device", Call.Device).Worked();
        Assert.That(sample.Output.Trim(), Is.EqualTo(Path.Combine(Run, "samples.png")));
        RunFiles.RequirePicture(sample.Output.Trim());
        string first = Path.Combine(folder, "first.png"), second = Path.Combine(folder, "second.png"), third = Path.Combine(folder, "third.png");
        foreach ((string path, string seed) in new[] { (first, "1"), (second, "1"), (third, "2") })
            _ = Call.Here("sample", "--run", Run, "--seed", seed, "--out", path, "--device", Call.Device).Worked();
        Assert.That(File.ReadAllBytes(second), Is.EqualTo(File.ReadAllBytes(first)));
        Assert.That(File.ReadAllBytes(third), Is.Not.EqualTo(File.ReadAllBytes(first)));
        Call reconstructed = Call.Here("reconstruct", "--run", Run, "--split", "test", "--count", "5", "--device", Call.Device).Worked();
        Assert.That(reconstructed.Output.Trim(), Is.EqualTo(Path.Combine(Run, "reconstructions-test.png")));
        RunFiles.RequirePicture(reconstructed.Output.Trim());
    }

    [Test]
    public void Devices_ListsEveryBackEndAndWhyOneIsNotThere()
    {
        Call text = Call.Apart(folder, "devices").Worked();
        JsonArray found = Call.Here("devices", "--json").Worked().Json.AsArray();
        Assert.That(found.Select(device => (string)device!["backend"]!).Distinct(), Is.EquivalentTo(new[] { "cuda", "opencl", "cpu" }));
        foreach (JsonNode? device in found)
        {
            if (!(bool)device!["is_usable"]!)
                Assert.That(text.Output, Does.Contain((string)device["problem"]!).And.Contain((string)device["cure"]!), "the reason and the cure, unbroken");
        }

        Assert.That(text.Error, Is.Empty);
    }

    [Test]
    public void Help_AndNoCommand_ShowTheCommands()
    {
        foreach (Call shown in new[] { Call.Here(), Call.Here("--help") })
        {
            foreach (string command in new[] { "train", "eval", "sample", "reconstruct", "audit", "devices" })
                Assert.That(shown.Worked().Output, Does.Contain(command));
        }

        Assert.That(Call.Here("train", "--help").Worked().Output, Does.Contain("--resume").And.Contain("--memory-limit"));
    }
}
