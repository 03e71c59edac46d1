using System.Numerics;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Observations and decoder outputs, with what the formulas make of them.</summary>
internal sealed record LikelihoodProblem(ILikelihoodReference Reference, float[][] Observations, float[] Outputs)
{
    /// <summary>B.</summary>
    public int Examples => Observations.Length;

    /// <summary>R.</summary>
    public int Rows => Outputs.Length / Reference.Width;

    /// <summary>T(x) of all examples, as the data holds it.</summary>
    public float[] Statistic => [.. Observations.SelectMany(Reference.Statistic)];

    /// <summary>log h(x) of all examples.</summary>
    public float[] LogBases => [.. Observations.Select(observation => (float)Reference.LogBase(ByRow.As<double>(observation)))];

    /// <summary>Whether the family has a base measure.</summary>
    public bool HasBaseMeasure => LogBases.Any(logBase => logBase != 0);

    /// <summary>f of every row; row r belongs to example r / (R / B).</summary>
    public T[] LogLikelihoods<T>()
        where T : struct, IFloatingPointIeee754<T> =>
        [.. Enumerable.Range(0, Rows).Select(row => Reference.LogLikelihood(RowOutputs<T>(row), ObservationOf<T>(row)))];

    /// <summary>The outputs' gradient, row after row.</summary>
    public T[] Gradients<T>(float weight, float[]? weights)
        where T : struct, IFloatingPointIeee754<T> =>
        [
            .. Enumerable.Range(0, Rows).SelectMany(row =>
            {
                T factor = T.CreateChecked(weights is null ? weight : weights[row]);
                return Reference.Gradient(RowOutputs<T>(row), ObservationOf<T>(row)).Select(slope => factor * slope);
            }),
        ];

    /// <summary>The outputs of row <paramref name="row"/>.</summary>
    public T[] RowOutputs<T>(int row)
        where T : struct, IFloatingPointIeee754<T> => ByRow.As<T>(ByRow.Row(Outputs, row, Reference.Width));

    /// <inheritdoc/>
    public override string ToString() => $"{Reference}, {Examples} examples, {Rows} rows";

    private T[] ObservationOf<T>(int row)
        where T : struct, IFloatingPointIeee754<T> => ByRow.As<T>(Observations[row / (Rows / Examples)]);
}
