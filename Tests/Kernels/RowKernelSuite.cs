using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// What holds for every row kernel, on every target and on simulated warps: the formula in all shapes and kinds of rows, with whole guard bands; in place the
/// same bits; a number that is none stays in its row; repeated the same bits; the chosen way to hold rows.
/// </summary>
[TestFixtureSource(typeof(Target), nameof(Target.WithWarps))]
internal class RowKernelSuite(Target target) : AcceleratorSuite(target)
{
    // Each way to hold rows, with ends of rows that fill a vector and that do not.
    private static readonly (int Rows, int K)[] FewOnDevices = [(5, 2), (9, 8), (8, 10), (70, 12), (6, 18), (8, 20), (3, 64), (3, 258), (2, 272)];

    private IEnumerable<(int Rows, int K)> FewShapes => Target.IsSimulatedGroup ? [(9, 3), (3, 17), (3, 36)] : FewOnDevices;

    [TestCaseSource(typeof(RowOperations), nameof(RowOperations.All))]
    public void MatchesFloat64(RowOperation operation)
    {
        foreach ((int rows, int k) in Allowed(operation, RowInputs.Shapes(Target).Concat(RowInputs.LongRows(Target))))
            Verify(operation, InputKind.Normal, rows, k);
        foreach (InputKind kind in operation.Kinds.Where(kind => kind != InputKind.Normal))
        {
            foreach ((int rows, int k) in Allowed(operation, RowInputs.Shapes(Target, kind)))
                Verify(operation, kind, rows, k);
        }
    }

    [TestCaseSource(nameof(InPlaceOperations))]
    public void InPlace_GivesTheSameBits(RowOperation operation)
    {
        foreach ((int rows, int k) in Allowed(operation, FewShapes))
        {
            RowArray[] inputs = operation.Inputs(InputKind.Normal, rows, k);
            float[][] apart = new RowRun(Device, Arena, operation, inputs, rows, k).Replay();
            foreach ((int Input, int Output) both in operation.InPlace)
                Repetition.VerifyBits(new RowRun(Device, Arena, operation, inputs, rows, k, both).Replay(), apart, $"{operation} [{rows}, {k}] in place");
        }
    }

    /// <summary>Of each input that rows have of their own, one number in the middle row: the other rows keep their bits, and that row shows it.</summary>
    [TestCaseSource(typeof(RowOperations), nameof(RowOperations.All))]
    public void NotANumber_StaysInItsRow(RowOperation operation)
    {
        foreach ((int rows, int k) in Allowed(operation, FewShapes))
        {
            RowArray[] inputs = operation.Inputs(InputKind.Normal, rows, k), outputs = operation.Outputs(rows, k);
            float[][] clean = new RowRun(Device, Arena, operation, inputs, rows, k).Replay();
            foreach (RowArray input in inputs.Where(input => input is { AreCodes: false, RowOf: not null }))
            {
                float[] values = [.. input.Values!];
                int at = Enumerable.Range(0, input.Rows).Last(row => input.RowOf!(row) == rows / 2);
                values[(at * input.Columns) + (input.Columns / 2)] = float.NaN;
                RowArray[] spoilt = Array.ConvertAll(inputs, other => other == input ? other with { Values = values } : other);
                float[][] results = new RowRun(Device, Arena, operation, spoilt, rows, k).Replay();
                Verify(operation, outputs, clean, results, rows / 2, $"{operation} [{rows}, {k}], input {Array.IndexOf(inputs, input)}");
            }
        }
    }

    [TestCaseSource(typeof(RowOperations), nameof(RowOperations.All))]
    public void Repeats_AreBitIdentical(RowOperation operation)
    {
        // A lane's and a group's rows; simulated ones are as slow as their barriers.
        foreach ((int rows, int k) in Target.IsSimulatedGroup ? new[] { (9, 3), (1, 18) } : [(8, 10), (3, 258)])
        {
            RowRun run = new(Device, Arena, operation, operation.Inputs(InputKind.Normal, rows, k), rows, k);
            Repetition.IsBitIdentical(run.Replay, Target.IsSimulatedGroup ? 3 : 20);
        }
    }

    [TestCaseSource(typeof(RowOperations), nameof(RowOperations.All))]
    public void Launches_AreWhatWasChosen(RowOperation operation)
    {
        foreach ((int rows, int k) in Allowed(operation, RowInputs.Shapes(Target)))
        {
            LaunchList list = new RowRun(Device, Arena, operation, operation.Inputs(InputKind.Normal, rows, k), rows, k).List;
            RowLaunch[] expected = operation.Launches(rows, k);
            Assert.That(list.Launches, Has.Count.EqualTo(expected.Length), operation.ToString());
            for (int i = 0; i < expected.Length; i++)
            {
                if (Device.Style == LaunchStyle.Groups && expected[i].OnGroups is { } body)
                {
                    Assert.That(LaunchedBody.Of(list.Launches[i]), Is.EqualTo(body), $"{operation} [{rows}, {k}]");
                    continue;
                }

                RowShape shape = RowShape.For(
                    Device, expected[i].Rows, k, expected[i].Traits, KernelCatalogue.LongestRowOfALane(expected[i].Kernel));
                Assert.That(list.Launches[i].Shape, Is.EqualTo(shape.ToString()), $"{operation} [{rows}, {k}], launch {i}");
                Assert.That(LaunchedBody.Of(list.Launches[i]), Is.EqualTo(HeldRows.Body(Device, expected[i].Kernel, shape, k)), $"{operation} [{rows}, {k}]");
            }
        }
    }

    /// <summary>The shapes that all of this is tried on leave no way to hold rows out.</summary>
    [Test]
    public void Shapes_ReachEveryHolding()
    {
        IEnumerable<RowHolding> reached = RowInputs.Shapes(Target).Select(shape => RowShape.For(Device, shape.Rows, shape.K).Holding).Distinct();
        RowHolding[] all = Device.Style == LaunchStyle.Processor ? [RowHolding.Packed, RowHolding.Paired, RowHolding.Single]
            : Device.HasWarps ? [RowHolding.Lane, RowHolding.LaneOfWarp, RowHolding.QuarterWarp, RowHolding.HalfWarp, RowHolding.Warp, RowHolding.Group]
            : [RowHolding.Lane, RowHolding.Group];
        Assert.That(reached, Is.EquivalentTo(all));
    }

    private static IEnumerable<RowOperation> InPlaceOperations => RowOperations.All.Where(operation => operation.InPlace.Length > 0);

    private static IEnumerable<(int Rows, int K)> Allowed(RowOperation operation, IEnumerable<(int Rows, int K)> shapes) =>
        shapes.Where(shape => shape.K <= operation.LongestRow);

    private void Verify(RowOperation operation, InputKind kind, int rows, int k)
    {
        RowArray[] inputs = operation.Inputs(kind, rows, k), outputs = operation.Outputs(rows, k);
        float[][] actual = new RowRun(Device, Arena, operation, inputs, rows, k).Replay();
        double[][] exact = Reference<double>(operation, inputs, outputs, rows, k), wide = As<double>(inputs), before = As<double>(outputs);
        float[][] naive = Reference<float>(operation, inputs, outputs, rows, k);
        for (int i = 0; i < outputs.Length; i++)
        {
            string what = $"output {i} of {RowInputs.Describe(operation.ToString(), kind, rows, k)}";
            if (outputs[i].AreCodes)
                VerifyCodes(what, actual[i], exact[i], k);
            else
                Tolerance.Check(what, actual[i], exact[i], naive[i], outputs[i].Columns, Magnitudes(operation, i, wide, before[i], outputs[i], rows, k));
        }
    }

    // Scores that differ by less than their last float32 places may change order; where one is no number any may win.
    private static void VerifyCodes(string what, float[] codes, double[] scores, int k)
    {
        for (int row = 0; row < codes.Length; row++)
        {
            double[] own = ByRow.Row(scores, row, k);
            double slack = Tolerance.FloorUlps * Tolerance.Ulp(Math.Max(1, own.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max()));
            Assert.That(own.Any(double.IsNaN) || own[(int)codes[row]] >= own.Max() - slack, $"{what}, row {row}: {own[(int)codes[row]]} of {own.Max()}");
        }
    }

    private static void Verify(RowOperation operation, RowArray[] outputs, float[][] clean, float[][] spoilt, int spoiltRow, string what)
    {
        List<float> own = [];
        for (int i = 0; i < outputs.Length; i++)
        {
            int columns = outputs[i].Columns;
            for (int row = 0; row < outputs[i].Rows; row++)
            {
                float[] actual = ByRow.Row(spoilt[i], row, columns);
                if (outputs[i].RowOf!(row) == spoiltRow)
                    own.AddRange(actual);
                else
                    Repetition.VerifyBits([actual], [ByRow.Row(clean[i], row, columns)], $"{what}: row {row} of output {i}");
            }
        }

        if (!outputs.All(output => output.AreCodes))
            Assert.That(own, Has.Some.NaN, what);
    }

    // Of what is added to something neither is better than the larger of the two.
    private static double[] Magnitudes(RowOperation operation, int output, double[][] inputs, double[] before, RowArray array, int rows, int k)
    {
        double[] own = operation.Magnitudes(output, inputs, rows, k) ?? new double[array.Rows];
        double[] start = before.Length == 0 ? own : ByRow.Largest(before, array.Columns);
        return [.. own.Zip(start, (a, b) => double.IsNaN(a) ? 0 : Math.Max(a, b))];
    }

    private static T[][] Reference<T>(RowOperation operation, RowArray[] inputs, RowArray[] outputs, int rows, int k)
        where T : struct, System.Numerics.IFloatingPointIeee754<T> => operation.Reference(As<T>(inputs), As<T>(outputs), rows, k);

    private static T[][] As<T>(RowArray[] arrays)
        where T : System.Numerics.IFloatingPointIeee754<T> => Array.ConvertAll(arrays, array => ByRow.As<T>(array.Values ?? []));
}
