using IlgpuVae.Runtime;
using IlgpuVae.Training;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Data;

public sealed class ConditionTests : SourceSuite
{
    private const string Table = "id,length,height,class\n1,0.5,2,cat\n2,1.5,4,ant\n3,2.5,8,cat\n";

    private static DataSet Told(DataSet set, string condition) => Condition.Apply(new DataSplits { Train = set }, condition).Train;

    private static DataSet Pictures(int height, int width, int count) => new()
    {
        Name = "pictures",
        Count = count,
        Width = height * width,
        Picture = (height, width),
        Bytes = [.. Enumerable.Range(0, count * height * width).Select(i => (byte)i)],
    };

    [Test]
    public void Label_IsOneHotOverTheClassesOfAllSplits()
    {
        DataSet Of(params int[] labels) => new() { Name = "x", Count = labels.Length, Width = 1, Values = new float[labels.Length], Labels = labels };
        DataSplits splits = Condition.Apply(new DataSplits { Train = Of(1, 0), Valid = Of(1), Test = Of(3, 1) }, "label");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(splits.Train.Context!.Bytes, Is.EqualTo((byte[])[0, 255, 0, 0, 255, 0, 0, 0]));
            Assert.That(splits.Valid!.Context!.Bytes, Is.EqualTo((byte[])[0, 255, 0, 0]));
            Assert.That(splits.Test!.Context!.Bytes, Is.EqualTo((byte[])[0, 0, 0, 255, 0, 255, 0, 0]));
            Assert.That((splits.Test.Context.Width, splits.Test.Context.Count, splits.Test.Width), Is.EqualTo((4, 2, 1)));
            Assert.That(splits.Test.Context.Example(0), Is.EqualTo((float[])[0, 0, 0, 1]));
        }
    }

    [Test]
    public void Label_CountsNamesThatNoExampleHas()
    {
        DataSet set = new() { Name = "x", Count = 1, Width = 1, Values = [0], Labels = [0], LabelNames = ["a", "b", "c"] };
        Assert.That(Told(set, "label").Context!.Bytes, Is.EqualTo((byte[])[255, 0, 0]));
    }

    [Test]
    public void Label_IsRefusedWhereOneSplitHasNone()
    {
        DataSet set = new() { Name = "labelled", Count = 1, Width = 1, Values = [0], Labels = [0] };
        InputException refusal = Assert.Throws<InputException>(
            () => Condition.Apply(new DataSplits { Train = set, Test = set with { Name = "bare", Labels = null } }, "label"))!;
        Assert.That(refusal.Message, Does.Contain("bare has no labels").And.Contain("LabelColumn"));
    }

    [Test]
    public void TopHalf_GivesTheMiddleRowOfAnOddHeightToTheLowerHalf()
    {
        DataSet set = Told(Pictures(3, 2, 2), "top-half");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(set.Context!.Bytes, Is.EqualTo((byte[])[0, 1, 6, 7]));
            Assert.That(set.Bytes, Is.EqualTo((byte[])[2, 3, 4, 5, 8, 9, 10, 11]));
            Assert.That((set.Width, set.Picture, set.Context.Width, set.Context.Picture), Is.EqualTo((4, (2, 2), 2, (1, 2))));
            Assert.That((set.FirstElement, set.Context.FirstElement), Is.EqualTo((2, 0)));
        }
    }

    [Test]
    public void TopHalf_OfRealNumbers()
    {
        DataSet set = Told(Read(Write("x.csv", "1,2,3,4\n5,6,7,8\n"), new DataOptions { Picture = "2x2" }), "top-half");
        Assert.That(set.Context!.Values, Is.EqualTo((float[])[1, 2, 5, 6]));
        Assert.That(set.Values, Is.EqualTo((float[])[3, 4, 7, 8]));
    }

    [TestCase("columns:3", new float[] { 2, 4, 8 }, new float[] { 1, 0.5f, 2, 1.5f, 3, 2.5f })]
    [TestCase("columns:height", new float[] { 2, 4, 8 }, new float[] { 1, 0.5f, 2, 1.5f, 3, 2.5f })]
    [TestCase("columns:height,id", new float[] { 2, 1, 4, 2, 8, 3 }, new float[] { 0.5f, 1.5f, 2.5f })]
    [TestCase("columns:1-2", new float[] { 1, 0.5f, 2, 1.5f, 3, 2.5f }, new float[] { 2, 4, 8 })]
    public void Columns_ByNumberRangeAndName(string condition, float[] told, float[] modelled)
    {
        DataSet set = Told(Read(Write("x.csv", Table), new DataOptions { LabelColumn = "class" }), condition);
        Assert.That(set.Context!.Values, Is.EqualTo(told));
        Assert.That(set.Values, Is.EqualTo(modelled));
        Assert.That(set.Labels, Is.EqualTo((int[])[1, 0, 1]));
    }

    [Test]
    public void Columns_AreThoseOfTheFileWhateverIsKept()
    {
        DataSet set = Told(Read(Write("x.csv", "1,2,3,4\n5,6,7,8\n"), new DataOptions { Columns = "4,2,3" }), "columns:4,3");
        Assert.That(set.Context!.Values, Is.EqualTo((float[])[4, 3, 8, 7]));
        Assert.That(set.Values, Is.EqualTo((float[])[2, 6]));
    }

    [Test]
    public void Columns_OfGreyLevelsBecomeNumbersThatNothingMakesBinary()
    {
        DataSet set = Told(Pictures(1, 3, 2), "columns:2");
        Assert.That(set.Context!.Values, Is.EqualTo((float[])[1 / 255f, 4 / 255f]));
        Assert.That((set.Context.Bytes, set.Picture), Is.EqualTo(((byte[]?)null, ((int, int)?)null)));
        Assert.That(set.Bytes, Is.EqualTo((byte[])[0, 2, 3, 5]));
    }

    [Test]
    public void Columns_ScalingIsThatOfWhatIsModelled()
    {
        DataSplits splits = Condition.Apply(DataSource.Open(Write("x.csv", "1,2,7\n5,10,8\n"), Whole with { Standardise = true }), "columns:1,3");
        Assert.That((splits.Scaling!.Mean, splits.Scaling.Deviation), Is.EqualTo(((double[])[6], (double[])[4])));
        Assert.That(splits.Scaling.LogVolume, Is.EqualTo(Math.Log(4)).Within(1e-12));
    }

    [Test]
    public void Columns_OfGlyphsHaveNoKnownTruth() =>
        Assert.That(Condition.Apply(DataSource.Open("glyphs:size=8,train=4", new DataOptions()), "columns:1").Truth, Is.Null);

    [Test]
    public void Context_GoesWithItsExamples()
    {
        DataSet set = Told(Pictures(2, 1, 5), "top-half");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(set.First(2).Context!.Bytes, Is.EqualTo((byte[])[0, 2]));
            Assert.That((set.First(2).Context!.Count, set.First(9).Context!.Count), Is.EqualTo((2, 5)));
            Assert.That(set.Take([4, 1], "taken").Context!.Bytes, Is.EqualTo((byte[])[8, 2]));
            Assert.That(set.Take([4, 1], "taken").Context!.Count, Is.EqualTo(2));
            Assert.That(Binarise.Apply(set, Binarisation.Threshold, 0).Context!.Bytes, Is.EqualTo(set.Context!.Bytes));
        }
    }

    /// <summary>The upper half is binarised with the picture, so that the halves are those of the binarised whole.</summary>
    [TestCase(Binarisation.Threshold)]
    [TestCase(Binarisation.Static)]
    public void TopHalf_IsBinarisedLikeTheLowerHalf(Binarisation binarisation)
    {
        DataSet set = Pictures(16, 16, 3);
        DataSet whole = Binarise.Apply(set, binarisation, 0);
        DataSet planned = Plan(new TrainingOptions { Condition = "top-half", Binarize = binarisation, Batch = 2 }, set).Splits.Train;
        Assert.That(
            planned.Context!.Bytes!.Chunk(128).Zip(planned.Bytes!.Chunk(128)).SelectMany(pair => pair.First.Concat(pair.Second)), Is.EqualTo(whole.Bytes));
    }

    /// <summary>Columns are told as they are, whatever the likelihood can model and whatever becomes of the others.</summary>
    [Test]
    public void Columns_AreNotBinarised()
    {
        DataSet planned = Plan(new TrainingOptions { Condition = "columns:1-8", Binarize = Binarisation.Threshold, Batch = 2 }, Pictures(1, 16, 3))
            .Splits.Train;
        Assert.That(planned.Bytes, Is.All.EqualTo(0));
        Assert.That(planned.Context!.Values![..9], Is.EqualTo((float[])[0, 1 / 255f, 2 / 255f, 3 / 255f, 4 / 255f, 5 / 255f, 6 / 255f, 7 / 255f, 16 / 255f]));
    }

    [Test]
    public void Columns_MayHoldWhatTheLikelihoodCannotModel()
    {
        DataSet table = Read(Write("x.csv", "1,-7\n0,5\n"));
        DataSet planned = Plan(new TrainingOptions { Condition = "columns:2", Batch = 2 }, table).Splits.Train;
        Assert.That((planned.Values, planned.Context!.Values), Is.EqualTo(((float[])[1, 0], (float[])[-7, 5])));
    }

    private static RunPlan Plan(TrainingOptions options, DataSet set)
    {
        using ComputeDevice device = ComputeDevice.Open("cpu");
        return RunPlan.Make(options, new DataSplits { Train = set }, device);
    }
}
