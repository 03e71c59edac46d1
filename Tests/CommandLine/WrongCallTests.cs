using System.Text.RegularExpressions;

namespace IlgpuVae.Tests.CommandLine;

/// <summary>Every wrong call gets a plain sentence or two and exit code 2, and leaves the disk as it was.</summary>
[TestFixture]
[Parallelizable]
public sealed partial class WrongCallTests
{
    private const int LongestMessage = 400;

    private string folder = "";

    [OneTimeSetUp]
    public void WriteFiles()
    {
        folder = Directory.CreateTempSubdirectory("vae-").FullName;
        _ = Call.Here(Call.Tiny(Path.Combine(folder, "run"), 4, "--log-every", "2")).Worked();
        DamagedFiles.Write(folder);
    }

    [OneTimeTearDown]
    public void DeleteFiles() => Directory.Delete(folder, recursive: true);

    [TestCaseSource(typeof(WrongCall), nameof(WrongCall.All))]
    public void IsRefused(WrongCall wrong)
    {
        SortedDictionary<string, string> before = RunFiles.Snapshot(folder);
        Call call = Call.Here(Complete(wrong.Arguments));
        Assert.That(call.Error, Is.Not.Empty);
        TestContext.Out.WriteLine(call.Error.Trim());
        Assert.That(call.Code, Is.EqualTo(2), call.Error);
        Assert.That(call.Output, Is.Empty);
        Assert.That(RunFiles.Snapshot(folder), Is.EqualTo(before), "something on the disk has changed");
        foreach (string words in wrong.Mentions.Split('|'))
            Assert.That(call.Error, Does.Contain(words.Replace("$", folder, StringComparison.Ordinal)));
        Assert.That(
            call.Error,
            Does.EndWith($"{Environment.NewLine}").And.Not.Contain("   at ").And.Not.Contain("Exception").And.Not.Contain("System.")
                .And.Not.Contain("IlgpuVae."));
        string message = call.Error.TrimEnd();
        Assert.That(message, Does.Not.Contain("\n").And.Length.LessThanOrEqualTo(LongestMessage));
        Assert.That(message, Does.EndWith(".").Or.EndWith("?"));
        Assert.That(SentenceEnd().Count(message), Is.InRange(1, message.Contains("Did you mean", StringComparison.Ordinal) ? 3 : 2), "sentences");
    }

    [Test]
    public void IsRefused_InAProcessOfItsOwnToo()
    {
        Call call = Call.Apart(folder, "train", "--batch", "0", "--device", "cpu", "--out", Path.Combine(folder, "new"));
        Assert.That((call.Code, call.Output), Is.EqualTo((2, "")));
        Assert.That(call.Error.Trim(), Is.EqualTo("--batch is 0, and has to be at least 1."));
    }

    [TestCase("train", "--out", "")]
    [TestCase("train", "--resume", "")]
    [TestCase("train", "--config", " ")]
    [TestCase("train", "--data", "")]
    [TestCase("eval", "--run", "")]
    [TestCase("train", "--device", "")]
    public void AnEmptyValueIsRefused(params string[] arguments)
    {
        Call call = Call.Here(arguments);
        Assert.That((call.Code, call.Output), Is.EqualTo((2, "")));
        Assert.That(call.Error, Does.StartWith($"{arguments[1]} is empty."));
    }

    // What the call leaves open is set so that a call that should be refused and is not takes a moment and can be seen.
    private string[] Complete(string arguments)
    {
        List<string> call = [.. arguments.Split(' ').Select(argument => argument.Replace("$", folder, StringComparison.Ordinal))];
        void Add(string option, string value)
        {
            if (!call.Contains(option))
                call.AddRange([option, value]);
        }

        if (call[0] == "train" && !call.Contains("--resume"))
        {
            Add("--data", Call.TinyData);
            Add("--out", Path.Combine(folder, "new"));
            if (!call.Contains("--epochs"))
                Add("--steps", "2");
        }

        if (call[0] == "audit" && !call.Contains("--run"))
            Add("--data", Call.TinyData);
        if (call[0] is "train" or "audit" or "eval" or "sample" or "reconstruct" && !call.Contains("--resume"))
            Add("--device", Call.Device);
        return [.. call];
    }

    [GeneratedRegex(@"[.?!](?=\s|$)")]
    private static partial Regex SentenceEnd();
}
