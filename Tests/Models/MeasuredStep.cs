using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;
using MathNet.Numerics.LinearAlgebra;

namespace IlgpuVae.Tests.Models;

/// <summary>
/// Training steps at fixed parameters, and the reference on the same parameters: the learning rate is 0. Every parameter is drawn normal, so that none sits
/// at a point of symmetry as the prior does at its start.
/// </summary>
public sealed class MeasuredStep
{
    public const ulong Seed = 11;

    // The standard deviation of the parameters: gentle enough for float32 sums, wide enough for posteriors far from uniform.
    private const double Deviation = 0.7;

    private readonly ModelCase shape;
    private readonly Dictionary<string, float[]> gradients;
    private readonly DataSet data;
    private readonly int batch;

    /// <summary>Runs <paramref name="steps"/> steps; the gradients are the last one's.</summary>
    public MeasuredStep(
        ComputeDevice device,
        ModelCase shape,
        Func<EstimatorInputs,
        Estimator> estimator,
        int examples,
        int batch,
        int steps,
        float temperature = 1f,
        KlObjective? kl = null)
    {
        this.shape = shape;
        this.batch = batch;
        Steps = steps;
        data = shape.Data(examples);
        using DiscreteVae vae = new(device, shape.Design(), Seed);
        DrawParameters(vae);
        Dictionary<string, float[]> before = Download(vae, parameter => parameter.Value);
        StepSettings settings = new()
        {
            Batch = batch,
            Estimator = estimator,
            Schedules = Scheduled.Default with
            {
                LearningRate = Schedule.Constant(0f),
                Beta = Schedule.Constant(shape.Beta),
                Temperature = Schedule.Constant(temperature),
            },
            Seed = Seed,
            Kl = kl ?? new KlObjective(),
        };
        using TrainingStep step = new(vae, new DeviceData(device, vae.Arena, data), settings);
        for (int i = 0; i < steps; i++)
            step.Run();
        State = step.ReadState();
        gradients = Download(vae, parameter => parameter.Gradient);
        Assert.That(Download(vae, parameter => parameter.Value), Is.EqualTo(before), "a learning rate of 0 has moved the parameters");
        Reference = Widen(vae, shape);
    }

    /// <summary>Steps done.</summary>
    public int Steps { get; }

    /// <summary>The step's state after the last step.</summary>
    public StepState State { get; }

    /// <summary>The same model in float64.</summary>
    public ReferenceVae Reference { get; }

    /// <summary>The batch of a step, from 1, [B, D + C].</summary>
    public Matrix<double> Batch(int step) =>
        Wide(data, [.. Enumerable.Range(0, batch).Select(b => BatchGather.ShuffledExample(((step - 1) * batch) + b, data.Count, Seed))]);

    /// <summary>Examples as the reference takes them, contexts behind their numbers: [rows, D + C].</summary>
    public static Matrix<double> Wide(DataSet data, IReadOnlyList<int> rows) => Matrix<double>.Build.DenseOfRows(
        rows.Select(row => data.Example(row).Concat(data.Context?.Example(row) ?? []).Select(value => (double)value)));

    /// <summary>All examples.</summary>
    public static Matrix<double> Wide(DataSet data) => Wide(data, [.. Enumerable.Range(0, data.Count)]);

    /// <summary>Gives every parameter of a model normal values.</summary>
    public static void DrawParameters(DiscreteVae vae, double deviation = Deviation)
    {
        Random random = new(3);
        foreach (Parameter parameter in vae.Parameters.All)
            vae.Device.Upload<float>(
                parameter.Value.View,
                [.. Enumerable.Range(0, (int)parameter.Length).Select(_ => (float)MathNet.Numerics.Distributions.Normal.Sample(random, 0, deviation))]);
    }

    /// <summary>The reference with a model's present parameters.</summary>
    public static ReferenceVae Widen(DiscreteVae vae, ModelCase shape) => new(shape, vae.Parameters.All.ToDictionary(
        parameter => parameter.Name,
        parameter =>
        {
            float[] values = vae.Device.Download(parameter.Value.View);
            return Matrix<double>.Build.Dense(parameter.Rows, parameter.Columns, (i, j) => values[(i * parameter.Columns) + j]);
        }));

    /// <summary>The device's gradient of one parameter, row by row.</summary>
    public IReadOnlyList<float> Gradient(string parameter) => gradients[parameter];

    /// <summary>Compares every parameter's gradient with the derivatives of <paramref name="loss"/>.</summary>
    public void VerifyGradients(Func<double> loss)
    {
        // Rounding of float32 sums of a few dozen terms of order 1 comes to 1e-5 of a parameter's largest entry at most; a wrong term is far above this.
        const double Relative = 5e-5;
        Dictionary<string, double[]> expected = Reference.Gradient(loss);
        Assert.That(gradients.Keys, Is.EquivalentTo(expected.Keys));
        foreach ((string name, double[] wanted) in expected)
        {
            double tolerance = Relative * wanted.Max(Math.Abs);
            for (int i = 0; i < wanted.Length; i++)
                Assert.That(
                    Math.Abs(gradients[name][i] - wanted[i]) <= tolerance,
                    $"{shape}: {name}[{i}] is {gradients[name][i]:R} instead of {wanted[i]:R} +- {tolerance:G2}");
        }
    }

    /// <summary>Compares the summed metrics with the means over the batches of all steps.</summary>
    public void VerifyMetrics(Func<int, double> reconstruction, Func<int, double> kl)
    {
        double expectedReconstruction = Enumerable.Range(1, Steps).Sum(reconstruction);
        double expectedKl = Enumerable.Range(1, Steps).Sum(kl);
        Assert.That(State.SummedSteps, Is.EqualTo(Steps));
        Assert.That(State.FirstBadStep, Is.Zero);
        Assert.That(State.Sums.Reconstruction, Is.EqualTo(expectedReconstruction).Within(1e-5 * Math.Abs(expectedReconstruction)), $"{shape}: reconstruction");
        Assert.That(State.Sums.Kl, Is.EqualTo(expectedKl).Within(1e-5 * Math.Max(1, expectedKl)), $"{shape}: KL");
    }

    private static Dictionary<string, float[]> Download(DiscreteVae vae, Func<Parameter, Matrix> matrix) =>
        vae.Parameters.All.ToDictionary(parameter => parameter.Name, parameter => vae.Device.Download(matrix(parameter).View));
}
