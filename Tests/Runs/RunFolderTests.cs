using IlgpuVae.Runtime;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Tests.Runs;

[TestFixture]
public sealed class RunFolderTests : TemporaryFolder
{
    private static readonly DateTime Start = new(2031, 2, 3, 4, 5, 6, DateTimeKind.Local);

    [Test]
    public void Create_MakesTheFolderAndItsParents()
    {
        RunFolder run = RunFolder.Create(At("a/b"));
        Assert.That(Directory.Exists(At("a/b")));
        Assert.That(run.ConfigPath, Is.EqualTo(At("a/b/config.json")));
        Assert.That(run.MetricsPath, Is.EqualTo(At("a/b/metrics.jsonl")));
        Assert.That(run.CheckpointPath, Is.EqualTo(At("a/b/checkpoint.safetensors")));
        Assert.That(run.Picture("codes"), Is.EqualTo(At("a/b/codes.png")));
    }

    [Test]
    public void Create_RefusesAnythingThatIsThere()
    {
        File.WriteAllText(At("file"), "x");
        Assert.That(() => RunFolder.Create(At("file")), Throws.InstanceOf<InputException>().With.Message.Contains("a new folder"));
        Assert.That(
            () => RunFolder.Create(Folder),
            Throws.InstanceOf<InputException>().With.Message.Contains($"{Folder} has files").And.Message.Not.Contains("checkpoint"));
        Assert.That(() => RunFolder.RequireNew(Folder), Throws.InstanceOf<InputException>().With.Message.Contains($"{Folder} has files"));

        _ = RunFolder.Create(At("run"));
        Assert.That(
            () => RunFolder.Create(At("run")),
            Throws.InstanceOf<InputException>(),
            "a run without settings yet is no empty folder");
        File.WriteAllText(At("run/config.json"), "{}");
        Assert.That(() => RunFolder.Create(At("run")), Throws.InstanceOf<InputException>().With.Message.Contains($"checkpoint = {At("run")}"));
    }

    [Test]
    public void Create_AcceptsAnEmptyFolder()
    {
        _ = Directory.CreateDirectory(At("empty"));
        Assert.That(RunFolder.Create(At("empty")).Location, Is.EqualTo(At("empty")));
    }

    [Test]
    public void Create_NamesAParentThatIsAFile()
    {
        File.WriteAllText(At("file"), "x");
        Assert.That(() => RunFolder.Create(At("file/run")), Throws.InstanceOf<InputException>().With.Message.Contains(At("file/run")));
    }

    [TestCase("glyphs", "auto", "20310203-040506-glyphs-auto")]
    [TestCase("../shared/data/mnist/", "reinforce", "20310203-040506-mnist-reinforce")]
    [TestCase("C:\\sets\\My Table.csv", "gumbel-softmax", "20310203-040506-my-table-gumbel-softmax")]
    [TestCase("train.amat.gz", "exact", "20310203-040506-train-exact")]
    [TestCase("../..", "exact", "20310203-040506-data-exact")]
    public void CreateDefault_NamesTheRun(string data, string estimator, string name)
    {
        Assert.That(RunFolder.CreateDefault(data, estimator, Start, Folder).Location, Is.EqualTo(At(name)));
        Assert.That(RunFolder.CreateDefault(data, estimator, Start, Folder).Location, Is.EqualTo(At(name + "-2")));
        Assert.That(RunFolder.CreateDefault(data, estimator, Start, Folder).Location, Is.EqualTo(At(name + "-3")));
    }

    [Test]
    public void CreateDefault_GivesEachOfManyRunsItsOwnFolder()
    {
        string[] made = new string[16];
        _ = Parallel.For(0, made.Length, i => made[i] = RunFolder.CreateDefault("glyphs", "auto", Start, Folder).Location);
        Assert.That(made, Is.Unique);
    }

    [Test]
    public void Open_SaysWhatIsMissing()
    {
        Assert.That(() => RunFolder.Open(At("absent")), Throws.InstanceOf<InputException>().With.Message.Contains("no folder"));
        RunFolder run = RunFolder.Create(At("run"));
        Assert.That(() => RunFolder.Open(At("run")), Throws.InstanceOf<InputException>().With.Message.Contains("no config.json"));
        run.WriteConfig(new Settings(1, "x", Mode.Plain));
        Assert.That(() => RunFolder.Open(At("run")), Throws.InstanceOf<InputException>().With.Message.Contains("checkpoint"));
        File.WriteAllText(run.CheckpointPath, "");
        Assert.That(RunFolder.Open(At("run")).Location, Is.EqualTo(At("run")));
    }

    [Test]
    public void WriteConfig_IsReadableAndReadsBack()
    {
        RunFolder run = RunFolder.Create(At("run"));
        Settings settings = new(0.001f, "café", Mode.StraightThrough);
        run.WriteConfig(settings);
        Assert.That(
            File.ReadAllText(run.ConfigPath),
            Is.EqualTo("{\n  \"learning_rate\": 0.001,\n  \"data_name\": \"café\",\n  \"estimator_mode\": \"straight_through\"\n}\n"));
        Assert.That(run.ReadConfig<Settings>(), Is.EqualTo(settings));
    }

    [TestCase("{\"learning_rate\": 1, \"learnin_rate\": 2}", "learnin_rate")]
    [TestCase("{\n\"learning_rate\": \"fast\"}", "line 2: the setting learning_rate")]
    [TestCase("{\"learning_rate\": 1, \"data_name\": null}", "data_name")]
    [TestCase("{\"estimator_mode\": \"wild\"}", "estimator_mode")]
    [TestCase("{\"learning_rate\": 1", "line 1")]
    [TestCase("null", "null")]
    [TestCase("", "line 1")]
    public void ReadConfig_NamesFileAndPlace(string text, string place)
    {
        File.WriteAllText(At("config.json"), text);
        string message = Assert.Throws<InputException>(() => JsonFile.Read<Settings>(At("config.json")))!.Message;
        Assert.That(message, Does.Contain(At("config.json")).And.Contain(place));
    }

    [Test]
    public void ReadConfig_AllowsWhatPeopleWrite()
    {
        File.WriteAllText(At("config.json"), "\uFEFF{ // mine\n \"learning_rate\": 2,\n}");
        Assert.That(JsonFile.Read<Settings>(At("config.json")), Is.EqualTo(new Settings(2)));
    }

    private enum Mode
    {
        Plain,
        StraightThrough,
    }

    private sealed record Settings(float LearningRate, string DataName = "none", Mode EstimatorMode = Mode.Plain);
}
