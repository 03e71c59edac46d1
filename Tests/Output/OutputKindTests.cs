using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Output;
using Parquet;
using Parquet.Schema;

namespace IlgpuVae.Tests.Output;

/// <summary>Every kind of output holds the numbers and words that it was given, whatever they are.</summary>
public sealed class OutputKindTests : TemporaryFolder
{
    private const int Batch = 4096;

    private static readonly float[] Floats = [0.1f, -1.5e-30f, float.MaxValue, 16777216f, -0f, 1f / 3, float.NaN];
    private static readonly double[] Doubles = [Math.PI, -1e-300, double.MaxValue, 1e22, 5e-324, 2, double.NegativeInfinity];
    private static readonly int[] Integers = [0, 1, -2, int.MaxValue, int.MinValue, 7, 8];
    private static readonly long[] Longs = [0, 1, -2, long.MaxValue, long.MinValue, 7, 8];
    private static readonly string[] Words = ["plain", "a,b", "say \"so\"", "two\nlines", " blank", "", "Ünïcödé"];
    private static readonly string[] Quoted = ["plain", "\"a,b\"", "\"say \"\"so\"\"\"", "\"two\nlines\"", "\" blank\"", "", "Ünïcödé"];

    private static OutputColumn[] Columns =>
    [
        OutputColumn.Of("whole", Integers), OutputColumn.Of("long", Longs), OutputColumn.Of("float", Floats), OutputColumn.Of("double", Doubles),
        OutputColumn.Of("word", Words),
    ];

    /// <summary>Numbers as .NET writes them for no culture, which is the shortest text that reads back as the same.</summary>
    [Test]
    public void Csv_IsTheTextOfEveryValue()
    {
        Write("x.csv", [Columns, Columns]);
        string rows = string.Concat(Enumerable.Range(0, Words.Length).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"{Integers[i]},{Longs[i]},{Floats[i]},{Doubles[i]},{Quoted[i]}\n")));
        Assert.That(File.ReadAllText(At("x.csv"), new UTF8Encoding(false, true)), Is.EqualTo("whole,long,float,double,word\n" + rows + rows));
    }

    /// <summary>Rows and words that are longer than what waits to be written at a time.</summary>
    [Test]
    public void Csv_OfAnyLength()
    {
        string word = new('w', 100_000);
        float[] matrix = [.. Enumerable.Range(0, 20_000).Select(i => i / 7f)];
        string[] names = [.. Enumerable.Range(0, 10_000).Select(i => $"c{i}")];
        Write("x.csv", [[.. OutputColumn.Of(names, matrix), OutputColumn.Of("word", [word, "short"])]]);
        string[] lines = File.ReadAllLines(At("x.csv"));
        Assert.That(lines, Has.Length.EqualTo(3));
        Assert.That(lines[1], Is.EqualTo(string.Join(',', matrix[..10_000].Select(x => x.ToString(CultureInfo.InvariantCulture))) + "," + word));
        Assert.That(lines[2], Does.EndWith((19_999 / 7f).ToString(CultureInfo.InvariantCulture) + ",short"));
    }

    /// <summary>Shares of the rows that are made beside each other stand in the order of the rows, whatever is left over at a batch's end.</summary>
    [TestCase(1, 60_000)]
    [TestCase(3, 20_001)]
    [TestCase(9000, 7)]
    public void Text_IsInTheOrderOfTheRows(int columns, int rows)
    {
        string[] names = [.. Enumerable.Range(0, columns).Select(i => $"c{i}")];
        IReadOnlyList<OutputColumn> Batch(int first) =>
        [
            .. OutputColumn.Of(names, (float[])[.. Enumerable.Range(first, rows * columns).Select(i => i / 8f)]),
            OutputColumn.Of("row", (int[])[.. Range(first)]),
        ];
        IEnumerable<int> Range(int first) => Enumerable.Range(first, rows);
        Write("x.csv", [Batch(0), Batch(5)]);
        string[] lines = File.ReadAllLines(At("x.csv"));
        Assert.That(lines, Has.Length.EqualTo(1 + (2 * rows)));
        for (int i = 0; i < 2 * rows; i++)
        {
            int first = i < rows ? 0 : 5, row = i % rows;
            IEnumerable<string> values = Enumerable.Range(first + (row * columns), columns).Select(at => (at / 8f).ToString(CultureInfo.InvariantCulture));
            if (lines[1 + i] != $"{string.Join(',', values)},{first + row}")
                Assert.Fail($"line {i + 2}: {lines[1 + i]}");
        }

        Write("x.json", [Batch(0), Batch(5)]);
        int last = 2 * rows;
        Assert.That(File.ReadLines(At("x.json")).Count(), Is.EqualTo(last));
        Assert.That(File.ReadLines(At("x.json")).Last(), Does.EndWith($"\"row\":{rows + 4}}}"));
    }

    /// <summary>What .NET's own writer of JSON writes.</summary>
    [Test]
    public void Json_IsAnObjectARow()
    {
        Write("x.json", [Columns]);
        using MemoryStream expected = new();
        for (int i = 0; i < Words.Length; i++)
        {
            using (Utf8JsonWriter writer = new(expected, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                writer.WriteStartObject();
                writer.WriteNumber("whole", Integers[i]);
                writer.WriteNumber("long", Longs[i]);
                if (float.IsFinite(Floats[i]))
                    writer.WriteNumber("float", Floats[i]);
                else
                    writer.WriteNull("float");
                if (double.IsFinite(Doubles[i]))
                    writer.WriteNumber("double", Doubles[i]);
                else
                    writer.WriteNull("double");
                writer.WriteString("word", Words[i]);
                writer.WriteEndObject();
            }

            expected.WriteByte((byte)'\n');
        }

        Assert.That(File.ReadAllText(At("x.json")), Is.EqualTo(Encoding.UTF8.GetString(expected.ToArray())));
        Write("y.json", [[OutputColumn.Of("say \"so\"", Integers)]]);
        Assert.That(File.ReadLines(At("y.json")).First(), Is.EqualTo("{\"say \\\"so\\\"\":0}"));
    }

    [Test]
    public async Task Parquet_HoldsEveryType()
    {
        Write("x.parquet", [Columns]);
        await using FileStream file = File.OpenRead(At("x.parquet"));
        await using ParquetReader reader = await ParquetReader.CreateAsync(file);
        DataField[] fields = reader.Schema.GetDataFields();
        Assert.That(fields.Select(field => field.Name), Is.EqualTo(new[] { "whole", "long", "float", "double", "word" }));
        Assert.That(
            fields.Take(4).Select(field => (field.ClrType, field.IsNullable)),
            Is.EqualTo(new[] { (typeof(int), false), (typeof(long), false), (typeof(float), false), (typeof(double), false) }));
        using ParquetRowGroupReader group = reader.OpenRowGroupReader(0);
        int[] integers = new int[Words.Length];
        long[] longs = new long[Words.Length];
        float[] floats = new float[Words.Length];
        double[] doubles = new double[Words.Length];
        string?[] words = new string?[Words.Length];
        await group.ReadAsync<int>(fields[0], integers.AsMemory());
        await group.ReadAsync<long>(fields[1], longs.AsMemory());
        await group.ReadAsync<float>(fields[2], floats.AsMemory());
        await group.ReadAsync<double>(fields[3], doubles.AsMemory());
        await group.ReadAsync(fields[4], words.AsMemory());
        Assert.That(integers, Is.EqualTo(Integers));
        Assert.That(longs, Is.EqualTo(Longs));
        Assert.That(floats, Is.EqualTo(Floats));
        Assert.That(doubles, Is.EqualTo(Doubles));
        Assert.That(words, Is.EqualTo(Words));
    }

    /// <summary>More rows than a group has, and a group with fewer at the end.</summary>
    [Test]
    public async Task Parquet_IsWrittenGroupByGroup()
    {
        const int rows = 70_000;
        int read = 0;
        Write("x.parquet", Batches());
        Assert.That(read, Is.EqualTo(rows));
        await using (FileStream file = File.OpenRead(At("x.parquet")))
        {
            await using ParquetReader reader = await ParquetReader.CreateAsync(file);
            Assert.That(reader.RowGroupCount, Is.EqualTo(2));
        }

        using ITable table = TableFile.Open(At("x.parquet"));
        for (int row = 0; row < rows; row++)
        {
            Assert.That(table.Next(), Is.True);
            if (row % 999 != 0 && row != rows - 1)
                continue;
            Assert.That(table.Number(0), Is.EqualTo(row));
            Assert.That(table.Text(1), Is.EqualTo($"w{row}"));
            Assert.That(table.Number(2), Is.EqualTo(row / 3f));
        }

        Assert.That(table.Next(), Is.False);

        IEnumerable<IReadOnlyList<OutputColumn>> Batches()
        {
            for (; read < rows; read += Math.Min(Batch, rows - read))
            {
                int[] numbers = [.. Enumerable.Range(read, Math.Min(Batch, rows - read))];
                yield return
                [
                    OutputColumn.Of("n", numbers), OutputColumn.Of("w", Array.ConvertAll(numbers, n => $"w{n}")),
                    .. OutputColumn.Of(["x", "y"], (float[])[.. numbers.SelectMany(n => new[] { n / 3f, -n })]),
                ];
            }
        }
    }

    [TestCase("x.csv")]
    [TestCase("x.json")]
    [TestCase("x.npy")]
    [TestCase("x.npz")]
    [TestCase("x.parquet")]
    public void NoRows_AreRefusedAndNothingIsLeft(string name)
    {
        Assert.That(() => Write(name, []), Throws.TypeOf<InputException>().With.Message.Contains("no rows"));
        Assert.That(Directory.GetFiles(Folder), Is.Empty);
    }

    [Test]
    public void Parquet_RefusesTwoColumnsOfOneName()
    {
        OutputColumn[] columns = [OutputColumn.Of("code", Words), OutputColumn.Of("code", Integers)];
        Assert.That(() => Write("x.parquet", [columns]), Throws.TypeOf<InputException>().With.Message.Contains("two columns named 'code'"));
        Assert.That(Directory.GetFiles(Folder), Is.Empty);
    }

    private void Write(string name, IEnumerable<IReadOnlyList<OutputColumn>> batches) => OutputFile.Write(At(name), TextWriter.Null, batches);
}
