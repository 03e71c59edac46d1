using IlgpuVae.Training.Data;
using Parquet;
using Parquet.Schema;

namespace IlgpuVae.Tests.Data;

public sealed class ParquetTests : SourceSuite
{
    // Two groups of rows; columns of several types, one with a gap.
    private async Task<string> WriteTable(CompressionMethod compression, params double?[] scores)
    {
        DataField<float> height = new("height");
        DataField<double?> score = new("score");
        DataField<int> count = new("count");
        DataField<string> kind = new("kind");
        DataField<bool> flag = new("flag");
        DataField<DateTime> day = new("day");
        ParquetSchema schema = new(height, score, count, kind, flag, day);
        await using FileStream file = File.Create(At("x.parquet"));
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, file, new ParquetOptions { CompressionMethod = compression });
        for (int part = 0; part < 2; part++)
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await group.WriteAsync<float>(height, new[] { part + 0.5f, part + 0.25f });
            await group.WriteAsync<double>(score, scores.AsMemory(2 * part, 2));
            await group.WriteAsync<int>(count, new[] { (10 * part) + 1, (10 * part) + 2 });
            await group.WriteAsync(kind, new[] { "cat", part == 0 ? "ant" : "cat" });
            await group.WriteAsync<bool>(flag, new[] { true, false });
            await group.WriteAsync<DateTime>(day, new[] { new DateTime(2021, 5, 1), new DateTime(2021, 5, 2) });
            group.CompleteValidate();
        }
        return At("x.parquet");
    }

    [Test]
    public async Task Columns_OfEveryType_AreReadGroupByGroup(
        [Values(CompressionMethod.None, CompressionMethod.Snappy, CompressionMethod.Zstd, CompressionMethod.Gzip)] CompressionMethod compression)
    {
        DataSet set = Read(await WriteTable(compression, 1, 2, 3, 4), Whole with { Columns = "score,1,count,flag", LabelColumn = "kind" });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(set.Values, Is.EqualTo((float[])[1, 0.5f, 1, 1, 2, 0.25f, 2, 0, 3, 1.5f, 11, 1, 4, 1.25f, 12, 0]));
            Assert.That(set.Labels, Is.EqualTo((int[])[1, 0, 1, 1]));
            Assert.That(set.LabelNames, Is.EqualTo((string[])["ant", "cat"]));
        }
    }

    [Test]
    public async Task Refuses_NamingRowAndColumn()
    {
        string path = await WriteTable(CompressionMethod.Snappy, 1, 2, 3, null);
        AssertRefused(path, Whole with { Columns = "1-3" }, "x.parquet, row 4, column 2 (score)", "missing", "--columns");
        AssertRefused(path, Whole with { Columns = "kind" }, "row 1, column 4 (kind): expected a number, found 'cat'", "--label-column");
        AssertRefused(path, Whole with { Columns = "day" }, "row 1, column 6 (day)", "2021", "--columns");
        AssertRefused(path, Whole with { Columns = "hight" }, "no column 'hight'", "Did you mean height?");
        AssertRefused(path, Whole with { Array = "a" }, "no bundle of arrays");
        path = await WriteTable(CompressionMethod.Snappy, 1, double.NaN, 1e300, 4);
        AssertRefused(path, Whole with { Columns = "2" }, "row 2, column 2 (score)", "missing");
        path = await WriteTable(CompressionMethod.Snappy, 1, 2, 1e300, 4);
        AssertRefused(path, Whole with { Columns = "2" }, "row 3, column 2 (score): 1E+300", "float");
    }

    [Test]
    public async Task Lists_AreNamed()
    {
        DataField<int> id = new("id");
        DataField pixels = new("pixels", typeof(int), isArray: true);
        await using (FileStream file = File.Create(At("x.parquet")))
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(id, pixels), file))
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await group.WriteAsync<int>(id, new[] { 5, 6 });
            await group.WriteAsync<int>(pixels, new[] { 1, 2, 3, 4 }, new[] { 0, 1, 0, 1 });
        }
        AssertRefused(At("x.parquet"), Whole, "column 2 (pixels) holds lists", "--columns");
        Assert.That(Read(At("x.parquet"), Whole with { Columns = "id" }).Values, Is.EqualTo((float[])[5, 6]));
    }

    [Test]
    public async Task Damage_NeverEscapesAsAnotherException()
    {
        byte[] whole = await File.ReadAllBytesAsync(await WriteTable(CompressionMethod.Snappy, 1, 2, 3, 4));
        Random random = new(5);
        for (int round = 0; round < 300; round++)
        {
            byte[] damaged = [.. whole];
            for (int i = 0; i < 3; i++)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            if (round % 4 == 0)
                damaged = damaged[..random.Next(1, damaged.Length)];
            try
            {
                _ = DataSource.Open(Write("y.parquet", damaged), new DataOptions { Columns = "1-3" });
            }
            catch (Runtime.InputException)
            {
            }
        }
        AssertRefused(Write("z.parquet", Gzip(whole)), null, "z.parquet is packed with gzip", "gunzip");
    }
}
