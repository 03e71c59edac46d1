using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Column sums of tall, wide and single-element matrices.</summary>
[SuiteOf(typeof(ColumnSum), InPlaceOfAReference = "sums")]
public class ColumnSumTests(Target target) : AcceleratorSuite(target)
{
    private static readonly (int R, int C)[] Shapes = [(1, 1), (1, 33), (257, 1), (7, 15), (5, 16), (13, 17), (31, 65), (1023, 3)];

    [Test]
    public void Sums_MatchFloat64([ValueSource(nameof(Shapes))] (int R, int C) shape, [Values(1f, -0.3f)] float scale)
    {
        float[] values = Draws.Normal(new Random(shape.R + shape.C), shape.R * shape.C);
        double[] expected = [.. Columns(values, shape).Select(column => column.Sum(value => (double)value) * scale)];
        float[] naive = [.. Columns(values, shape).Select(column => column.Aggregate(0f, (sum, value) => sum + value) * scale)];
        Tolerance.Check("sums", Sum(values, shape, scale), expected, naive, shape.C);
    }

    [Test]
    public void NaN_ReachesItsOwnColumnOnly()
    {
        float[] values = new float[5 * 19];
        values[(2 * 19) + 17] = float.NaN;
        Assert.That(Sum(values, (5, 19), 1f).Select(float.IsNaN), Is.EqualTo(Enumerable.Range(0, 19).Select(column => column == 17)));
    }

    [Test]
    public void Sums_AddToWhatWasThere([ValueSource(nameof(Shapes))] (int R, int C) shape)
    {
        float[] values = Draws.Normal(new Random(5), shape.R * shape.C), start = Draws.Normal(new Random(6), shape.C);
        GuardedMatrix sums = new(Device, Arena, 1, shape.C);
        Device.Upload<float>(sums.Matrix.View, start);
        Run(list => ColumnSum.Record(list, Upload(values, shape.R, shape.C), sums.Matrix, 2f, accumulate: true));
        double[] expected = [.. Columns(values, shape).Select((column, i) => start[i] + (2 * column.Sum(value => (double)value)))];
        float[] naive = [.. Columns(values, shape).Select((column, i) => start[i] + (2 * column.Aggregate(0f, (sum, value) => sum + value)))];
        Tolerance.Check("sums", sums.Download(), expected, naive, shape.C);
    }

    [Test]
    public void Sums_AreDeterministic()
    {
        float[] values = Draws.Normal(new Random(3), 1023 * 3);
        Repetition.IsBitIdentical(() => Sum(values, (1023, 3), 1f));
    }

    private static IEnumerable<IEnumerable<float>> Columns(float[] values, (int R, int C) shape) =>
        Enumerable.Range(0, shape.C).Select(column => Enumerable.Range(0, shape.R).Select(row => values[(row * shape.C) + column]));

    private float[] Sum(float[] values, (int R, int C) shape, float scale)
    {
        GuardedMatrix sums = new(Device, Arena, 1, shape.C);
        Run(list => ColumnSum.Record(list, Upload(values, shape.R, shape.C), sums.Matrix, scale));
        return sums.Download();
    }
}
