using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Data;

/// <summary>Tables as programs write them.</summary>
public sealed class TableFormTests : SourceSuite
{
    [TestCase("sep=;\n1;2\n3;4\n")]
    [TestCase("\uFEFF\"sep=|\"\r\n1|2\r\n3|4")]
    [TestCase("sep=^\n1^2\n\"3\"^4\n")]
    [TestCase("1,2\r3,4\r")]
    [TestCase("a,b\r1,2\r3,4")]
    [TestCase("1,2\r\r\n3,4\r\r\n")]
    [TestCase("1,2,\n3,4,\n")]
    [TestCase("a;b;\n1;2;\n3;4;\n")]
    [TestCase("a;b\n1;2;\n3;4;\n")]
    [TestCase("1|2\n3|4\n")]
    [TestCase("0,1\n1.0,2.0\n3.0,4.0\n")]
    [TestCase("# a b\n1 2\n3 4\n")]
    public void Forms_AreReadAlike(string content)
    {
        DataSet set = Read(Write("x.csv", content));
        Assert.That(set.Values, Is.EqualTo((float[])[1, 2, 3, 4]));
        Assert.That((set.Count, set.Width), Is.EqualTo((2, 2)));
    }

    [Test]
    public void ManyColumns_UnderTheirNumbers_AreNoExample()
    {
        string[] rows = [.. Enumerable.Range(0, 3).Select(row => string.Join(',', Enumerable.Range(row, 12)))];
        DataSet set = Read(Write("x.csv", string.Join('\n', rows)));
        Assert.That((set.Count, set.Values![0], set.Columns!.Names![11]), Is.EqualTo((2, 1f, "11")));
    }

    [TestCase("0,1,2\n5,6,7\n")]
    [TestCase("0,1\n1,1\n0,0\n")]
    [TestCase("0 1 2\n0.5 1 2\n")]
    public void Refuses_FewColumnsUnderTheirNumbers(string content) =>
        AssertRefused(Write("x.csv", content), null, "x.csv, line 1: 0 1", "an example, or the names of columns", "0.0", "remove the line");

    [Test]
    public void FewColumns_UnderTheirNumbers_CanBeToldByWords() =>
        Assert.That(Read(Write("x.csv", "0,1,2\n5,6,cat\n"), Whole with { LabelColumn = "last" }).Values, Is.EqualTo((float[])[5, 6]));

    [TestCase(",0,1\n0,5,6\n1,7,8\n")]
    [TestCase(",a,b\n7,5,6\n3,7,8\n")]
    [TestCase("Unnamed: 0,a,b\n0,5,6\n1,7,8\n")]
    public void Refuses_NumbersOfRows(string content)
    {
        string path = Write("x.csv", content);
        AssertRefused(path, null, "x.csv, column 1", "numbers the rows", "--columns 2-3", "index=False");
        Assert.That(Read(path, Whole with { Columns = "2-3" }).Values, Is.EqualTo((float[])[5, 6, 7, 8]));
    }

    [Test]
    public void CommentAbove_NamesColumns()
    {
        DataSet set = Read(Write("x.txt", "# made by hand\n# length height\n1 2\n# none\n3 4\n"), Whole with { Columns = "height" });
        Assert.That(set.Values, Is.EqualTo((float[])[2, 4]));
        Assert.That(Read(Write("y.txt", "#length,\"height\"\n1,2\n"), Whole with { Columns = "height" }).Values, Is.EqualTo((float[])[2]));
        Assert.That(Read(Write("z.txt", "# three words here\n1 2\n")).Columns!.Names, Is.Null);
    }

    [TestCase("#N/A,2\n")]
    [TestCase("#DIV/0!,2\n")]
    public void Refuses_ErrorsOfFormulasThatBeginARow(string row)
    {
        const string missing = "x.csv, line 2, column 1: expected a number, but the value is missing (found '#";
        AssertRefused(Write("x.csv", $"1,2\n{row}3,4\n"), null, missing, "remove the row");
        AssertRefused(Write("x.csv", row), null, "line 1, column 1", "missing");
    }

    [TestCase("a,b\n\"1,234\",2\n", 1234)]
    [TestCase("a,b\n\"-1,234,567\",2\n", -1234567)]
    [TestCase("a,b\n\"1,234.5\",2\n", 1234.5f)]
    [TestCase("a;b\n1,234,567;2\n", 1234567)]
    [TestCase("a;b\n1,234.5;2\n", 1234.5f)]
    [TestCase("a;b\n1 234;2\n", 1234)]
    [TestCase("a;b\n1\u00a0234\u00a0567;2\n", 1234567)]
    [TestCase("1\u202f234 2\n", 1234)]
    [TestCase("a,b\n1'234.25,2\n", 1234.25f)]
    [TestCase("a,b\nTrue,2\n", 1)]
    [TestCase("false,2\n", 0)]
    public void Thousands_AndTruthValues(string content, float expected) =>
        Assert.That(Read(Write("x.csv", content)).Values, Is.EqualTo((float[])[expected, 2]));

    [TestCase("1;1,234\n", "'1,234'. It may mean 1234 or 1.234")]
    [TestCase("1\t1,234\n", "'1,234'. It may mean 1234 or 1.234")]
    [TestCase("1,\"1,5\"\n", "Write decimals with a point")]
    [TestCase("1,\"0,123\"\n", "Write decimals with a point")]
    [TestCase("1,\"1.234,5\"\n", "Write decimals with a point")]
    [TestCase("1,\"1,23,456\"\n", "Write decimals with a point")]
    [TestCase("1,500 200\n", "It may mean 500200, or numbers with decimal commas")]
    [TestCase("1,12%\n", "percent")]
    public void Refuses_NumbersThatCanMeanTwo(string content, string advice) => AssertRefused(Write("x.csv", content), null, "x.csv, line 1, column 2", advice);

    [Test]
    public void Refuses_ValueBehindALastDelimiter() =>
        AssertRefused(Write("x.csv", "1,2,\n3,4,5\n"), null, "x.csv, line 2", "column 3", "Fill that one in");

    [Test]
    public void WholeNumbersUpTo255_WithTheirScale_AreGreyLevels()
    {
        string table = Write("x.csv", "label,pixel0,pixel1,pixel2,pixel3\n7,0,255,3,4\n2,9,8,7,6\n");
        DataSet set = Read(table, Whole with { LabelColumn = "label", Scale = 255, Picture = "2" });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(set.Bytes, Is.EqualTo((byte[])[0, 255, 3, 4, 9, 8, 7, 6]));
            Assert.That(set.Labels, Is.EqualTo((int[])[7, 2]));
            Assert.That(set.Picture, Is.EqualTo((2, 2)));
            Assert.That(Binarise.Apply(set, Binarisation.Threshold, 0).Bytes, Is.EqualTo((byte[])[0, 255, 0, 0, 0, 0, 0, 0]));
        }
        DataSet unscaled = Read(table, Whole with { Columns = "2-5" });
        Assert.That(() => Binarise.Apply(unscaled, Binarisation.Threshold, 0), Throws.Exception.Message.Contains("Scale = 255"));
        Assert.That(Read(Write("y.csv", "1,0\n1,1\n"), Whole with { Scale = 255 }).Values, Is.EqualTo((float[])[1 / 255f, 0, 1 / 255f, 1 / 255f]));
        Assert.That(Read(Write("z.csv", "1,256\n"), Whole with { Scale = 255 }).Bytes, Is.Null);
        Assert.That(Read(Write("w.csv", "1,2.5\n"), Whole with { Scale = 255 }).Bytes, Is.Null);
    }
}
