using System.Numerics;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// The table F [B, S] of every example under every code, three ways: natural form and matrix product, row by row, and the formula in float64; then the
/// gradient of a loss with given dL/dF. The rows of the problem's outputs are the S codes.
/// </summary>
internal sealed class LikelihoodProduct<TElement>(ComputeDevice device, Arena arena, LikelihoodProblem problem, TElement element)
    where TElement : struct, IElementLikelihood, INaturalForm
{
    private readonly ILikelihoodReference reference = problem.Reference;
    private readonly int b = problem.Examples;
    private readonly int s = problem.Rows;
    private readonly int t = problem.Statistic.Length / problem.Examples;
    private readonly float[] tableGrad = Draws.Normal(new Random(29), problem.Examples * problem.Rows);

    /// <summary>Runs all of them and compares.</summary>
    public void Verify()
    {
        GuardedMatrix natural = new(device, arena, s, t), negativeNormaliser = new(device, arena, 1, s), table = new(device, arena, b, s);
        GuardedMatrix naturalGrad = new(device, arena, s, t), codeWeights = new(device, arena, 1, s), outputsGrad = new(device, arena, s, reference.Width);
        GuardedMatrix rows = new(device, arena, b * s, 1), rowsGrad = new(device, arena, b * s, reference.Width);
        Matrix outputs = Upload(problem.Outputs, s, reference.Width), statistic = Upload(problem.Statistic, b, t), given = Upload(tableGrad, b, s);
        LikelihoodRows pairs = new()
        {
            Outputs = Upload([.. Enumerable.Repeat(problem.Outputs, b).SelectMany(values => values)], b * s, reference.Width),
            Statistic = statistic,
            LogBase = problem.HasBaseMeasure ? Upload(problem.LogBases, b, 1) : null,
            LogLikelihood = rows.Matrix,
            OutputsGrad = rowsGrad.Matrix,
            Weights = given.Reshape(b * s, 1),
        };

        LaunchList list = new(device);
        NaturalForm.Forward(list, "natural", outputs, natural.Matrix, negativeNormaliser.Matrix, element, reference.Dimensions);
        MatMul.Record(list, statistic, Operand.Transpose(natural.Matrix), table.Matrix, new Epilogue { Bias = negativeNormaliser.Matrix.View });
        if (pairs.LogBase is { } logBase)
            BaseMeasure.Add(list, logBase, table.Matrix);
        MatMul.Record(list, Operand.Transpose(given), statistic, naturalGrad.Matrix);
        ColumnSum.Record(list, given, codeWeights.Matrix);
        NaturalForm.Backward(list, "natural-grad", outputs, naturalGrad.Matrix, codeWeights.Matrix, outputsGrad.Matrix, element, reference.Dimensions);
        RowLikelihood.Record(list, "rows", pairs, element, reference.Dimensions);
        list.Replay();
        device.Wait();

        Tolerance.Check($"eta of {problem}", natural.Download(), Natural<double>(), Natural<float>(), t);
        Tolerance.Check($"-c of {problem}", negativeNormaliser.Download(), Normalisers<double>(), Normalisers<float>(), 1);
        Tolerance.Check($"F of {problem} as a product", table.Download(), Table<double>(), ProductTable<float>(), s);
        Tolerance.Check($"F of {problem} by rows", rows.Download(), Table<double>(), Table<float>(), s);
        Tolerance.Check($"gradient of {problem} as a product", outputsGrad.Download(), Gradient<double>(), ProductGradient<float>(), reference.Width);
        Tolerance.Check($"gradient of {problem} by rows", SumOverExamples(rowsGrad.Download()), Gradient<double>(), Gradient<float>(), reference.Width);
    }

    private Matrix Upload(float[] values, int rows, int columns)
    {
        Matrix matrix = arena.Matrix(rows, columns, MemoryUse.Activations);
        device.Upload<float>(matrix.View, values);
        return matrix;
    }

    private T[] Natural<T>()
        where T : struct, IFloatingPointIeee754<T> => [.. Enumerable.Range(0, s).SelectMany(code => reference.Natural(problem.RowOutputs<T>(code)))];

    private T[] Normalisers<T>()
        where T : struct, IFloatingPointIeee754<T> => [.. Enumerable.Range(0, s).Select(code => -reference.LogNormaliser(problem.RowOutputs<T>(code)))];

    // log p(x_b | code s), pair by pair.
    private T[] Table<T>()
        where T : struct, IFloatingPointIeee754<T> =>
        [.. Pairs().Select(pair => reference.LogLikelihood(problem.RowOutputs<T>(pair.Code), ByRow.As<T>(problem.Observations[pair.Example])))];

    // log h(x_b) + T(x_b) . eta(s) - c(s), pair by pair.
    private T[] ProductTable<T>()
        where T : struct, IFloatingPointIeee754<T>
    {
        T[] natural = Natural<T>(), normalisers = Normalisers<T>(), statistics = ByRow.As<T>(problem.Statistic), bases = ByRow.As<T>(problem.LogBases);
        T Product(int example, int code) =>
            ByRow.Row(statistics, example, t).Zip(ByRow.Row(natural, code, t), (x, eta) => x * eta).Aggregate(T.Zero, (sum, term) => sum + term);
        return [.. Pairs().Select(pair => Product(pair.Example, pair.Code) + normalisers[pair.Code] + bases[pair.Example])];
    }

    // sum_b dL/dF_bs d log p(x_b | s) / d outputs_s.
    private T[] Gradient<T>()
        where T : struct, IFloatingPointIeee754<T>
    {
        T[] gradient = new T[s * reference.Width];
        foreach ((int example, int code) in Pairs())
        {
            T[] slopes = reference.Gradient(problem.RowOutputs<T>(code), ByRow.As<T>(problem.Observations[example]));
            for (int i = 0; i < slopes.Length; i++)
                gradient[(code * reference.Width) + i] += T.CreateChecked(tableGrad[(example * s) + code]) * slopes[i];
        }

        return gradient;
    }

    // The same by way of the natural parameters.
    private T[] ProductGradient<T>()
        where T : struct, IFloatingPointIeee754<T> =>
        [
            .. Enumerable.Range(0, s).SelectMany(code =>
            {
                T[] naturalGrad = new T[t];
                T weight = T.Zero;
                for (int example = 0; example < b; example++)
                {
                    T factor = T.CreateChecked(tableGrad[(example * s) + code]);
                    weight += factor;
                    T[] statistic = ByRow.As<T>(ByRow.Row(problem.Statistic, example, t));
                    for (int i = 0; i < t; i++)
                        naturalGrad[i] += factor * statistic[i];
                }

                return reference.NaturalGradient(problem.RowOutputs<T>(code), naturalGrad, weight);
            }),
        ];

    private float[] SumOverExamples(float[] pairs)
    {
        float[] sums = new float[s * reference.Width];
        for (int i = 0; i < pairs.Length; i++)
            sums[i % sums.Length] += pairs[i];
        return sums;
    }

    private IEnumerable<(int Example, int Code)> Pairs() =>
        Enumerable.Range(0, b).SelectMany(example => Enumerable.Range(0, s).Select(code => (example, code)));
}
