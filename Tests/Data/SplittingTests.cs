using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Data;

public sealed class SplittingTests : SourceSuite
{
    private string Rows(int count) => Write("x.csv", string.Join('\n', Enumerable.Range(0, count).Select(i => $"{i},{i % 7}")));

    private static float[] First(DataSet? set) => set is null ? [] : [.. Enumerable.Range(0, set.Count).Select(i => set.Values![i])];

    [Test]
    public void Default_IsTenthsByPermutationThatKeepsRowsAndLabelsTogether()
    {
        DataSplits splits = DataSource.Open(Rows(100), new DataOptions { LabelColumn = "2" });
        using (Assert.EnterMultipleScope())
        {
            Assert.That((splits.Train.Count, splits.Valid!.Count, splits.Test!.Count), Is.EqualTo((80, 10, 10)));
            Assert.That(First(splits.Train).Concat(First(splits.Valid)).Concat(First(splits.Test)), Is.EquivalentTo(Enumerable.Range(0, 100)));
            Assert.That(First(splits.Train), Is.Not.Ordered);
            foreach (DataSet set in (DataSet[])[splits.Train, splits.Valid, splits.Test])
                Assert.That(set.Labels, Is.EqualTo(First(set).Select(value => (int)value % 7)));
            Assert.That(splits.Test.Name, Is.EqualTo("x.csv test"));
        }
    }

    [Test]
    public void Seed_DecidesThePermutation()
    {
        string path = Rows(50);
        float[] Train(int seed) => First(DataSource.Open(path, new DataOptions { SplitSeed = seed, Columns = "1" }).Train);
        float[] first = Train(1);
        Assert.That(Train(1), Is.EqualTo(first));
        Assert.That(Train(2), Is.Not.EqualTo(first));
    }

    [Test]
    public void Permutation_IsTheOneWrittenDown() =>
        Assert.That(new CounterRandom(1, 0).Permutation(8), Is.EqualTo((int[])[0, 3, 7, 1, 4, 2, 5, 6]));

    [Test]
    public void Permutation_PutsEachItemAnywhere()
    {
        // 6000 permutations of 6: each of 36 (item, place) counts is 1000 +- 28.9.
        int[] counts = new int[36];
        for (ulong stream = 0; stream < 6000; stream++)
        {
            foreach ((int place, int item) in new CounterRandom(9, stream).Permutation(6).Index())
                counts[(item * 6) + place]++;
        }
        Assert.That(counts, Is.All.EqualTo(1000).Within(28.9 * Significance.Sigmas));
    }

    [TestCase(1, 1, 0, 0)]
    [TestCase(2, 2, 0, 0)]
    [TestCase(3, 1, 1, 1)]
    [TestCase(5, 3, 1, 1)]
    public void SmallSources_AlwaysKeepSomethingToTrainOn(int rows, int train, int valid, int test)
    {
        DataSplits splits = DataSource.Open(Rows(rows), new DataOptions());
        Assert.That((splits.Train.Count, splits.Valid?.Count ?? 0, splits.Test?.Count ?? 0), Is.EqualTo((train, valid, test)));
    }

    [TestCase(0.5, 0.5, "leave nothing to train on")]
    [TestCase(1.0, null, "--valid-fraction 1")]
    [TestCase(-0.1, null, "--valid-fraction -0.1")]
    [TestCase(null, double.NaN, "--test-fraction NaN")]
    public void Refuses_FractionsThatAreNone(double? valid, double? test, string problem) =>
        AssertRefused(Rows(10), new DataOptions { ValidFraction = valid, TestFraction = test }, problem);

    [Test]
    public void Refuses_TooFewExamples() =>
        AssertRefused(Rows(2), new DataOptions { ValidFraction = 0.4, TestFraction = 0.5 }, "2 examples, too few", "Lower");
}
