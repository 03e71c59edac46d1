using System.Security.Cryptography;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Data;

/// <summary>Whole public data sets, where they are: below ILGPUVAE_DATA, or shared/data in a folder above the tests.</summary>
public sealed class RealSetTests
{
    private static string Find(string name)
    {
        string? root = Environment.GetEnvironmentVariable("ILGPUVAE_DATA");
        for (DirectoryInfo? above = new(TestContext.CurrentContext.TestDirectory); root is null && above is not null; above = above.Parent)
        {
            string here = Path.Combine(above.FullName, "shared", "data");
            root = Directory.Exists(here) ? here : null;
        }
        string path = Path.Combine(root ?? "shared/data", name);
        if (!Path.Exists(path))
            Assert.Ignore($"{path} absent.");
        return path;
    }

    [Test]
    public void Mnist_IsRead()
    {
        DataSplits splits = DataSource.Open(Find("mnist"), new DataOptions());
        using (Assert.EnterMultipleScope())
        {
            Assert.That((splits.Train.Count, splits.Test!.Count, splits.Train.Picture), Is.EqualTo((60000, 10000, (28, 28))));
            Assert.That(splits.Valid, Is.Null);
            Assert.That(splits.Train.Labels!.Take(10), Is.EqualTo((int[])[5, 0, 4, 1, 9, 2, 1, 3, 1, 4]));
            Assert.That(splits.Test.Labels!.Count(label => label == 7), Is.EqualTo(1028));
            // The published mean level of the training set.
            Assert.That(splits.Train.Bytes!.Average(level => level / 255.0), Is.EqualTo(0.1307).Within(5e-5));
        }
    }

    [Test]
    public void BinarizedMnist_IsRead()
    {
        DataSplits splits = DataSource.Open(Find("binarized-mnist"), new DataOptions());
        Assert.That((splits.Train.Count, splits.Valid!.Count, splits.Test!.Count), Is.EqualTo((50000, 10000, 10000)));
        Assert.That(splits.Train.Picture, Is.EqualTo((28, 28)));
        // Written out again as text it must be the file, whose published SHA-256 is this.
        byte[] text = new byte[2 * splits.Test.Bytes!.Length];
        for (int i = 0; i < splits.Test.Bytes.Length; i++)
        {
            text[2 * i] = (byte)(splits.Test.Bytes[i] == 255 ? '1' : '0');
            text[(2 * i) + 1] = (byte)((i + 1) % 784 == 0 ? '\n' : ' ');
        }
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(text)), Is.EqualTo("e6687bfea3f820c174f33b7865140b2a2dd2930ef786f35d45795fc193b5ab2c"));
    }

    [Test]
    public void Optdigits_AreRead()
    {
        DataSplits splits = DataSource.Open(Find("optdigits"), new DataOptions { LabelColumn = "last", Scale = 16, Picture = "8" });
        Assert.That((splits.Train.Count, splits.Test!.Count, splits.Train.Width, splits.Train.Picture), Is.EqualTo((3823, 1797, 64, (8, 8))));
        Assert.That((splits.Train.Minimum, splits.Train.Maximum), Is.EqualTo((0f, 1f)));
        Assert.That(splits.Test.Labels!.Distinct().Order(), Is.EqualTo(Enumerable.Range(0, 10)));
    }

    [Test]
    public void Abalone_IsReadStandardised()
    {
        string path = Find("tabular/abalone.data");
        DataSplits splits = DataSource.Open(path, new DataOptions { Columns = "2-9", LabelColumn = "1", Standardise = true });
        using (Assert.EnterMultipleScope())
        {
            Assert.That((splits.Train.Count, splits.Valid!.Count, splits.Test!.Count, splits.Train.Width), Is.EqualTo((3341, 418, 418, 8)));
            Assert.That(splits.Train.LabelNames, Is.EqualTo((string[])["F", "I", "M"]));
            for (int d = 0; d < 8; d++)
            {
                double[] column = [.. Enumerable.Range(0, splits.Train.Count).Select(i => (double)splits.Train.Values![(i * 8) + d])];
                Assert.That(column.Average(), Is.EqualTo(0).Within(1e-6));
                Assert.That(column.Average(value => value * value), Is.EqualTo(1).Within(1e-6));
            }
        }
        Assert.That(() => DataSource.Open(path, new DataOptions()), Throws.Exception.With.Message.Contains("line 1, column 1: expected a number, found 'M'"));
    }

    [Test]
    public void Omniglot_IsReadFromItsZip()
    {
        DataSet set = DataSource.Open(
            Find("omniglot/images_background_small1.zip"), new DataOptions { Resize = "28", Invert = true, ValidFraction = 0, TestFraction = 0 }).Train;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((set.Count, set.Picture, set.LabelNames!.Count), Is.EqualTo((2720, (28, 28), 136)));
            Assert.That(set.Labels!.CountBy(label => label).Select(pair => pair.Value), Is.All.EqualTo(20));
            // Strokes are thin: a twentieth or so of the page is ink.
            Assert.That(set.Bytes!.Average(level => level / 255.0), Is.InRange(0.02, 0.15));
        }
    }
}
