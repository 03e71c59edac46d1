using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// Rows of a table that hard codes select, summed and side by side, and the table's gradient: of samples, of all joint codes, and of chunks of them.
/// </summary>
[SuiteOf(typeof(TableRows), typeof(TableRowsReference))]
[SuiteOf(typeof(OneHotRows), typeof(TableRowsReference))]
public class TableRowsTests(Target target) : AcceleratorSuite(target)
{
    // Examples B, variables, categories, codes an example P, the first of them where they are an enumeration, width of the table.
    private static readonly Case[] Cases =
    [
        new(1, 1, 1, 1, null, 1), new(6, 1, 5, 1, null, 7), new(12, 3, 3, 1, null, 17),
        new(40, 2, 7, 1, null, 33), new(7, 4, 2, 9, null, 16), new(3, 1, 130, 3, null, 64), new(600, 1, 2, 1, null, 5),
        new(1, 1, 4, 4, 0, 16), new(1, 1, 130, 130, 0, 33), new(1, 3, 3, 27, 0, 9), new(1, 6, 2, 64, 0, 40), new(1, 2, 19, 361, 0, 3),
        new(150, 20, 10, 1, null, 24), new(70, 3, 100, 1, null, 9), new(5, 1, 1024, 1, null, 8), new(300, 30, 2, 1, null, 12), new(40, 1, 3, 3, 0, 8),
        new(1, 2, 17, 289, 0, 32), new(3, 2, 5, 4, 0, 17), new(3, 2, 5, 4, 3, 17), new(2, 1, 9, 5, 4, 8), new(4, 3, 4, 13, 51, 33), new(5, 2, 3, 1, 7, 6),
    ];

    [Test]
    public void Sum_MatchesFloat64(
        [ValueSource(nameof(Cases))] Case shape,
        [
            Values(ActivationKind.Identity, ActivationKind.Relu, ActivationKind.Tanh),
        ] ActivationKind activation, [Values] bool ofExamples)
    {
        (Codes codes, TableRowsReference reference) = Make(shape);
        float[] table = Draws.Normal(new Random(3), codes.Width * shape.E), added = Draws.Normal(new Random(5), (ofExamples ? shape.B : 1) * shape.E);
        GuardedMatrix y = new(Device, Arena, codes.Rows, shape.E);
        Run(list => TableRows.Sum(list, codes, Upload(table, codes.Width, shape.E), Upload(added, added.Length / shape.E, shape.E), activation, y.Matrix));
        Tolerance.Check(
            shape.ToString(), y.Download(),
            [.. reference.Sum(ByRow.As<double>(table), ByRow.As<double>(added)).Select(x => ActivationReference.Value(activation, x))],
            [.. reference.Sum(table, added).Select(x => ActivationReference.Value(activation, x))], shape.E);
    }

    [Test]
    public void SideBySide_TheyAreCopies([ValueSource(nameof(Cases))] Case shape)
    {
        (Codes codes, TableRowsReference reference) = Make(shape);
        float[] table = Draws.Normal(new Random(7), codes.Width * shape.E);
        GuardedMatrix embedded = new(Device, Arena, codes.Rows, shape.N * shape.E);
        Run(list => TableRows.Gather(list, codes, Upload(table, codes.Width, shape.E), embedded.Matrix));
        Repetition.VerifyBits(embedded.Download(), reference.Gather(table));
    }

    [Test]
    public void Gradient_MatchesFloat64([ValueSource(nameof(Cases))] Case shape, [Values] bool sideBySide, [Values] bool accumulate)
    {
        (Codes codes, TableRowsReference reference) = Make(shape);
        int width = (sideBySide ? shape.N : 1) * shape.E;
        float[] yGrad = Draws.Normal(new Random(11), codes.Rows * width), start = Draws.Normal(new Random(13), codes.Width * shape.E);
        GuardedMatrix tableGrad = new(Device, Arena, codes.Width, shape.E);
        if (accumulate)
            Device.Upload<float>(tableGrad.Matrix.View, start);
        else
            Array.Clear(start);
        Run(list => TableRows.Backward(list, codes, Upload(yGrad, codes.Rows, width), tableGrad.Matrix, accumulate));
        Tolerance.Check(
            shape.ToString(), tableGrad.Download(), reference.Gradient(ByRow.As<double>(yGrad), ByRow.As<double>(start)), reference.Gradient(yGrad, start),
            shape.E);
    }

    [Test]
    public void OneHotRows_AreTheCodes([ValueSource(nameof(Cases))] Case shape)
    {
        (Codes codes, TableRowsReference reference) = Make(shape);
        GuardedMatrix rows = new(Device, Arena, codes.Rows, codes.Width);
        Run(list => OneHotRows.Record(list, codes, rows.Matrix));
        Repetition.VerifyBits(rows.Download(), OneHot.Rows(reference.Numbers, shape.K));
    }

    /// <summary>What is known of an enumeration changes no sum but its order.</summary>
    [Test]
    public void Enumerations_HaveTheGradientOfTheSameSamples()
    {
        (Codes codes, TableRowsReference reference) = Make(new Case(2, 3, 5, 40, 60, 24));
        float[] yGrad = Draws.Normal(new Random(17), codes.Rows * 24);
        Matrix grad = Upload(yGrad, codes.Rows, 24);
        GuardedMatrix known = new(Device, Arena, codes.Width, 24), asked = new(Device, Arena, codes.Width, 24);
        Run(list =>
        {
            TableRows.Backward(list, codes, grad, known.Matrix, accumulate: false);
            TableRows.Backward(list, codes with { Range = null }, grad, asked.Matrix, accumulate: false);
        });
        float[] expected = reference.Gradient(yGrad, new float[codes.Width * 24]);
        Assert.That(known.Download(), Is.EqualTo(expected).Within(1e-4f));
        Assert.That(asked.Download(), Is.EqualTo(expected).Within(1e-4f));
    }

    [Test]
    public void Gradient_IsDeterministic([Values] bool enumerated)
    {
        (Codes codes, _) = Make(enumerated ? new Case(2, 3, 4, 30, 10, 33) : new Case(90, 3, 4, 1, null, 33));
        Matrix yGrad = Upload(Draws.Normal(new Random(19), codes.Rows * 33), codes.Rows, 33);
        Repetition.IsBitIdentical(() =>
        {
            GuardedMatrix tableGrad = new(Device, Arena, codes.Width, 33);
            Run(list => TableRows.Backward(list, codes, yGrad, tableGrad.Matrix, accumulate: false));
            return tableGrad.Download();
        });
    }

    [Test]
    public void WrongShapes_AreRefused()
    {
        LaunchList list = new(Device);
        Matrix New(int rows, int columns) => Arena.Matrix(rows, columns, MemoryUse.Activations);
        (Codes codes, _) = Make(new Case(6, 2, 3, 1, null, 4));
        Codes relaxed = Codes.Relaxed(New(6, 6), 2);
        Matrix table = New(6, 4), bias = New(1, 4), y = New(6, 4), embedded = New(6, 8);
        Refused(() => TableRows.Sum(list, codes, New(5, 4), bias, ActivationKind.Identity, y), "table is [5, 4]");
        Refused(() => TableRows.Sum(list, codes, table, bias, ActivationKind.Identity, New(5, 4)), "y is [5, 4]");
        Refused(() => TableRows.Sum(list, codes, table, New(1, 3), ActivationKind.Identity, y), "added is [1, 3]");
        Refused(() => TableRows.Sum(list, codes, table, New(4, 4), ActivationKind.Identity, y), "added is [4, 4]");
        Refused(() => TableRows.Gather(list, codes, table, y), "embedded is [6, 4]");
        Refused(() => TableRows.Backward(list, codes, New(6, 7), table, accumulate: false), "yGrad is [6, 7]");
        Refused(() => TableRows.Backward(list, codes, y, New(4, 4), accumulate: false), "table is [4, 4]");
        Refused(() => OneHotRows.Record(list, codes, New(6, 5)), "rows is [6, 5]");
        Refused(() => _ = Codes.Relaxed(table, 3), "no multiple of 3");
        Refused(() => _ = Codes.Hard(codes.Numbers, 5, 2, 3), "12 numbers");
        Assert.That(
            () => TableRows.Sum(list, relaxed, table, bias, ActivationKind.Identity, y), Throws.InvalidOperationException.With.Message.Contains("relaxed"));
        Assert.That(() => codes.Weights, Throws.InvalidOperationException.With.Message.Contains("hard"));
        Assert.That(list.Launches, Is.Empty);
        Assert.That(() => TableRows.Gather(list, codes, table, embedded), Throws.Nothing);

        static void Refused(Action record, string named) => Assert.That(() => record(), Throws.ArgumentException.With.Message.Contains(named));
    }

    private (Codes Codes, TableRowsReference Reference) Make(Case shape)
    {
        int rows = shape.B * shape.P;
        Codes codes = Codes.Hard(Arena.Allocate<int>(rows * shape.N, MemoryUse.Codes), rows, shape.N, shape.K);
        if (shape.First is { } first)
        {
            Run(list => codes = CodeChunk.Enumerate(list, codes, first, shape.P));
        }
        else
        {
            Random random = new(shape.B + shape.K);
            Device.Upload<int>(codes.Numbers, [.. Enumerable.Range(0, rows * shape.N).Select(_ => random.Next(shape.K))]);
        }

        return (codes, new TableRowsReference(Device.Download(codes.Numbers), shape.N, shape.K, shape.E));
    }

    /// <summary>Codes and a table; <paramref name="First"/> is null of samples.</summary>
    public sealed record Case(int B, int N, int K, int P, int? First, int E);
}
