using IlgpuVae.Runtime;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Tests.Runs;

[TestFixture]
public sealed class MetricsLogTests : TemporaryFolder
{
    [Test]
    public void Append_WritesOneReadableLineAtOnce()
    {
        using MetricsLog log = MetricsLog.Create(At("m"));
        log.Append(
            3,
            [new("elbo", -0.1), new("epoch", 2), new("kl", double.NaN), new("best", double.PositiveInfinity)],
            [new("kind", "iwae-1000")]);
        Assert.That(ReadShared(), Is.EqualTo("{\"step\":3,\"elbo\":-0.1,\"epoch\":2,\"kl\":null,\"best\":null,\"kind\":\"iwae-1000\"}\n"));
    }

    [Test]
    public void Read_ReturnsTheNumbersExactly()
    {
        double[] awkward = [1.0 / 3, double.Epsilon, double.MaxValue, -0.0, 1e-7, 123456789.123456789, double.NaN];
        using (MetricsLog log = MetricsLog.Create(At("m")))
        {
            for (int i = 0; i < awkward.Length; i++)
                log.Append(i, [new("x", awkward[i])]);
        }

        IEnumerable<long> bits = MetricsLog.Read(At("m")).Select(row => BitConverter.DoubleToInt64Bits(row.Values["x"]));
        Assert.That(bits, Is.EqualTo(awkward.Select(BitConverter.DoubleToInt64Bits)));
    }

    [Test]
    public void Resume_CutsLaterStepsAndContinues()
    {
        File.WriteAllText(At("m"), "{\"step\":1,\"x\":1}\n{\"step\":2,\"x\":2}\n{\"step\":2,\"y\":2}\n{\"step\":3,\"x\":3}\n{\"step\":4");
        using (MetricsLog log = MetricsLog.Resume(At("m"), 2))
            log.Append(3, [new("x", 33)]);
        Assert.That(
            File.ReadAllText(At("m")),
            Is.EqualTo("{\"step\":1,\"x\":1}\n{\"step\":2,\"x\":2}\n{\"step\":2,\"y\":2}\n{\"step\":3,\"x\":33}\n"));
    }

    [TestCase("{\"step\":1,\"x\":1}\n{\"step\":2,\"x", "{\"step\":1,\"x\":1}\n", TestName = "Resume_CutsATornLine")]
    [TestCase("{\"step\":1,\"x\":1}\n{\"st\n", "{\"step\":1,\"x\":1}\n", TestName = "Resume_CutsATornLineWithABreak")]
    [TestCase("{\"step\":1,\"x\":1}\n\0\0\0\0", "{\"step\":1,\"x\":1}\n", TestName = "Resume_CutsTheZerosAPowerCutLeaves")]
    [TestCase("{\"step\":1,\"x\":1}", "{\"step\":1,\"x\":1}\n", TestName = "Resume_KeepsAWholeLineThatLacksItsBreak")]
    [TestCase("", "", TestName = "Resume_AcceptsAnEmptyLog")]
    [TestCase(null, "", TestName = "Resume_StartsAMissingLog")]
    public void Resume_Mends(string? before, string after)
    {
        if (before is not null)
            File.WriteAllText(At("m"), before);
        MetricsLog.Resume(At("m"), 9).Dispose();
        Assert.That(File.ReadAllText(At("m")), Is.EqualTo(after));
    }

    [Test]
    public void Resume_RefusesABrokenLineInTheMiddleAndKeepsTheFile()
    {
        const string text = "{\"step\":1}\nnonsense\n{\"step\":2}\n";
        File.WriteAllText(At("m"), text);
        Assert.That(() => MetricsLog.Resume(At("m"), 9), Throws.InstanceOf<InputException>().With.Message.Contains("line 2"));
        Assert.That(File.ReadAllText(At("m")), Is.EqualTo(text));
    }

    [Test]
    public void Read_NamesAFileThatIsNotThere() =>
        Assert.That(() => MetricsLog.Read(At("absent")), Throws.InstanceOf<InputException>().With.Message.Contains("absent"));

    private string ReadShared()
    {
        using FileStream stream = new(At("m"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
