using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Data;

public sealed class BinariseTests
{
    private static DataSet Grey(int count, params byte[] picture) => new()
    {
        Name = "grey",
        Count = count,
        Width = picture.Length,
        Bytes = [.. Enumerable.Repeat(picture, count).SelectMany(level => level)],
    };

    [Test]
    public void Threshold_IsAbove127() =>
        Assert.That(Binarise.Apply(Grey(1, 0, 1, 127, 128, 255), Binarisation.Threshold, 0).Bytes, Is.EqualTo((byte[])[0, 0, 0, 255, 255]));

    [TestCase(Binarisation.None)]
    [TestCase(Binarisation.Dynamic)]
    public void NoneAndDynamic_AreLeftAlone(Binarisation binarisation)
    {
        DataSet set = Grey(2, 1, 2, 3);
        Assert.That(Binarise.Apply(set, binarisation, 1), Is.SameAs(set));
    }

    [Test]
    public void Static_FrequenciesAreTheGreyLevels()
    {
        // 40 000 alike pictures, so the draws differ by their rank alone: sigma is at most 0.0025, and a bias of 2 % is 8 sigma.
        const int n = 40_000;
        byte[] levels = [0, 1, 64, 127, 128, 200, 254, 255];
        byte[] drawn = Binarise.Apply(Grey(n, levels), Binarisation.Static, 3).Bytes!;
        for (int d = 0; d < levels.Length; d++)
        {
            double p = levels[d] / 255.0;
            double share = Enumerable.Range(0, n).Count(i => drawn[(i * levels.Length) + d] == 255) / (double)n;
            Assert.That(share, Is.EqualTo(p).Within(Significance.Sigmas * Math.Sqrt(p * (1 - p) / n)), $"level {levels[d]}");
        }
        Assert.That(drawn, Is.All.EqualTo(0).Or.EqualTo(255));
    }

    [Test]
    public void Static_NeighboursAreIndependent()
    {
        const int n = 40_000;
        byte[] drawn = Binarise.Apply(Grey(n, 128, 128), Binarisation.Static, 3).Bytes!;
        int alike = Enumerable.Range(0, n).Count(i => drawn[2 * i] == drawn[(2 * i) + 1]);
        Assert.That(alike / (double)n, Is.EqualTo(0.5).Within(5 * 0.5 / Math.Sqrt(n)));
    }

    [Test]
    public void Static_DependsOnSeedAndPictureNotOnPlace()
    {
        Random random = new(2);
        byte[] levels = new byte[40 * 64];
        random.NextBytes(levels);
        DataSet set = new() { Name = "a", Count = 40, Width = 64, Bytes = levels };
        int[] turned = [.. Enumerable.Range(0, 40).Reverse()];
        DataSet drawn = Binarise.Apply(set, Binarisation.Static, 5);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Binarise.Apply(set with { Name = "b" }, Binarisation.Static, 5).Bytes, Is.EqualTo(drawn.Bytes));
            Assert.That(Binarise.Apply(set, Binarisation.Static, 6).Bytes, Is.Not.EqualTo(drawn.Bytes));
            Assert.That(Binarise.Apply(set.Take(turned, "c"), Binarisation.Static, 5).Bytes, Is.EqualTo(drawn.Take(turned, "c").Bytes));
        }
    }

    [Test]
    public void Refuses_RealNumbers()
    {
        DataSet real = new() { Name = "real.csv train", Count = 1, Width = 1, Values = [0.5f] };
        InputException refusal = Assert.Throws<InputException>(() => Binarise.Apply(real, Binarisation.Static, 0))!;
        Assert.That(refusal.Message, Does.Contain("real.csv train").And.Contain("Binarize = none"));
        Assert.That(Binarise.Apply(real, Binarisation.None, 0), Is.SameAs(real));
    }
}
