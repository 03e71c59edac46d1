using IlgpuVae.Bench;
using IlgpuVae.Bench.Counting;
using BenchProgram = IlgpuVae.Bench.Program;

namespace IlgpuVae.Tests.BenchSuites;

/// <summary>Two files side by side, and what is no file of measurements.</summary>
public sealed class ComparisonTests : TemporaryFolder
{
    private static readonly Machine Committed = new() { Device = "cpu", Description = "a processor", Commit = "abc1234" };

    [TestCase(1.04, 1.2, 0, TestName = "Slower_ByLessThanFivePercentIsNone")]
    [TestCase(1.06, 1.2, 1, TestName = "Slower_BeyondTheSpreadIsARegression")]
    [TestCase(1.06, 1.02, 0, TestName = "Slower_WithinTheSpreadIsNone")]
    [TestCase(0.5, 0.4, 0, TestName = "Faster_IsNone")]
    public void SameProvider(double factor, double lowest, int regressions)
    {
        BenchRow before = Row("ilgpu-vae", "pass", 0.9, 1, 1.03);
        BenchRow after = Row("ilgpu-vae", "pass", Math.Min(lowest, factor), factor, 2 * factor);
        Comparison comparison = new(File(before), File(after));
        Assert.That(comparison.Regressions.Count(), Is.EqualTo(regressions));
        Assert.That(comparison.Show(TextWriter.Null, TextWriter.Null), Is.EqualTo(regressions));
    }

    [Test]
    public void MissingRow_IsNamed()
    {
        Comparison comparison = new(
            File(Row("ilgpu-vae", "pass", 1, 1, 1), Row("ilgpu-vae", "softmax", 1, 1, 1), Row("torchsharp", "softmax", 1, 1, 1)),
            File(Row("ilgpu-vae", "pass", 1, 1, 1)));
        using StringWriter output = new();
        Assert.That(comparison.Show(output, TextWriter.Null), Is.Zero);
        Assert.That(
            comparison.Missing.Select(row => (row.Provider, row.Work)),
            Is.EqualTo([("ilgpu-vae", "softmax")]),
            "a provider that B knows nothing of is not missing");
        Assert.That(output.ToString(), Does.Contain("missing in B: ilgpu-vae, softmax R=1"));
    }

    [Test]
    public void OtherProvider_IsComparedByRatioAndIsNoRegression()
    {
        Comparison comparison = new(File(Row("torchsharp", "pass", 9, 10, 11)), File(Row("ilgpu-vae", "pass", 19, 20, 21), Row("ilgpu-vae", "alone", 1, 1, 1)));
        using StringWriter output = new();
        Assert.That(comparison.Show(output, TextWriter.Null), Is.Zero);
        Assert.That(comparison.Pairs, Is.Empty);
        Assert.That(output.ToString(), Does.Contain("A / B =   0.50"));
    }

    [Test]
    public void BaselineWithUncommittedChanges_IsRefused()
    {
        BenchFile dirty = File(Row("ilgpu-vae", "pass", 1, 1, 1)) with { Machine = Committed with { Commit = "abc1234-dirty" } };
        using StringWriter errors = new();
        Assert.That(new Comparison(dirty, File(Row("ilgpu-vae", "pass", 1, 1, 1))).Show(TextWriter.Null, errors), Is.EqualTo(2));
        Assert.That(errors.ToString(), Does.Contain("abc1234-dirty").And.Contain("baseline"));
        Assert.That(
            new Comparison(File(Row("ilgpu-vae", "pass", 1, 1, 1)), dirty).Show(TextWriter.Null, errors), Is.Zero, "only the baseline has to be a commit");
        Assert.That(new Comparison(dirty, File(Row("torchsharp", "pass", 1, 1, 1))).Show(TextWriter.Null, errors), Is.Zero, "another provider is no baseline");
    }

    [TestCase("1", "2", "3", 0)]
    [TestCase("NaN", "2", "3", 2)]
    [TestCase("-1", "2", "3", 2)]
    [TestCase("0", "2", "3", 2)]
    [TestCase("2", "1", "3", 2)]
    [TestCase("1", "3", "2", 2)]
    [TestCase("1", "2", "1e999", 2)]
    [TestCase("\"1\"", "2", "3", 2)]
    [TestCase("null", "2", "3", 2)]
    public void Times_HaveToBeRisingPositiveNumbers(string p20, string p50, string p80, int code) =>
        VerifyCode(
            $$"""
            {"machine": {"device": "cpu"},
            "rows": [{"provider": "a", "work": "b", "shape": "c", "ms": {"p20": {{p20}}, "p50": {{p50}}, "p80": {{p80}}}, "loss": 3}]}
            """,
            code);

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("""{"rows": []}""")]
    [TestCase("""{"machine": {"device": "cpu"}}""")]
    [TestCase("""{"machine": {"device": "cpu"}, "rows": [null]}""")]
    [TestCase("""{"machine": {"device": "cpu"}, "rows": [{"provider": "a", "work": "b", "shape": "c"}]}""")]
    [TestCase("""{"machine": {"device": "cpu"}, "rows": [{"provider": "a", "work": "b", "shape": "c", "ms": {"p20": 1}}]}""")]
    [TestCase(
        """
        {"machine": {"device": "cpu"}, "rows": [{"provider": "a", "work": "b", "shape": "c", "ms": {"p20": 1, "p50": 1, "p80": 1}},
        {"provider": "a", "work": "b", "shape": "c", "ms": {"p20": 1, "p50": 1, "p80": 1}}]}
        """)]
    public void WhatIsNoFileOfMeasurements_IsRefused(string text) => VerifyCode(text, 2);

    /// <summary>Counts have no noise, so that none is allowed for.</summary>
    [TestCase(0.5, false)]
    [TestCase(1.09, false)]
    [TestCase(1.11, true)]
    public void CountedRows_MayNotGrowByMoreThanATenth(double ms, bool expected) =>
        Assert.That(Comparison.IsRegression(Counted(1), Counted(ms)), Is.EqualTo(expected));

    [Test]
    public void Merge_HasTheRowsOfAll()
    {
        File(Row("ilgpu-vae", "pass", 1, 2, 3)).Write(At("ours.json"));
        System.IO.File.WriteAllText(
            At("peer.json"),
            """
            {"machine": {"device": "gpu", "torch": "2"},
            "rows": [{"provider": "pytorch", "work": "pass", "shape": "R=1", "ms": {"p20": 4, "p50": 5, "p80": 6}}]}
            """);
        Assert.That(BenchProgram.Run(["merge", At("all.json"), At("ours.json"), At("peer.json")], TextWriter.Null, TextWriter.Null), Is.Zero);
        BenchFile merged = BenchFile.Read(At("all.json"));
        Assert.That(merged.Machine, Is.EqualTo(Committed));
        Assert.That(merged.Rows.Select(row => (row.Provider, row.Ms.P50)), Is.EqualTo([("ilgpu-vae", 2.0), ("pytorch", 5.0)]));
    }

    private void VerifyCode(string text, int code)
    {
        System.IO.File.WriteAllText(At("a.json"), text);
        using StringWriter errors = new();
        Assert.That(BenchProgram.Run(["compare", At("a.json"), At("a.json")], TextWriter.Null, errors), Is.EqualTo(code), errors.ToString());
        if (code == 2)
            Assert.That(errors.ToString().Trim(), Does.Contain("a.json").And.EndWith(".").And.Not.Contain("\n"));
        else
            Assert.That(errors.ToString(), Is.Empty);
    }

    private static BenchRow Counted(double ms) => Row("counted", "pass", ms, ms, ms) with
    {
        Counts = new WorkCounts
        {
            Blocks = 1,
            Instructions = 100,
            Lanes = 3200,
            Sectors = 100,
            FewestSectors = 100,
            SharedAccesses = 0,
            Conflicts = 0,
            BoundUs = 1e3 * ms,
            FilledUs = 1e3 * ms,
            Binds = "issue",
        },
    };

    private static BenchFile File(params BenchRow[] rows) => new(Committed, rows);

    private static BenchRow Row(string provider, string work, double p20, double p50, double p80) =>
        new() { Provider = provider, Work = work, Shape = "R=1", Ms = new Percentiles(p20, p50, p80) };
}
