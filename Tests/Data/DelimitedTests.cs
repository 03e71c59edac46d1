using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Data;

public sealed class DelimitedTests : SourceSuite
{
    [TestCase("1,2,3\n4,5,6\n")]
    [TestCase("1;2;3\r\n4;5;6")]
    [TestCase("1\t2\t3\n4\t5\t6\n\n")]
    [TestCase("  1   2 3\n4 5  6  \n")]
    [TestCase("a,b,c\n1,2,3\n4,5,6\n")]
    [TestCase("# comment\n\"a, x\";\"b\";c\n\"1\"; 2 ;3e0\n4;5;\"6\"\n")]
    [TestCase("\uFEFFa,\"b\nb\",c\n1,2,3\n4,5,6")]
    public void Rows_InEveryDelimiter(string content)
    {
        DataSet set = Read(Write("x.csv", content));
        Assert.That(set.Values, Is.EqualTo((float[])[1, 2, 3, 4, 5, 6]));
        Assert.That((set.Count, set.Width), Is.EqualTo((2, 3)));
    }

    private const string Named = "id,length,\"the \"\"height\"\"\",class\n1,0.5,2,cat\n2,1.5,4,ant\n3,2.5,8,cat\n";

    [TestCase("2-3", new float[] { 0.5f, 2, 1.5f, 4, 2.5f, 8 })]
    [TestCase("3,1", new float[] { 2, 1, 4, 2, 8, 3 })]
    [TestCase("length", new float[] { 0.5f, 1.5f, 2.5f })]
    [TestCase("the \"height\",id", new float[] { 2, 1, 4, 2, 8, 3 })]
    public void Columns_ByNumberRangeAndName(string columns, float[] expected) =>
        Assert.That(Read(Write("x.csv", Named), new DataOptions { Columns = columns }).Values, Is.EqualTo(expected));

    [TestCase("4")]
    [TestCase("class")]
    [TestCase("last")]
    public void Label_OfWordsIsNumberedInOrdinalOrder(string column)
    {
        DataSet set = Read(Write("x.csv", Named), new DataOptions { LabelColumn = column });
        Assert.That(set.Labels, Is.EqualTo((int[])[1, 0, 1]));
        Assert.That(set.LabelNames, Is.EqualTo((string[])["ant", "cat"]));
        Assert.That(set.Width, Is.EqualTo(3));
    }

    [Test]
    public void Label_OfWholeNumbersStaysAsItIs()
    {
        DataSet set = Read(Write("x.csv", "0.5,7\n0.25,3\n"), new DataOptions { LabelColumn = "2" });
        Assert.That(set.Labels, Is.EqualTo((int[])[7, 3]));
        Assert.That(set.LabelNames, Is.Null);
    }

    [Test]
    public void Labels_AreNumberedAlikeInTrainAndTest()
    {
        Write("x.tra", "1,b\n2,c\n");
        Write("x.tes", "3,a\n4,c\n");
        DataSplits splits = DataSource.Open(Folder, new DataOptions { LabelColumn = "2" });
        Assert.That(splits.Train.Labels, Is.EqualTo((int[])[1, 2]));
        Assert.That(splits.Test!.Labels, Is.EqualTo((int[])[0, 2]));
    }

    [TestCase("1,2\n3,x\n", "line 2, column 2: expected a number, found 'x'", "--columns")]
    [TestCase("M,2\nF,3\n", "line 1, column 1: expected a number, found 'M'", "--columns")]
    [TestCase("a,b\n1,2\n3,?\n", "line 3, column 2 (b): expected a number, but the value is missing (found '?')", "remove the row")]
    [TestCase("1,2\n3,\n", "line 2, column 2: expected a number, but the value is missing", "Fill it in")]
    [TestCase("1,2\nNaN,4\n", "line 2, column 1: expected a number, but the value is missing (found 'NaN')", "Fill it in")]
    [TestCase("1,2\n3,inf\n", "line 2, column 2", "expected a number")]
    [TestCase("1,2\n3,1e999\n", "line 2, column 2: 1e999 is not a finite number", "Correct it")]
    [TestCase("1,2\n3,1e39\n", "line 2, column 2: 1e39 is not a finite number", "Correct it")]
    [TestCase("1;2\n3;4,5\n", "line 2, column 2: expected a number, found '4,5'", "decimals with a point")]
    [TestCase("1,2\n\n3\n", "line 3: expected 2 columns as in the first row, found 1", "Complete the row")]
    [TestCase("1,2\n3,\"4\n", "line 2: a quoted field is never closed", "Close it")]
    [TestCase("1,2\n\"3\"x,4\n", "line 2, column 1: found 'x' after the closing quote", "delimiter")]
    [TestCase("1,2\n3,\0\n", "line 2: found a zero byte", "not text")]
    [TestCase("1,2\n3,\"4\nx\"\n", "line 2, column 2: expected a number, found '4?x'", "--columns")]
    [TestCase("a,\"b\nc\"\n1,2\n3,x\n", "line 4, column 2 (b?c): expected a number, found 'x'", "--columns")]
    [TestCase("a,b\n", "a header line and no rows", "Name a file")]
    [TestCase("\n# nothing\n", "no rows", "Name a file")]
    public void Refuses_NamingLineAndColumn(string content, string problem, string cure) =>
        AssertRefused(Write("x.csv", content), null, "x.csv", problem, cure);

    [TestCase("0", null, "columns 1 to 4", "count from 1")]
    [TestCase("5", null, "cannot name 5", "1 to 4")]
    [TestCase("3-2", null, "3-2 runs backwards", "smaller column first")]
    [TestCase("1-999999999", null, "cannot name 999999999", "1 to 4")]
    [TestCase("1,1", null, "column 1 is named twice", "once")]
    [TestCase("lenght", null, "no column 'lenght'", "Did you mean length?")]
    [TestCase("1,,2", null, "no column ''", "Its columns are id")]
    [TestCase("1", "clas", "no column 'clas' for --label-column", "Did you mean class?")]
    public void Refuses_ColumnsThatAreNotThere(string columns, string? label, string problem, string cure) =>
        AssertRefused(Write("x.csv", Named), new DataOptions { Columns = columns, LabelColumn = label }, problem, cure);

    [Test]
    public void Refuses_NamesWithoutHeader() =>
        AssertRefused(Write("x.csv", "1,2\n3,4\n"), new DataOptions { Columns = "length" }, "x.csv has no header line", "1-2");

    [Test]
    public void Refuses_MissingLabel() =>
        AssertRefused(Write("x.csv", "1,2\n3,?\n"), new DataOptions { LabelColumn = "2" }, "line 2, column 2: expected a label");

    [Test]
    public void Refuses_RowWithoutEnd() =>
        AssertRefused(Write("x.csv.gz", Gzip(new string('1', 20_000_000))), null, "x.csv.gz, line 1", "longer than", "characters");

    [Test]
    public void Scale_DividesValues()
    {
        DataSet set = Read(Write("x.csv", "0,16\n8,4\n"), new DataOptions { Scale = 16 });
        Assert.That(set.Values, Is.EqualTo((float[])[0, 1, 0.5f, 0.25f]));
        Assert.That((set.Minimum, set.Maximum), Is.EqualTo((0f, 1f)));
    }

    [Test]
    public void Standardise_MeasuresTrainAlone()
    {
        Write("x_train.csv", "1,5,1000001\n3,5,1000003\n");
        Write("x_test.csv", "5,6,1000005\n");
        DataSplits splits = DataSource.Open(Folder, new DataOptions { Standardise = true });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(splits.Scaling!.Mean, Is.EqualTo((double[])[2, 5, 1000002]));
            Assert.That(splits.Scaling.Deviation, Is.EqualTo((double[])[1, 1, 1]));
            Assert.That(splits.Train.Values, Is.EqualTo((float[])[-1, 0, -1, 1, 0, 1]));
            Assert.That(splits.Test!.Values, Is.EqualTo((float[])[3, 1, 3]));
        }
        DataSplits wide = DataSource.Open(Write("y.csv", "1,2\n5,10\n"), Whole with { Standardise = true });
        Assert.That(wide.Scaling!.LogVolume, Is.EqualTo(Math.Log(2) + Math.Log(4)).Within(1e-12));
    }

    [Test]
    public void Refuses_NumbersThatOverflowOnceScaled() =>
        AssertRefused(Write("x.csv", "1,1e-30\n2,3e38\n"), Whole with { Scale = 1e-5 }, "x.csv train: number 2 of an example is too large", "--columns");

    [Test]
    public void Picture_GivesRowsAShape()
    {
        string path = Write("x.csv", "1,2,3,4,5,6\n");
        Assert.That(Read(path).Picture, Is.Null);
        Assert.That(Read(path, new DataOptions { Picture = "2x3" }).Picture, Is.EqualTo((2, 3)));
        AssertRefused(path, Whole with { Picture = "3" }, "--picture 3 has 9 pixels", "6");
    }
}
