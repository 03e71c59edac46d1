using IlgpuVae.Training;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Models;

/// <summary>What codes mean over the contexts of a data set.</summary>
[TestFixture]
public sealed class ContextMeansTests
{
    private const int Width = 2;

    [Test]
    public void WithoutContexts_CodesAreDecodedOnce()
    {
        float[] means = ContextMeans.Of(
            (codes, contexts) =>
            {
                Assert.That(contexts, Is.Null);
                return [.. codes.Select(code => (float)code)];
            },
            [3, 1, 4, 1],
            2,
            Set(Width, [0, 0]));
        Assert.That(means, Is.EqualTo(new[] { 3f, 1, 4, 1 }));
    }

    /// <summary>Rows in the order of their classes have contexts of all of them, and each code meets the same ones.</summary>
    [TestCase(3)]
    [TestCase(1600)]
    public void Contexts_AreOfAllTheData(int rows)
    {
        float[] told = [.. Enumerable.Range(0, rows).Select(i => (float)i)];
        DataSet data = Set(Width, new float[rows * Width]) with { Context = Set(1, told) };
        float[] means = ContextMeans.Of(
            (codes, contexts) => [.. codes.Zip(contexts!, (code, context) => new[] { code + context, context }).SelectMany(row => row)], [10, 20], 2, data);
        double expected = rows == 3 ? 1 : Enumerable.Range(0, 16).Average(i => i * 100);
        Assert.That(means, Is.EqualTo(new[] { 10 + expected, expected, 20 + expected, expected }).Within(1e-3));
    }

    private static DataSet Set(int width, float[] values) => new() { Name = "set", Count = values.Length / width, Width = width, Values = values };
}
