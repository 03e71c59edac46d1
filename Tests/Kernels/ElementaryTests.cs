using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// Elementary functions against float64, over bit patterns spread evenly through all of float32 and over the densely used range around 0. The
/// largest errors, in units in the last place of the exact value, are stated here and hold on every accelerator.
/// </summary>
public class ElementaryTests(Target target) : AcceleratorSuite(target)
{
    private static readonly Function[] Functions =
    [
        new(0, "Exp", Math.Exp, 2, -87.33f, 88.37f),
        new(1, "Log", Math.Log, 2, float.Epsilon, float.MaxValue),
        new(2, "Log1pUnit", ElementaryReference.Log1p, 2, 0, 1),
        new(3, "Log1p", ElementaryReference.Log1p, 3, MathF.BitIncrement(-1), float.MaxValue),
        new(4, "Softplus", ElementaryReference.Softplus, 3, -87.33f, float.MaxValue),
        new(5, "Sigmoid", ElementaryReference.Sigmoid, 4, -87.33f, float.MaxValue),
        new(6, "Tanh", Math.Tanh, 3, -float.MaxValue, float.MaxValue),
    ];

    /// <summary>One function of the table: its number in the test kernel, its truth, the error allowed and where the documentation promises it.</summary>
    public sealed record Function(int Number, string Name, Func<double, double> Exact, double Ulps, float From, float To)
    {
        public override string ToString() => Name;
    }

    private static IEnumerable<Function> VectorFunctions => Functions.Where(function => function.Name != nameof(Elementary.Log1p));

    [Test]
    public void Sweep_StaysWithinTheStatedUlps([ValueSource(nameof(Functions))] Function function) => Verify(function, Evaluate);

    /// <summary>As row kernels compute them on this device: four at a time, or in vector registers.</summary>
    [Test]
    public void VectorSweep_StaysWithinTheStatedUlps([ValueSource(nameof(VectorFunctions))] Function function) => Verify(function, EvaluateVectors);

    [TestCase(0, new[] { 1, 1, 1, 1, 0, float.PositiveInfinity, 0, float.PositiveInfinity, float.NaN })]
    [TestCase(1, new[]
    {
        float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NaN, 9.21034037f, float.NaN,
            float.PositiveInfinity, float.NaN,
    })]
    [TestCase(3, new[] { 0, 0, 0, 0, float.NaN, 9.21044037f, float.NaN, float.PositiveInfinity, float.NaN })]
    [TestCase(4, new[] { 0.693147181f, 0.693147181f, 0.693147181f, 0.693147181f, 0, 1e4f, 0, float.PositiveInfinity, float.NaN })]
    [TestCase(5, new[] { 0.5f, 0.5f, 0.5f, 0.5f, 0, 1, 0, 1, float.NaN })]
    [TestCase(6, new[] { 0, 0, 0, 0, -1, 1, -1, 1, float.NaN })]
    public void Extremes_AreExact(int function, float[] expected)
    {
        float[] x = [0f, -0f, 1e-41f, -1e-41f, -1e4f, 1e4f, float.NegativeInfinity, float.PositiveInfinity, float.NaN];
        float[] y = Evaluate(function, x);
        for (int i = 0; i < x.Length; i++)
        {
            // A negative subnormal may count as 0 or as negative; results below the smallest normal number may be flushed to 0.
            if (function == 1 && x[i] == -1e-41f && float.IsNaN(y[i]))
                continue;
            bool close = y[i].Equals(expected[i]) || Math.Abs(y[i] - expected[i]) <= Math.Max(Tolerance.Ulp(expected[i]), 1.17549435e-38);
            Assert.That(close, $"{Functions[function].Name}({x[i]}) = {y[i]:g9} instead of {expected[i]:g9}");
        }
    }

    /// <summary>Where the documentation draws the lines.</summary>
    [Test]
    public void Exp_TurnsZeroAndInfiniteBeyondItsRange()
    {
        float[] y = Evaluate(0, [-87.35f, -100f, float.MinValue, 88.38f, 89f, float.MaxValue]);
        Assert.That(y, Is.EqualTo(new[] { 0f, 0f, 0f, float.PositiveInfinity, float.PositiveInfinity, float.PositiveInfinity }));
    }

    /// <summary>Small probabilities and log-odds survive: relative accuracy where 1 + x rounds to 1.</summary>
    [Test]
    public void SmallArguments_KeepTheirDigits()
    {
        float[] x = [1e-10f, -1e-10f, 3e-20f];
        Assert.That(Evaluate(3, x), Is.EqualTo(x));
        Assert.That(Evaluate(6, x), Is.EqualTo(x));
    }

    [Test]
    public void Max_PrefersTheNumber()
    {
        Assert.That(Elementary.Max(1f, 2f), Is.EqualTo(2f));
        Assert.That(Elementary.Max(2f, 1f), Is.EqualTo(2f));
        Assert.That(Elementary.Max(float.NaN, 1f), Is.EqualTo(1f));
        Assert.That(Elementary.Max(1f, float.NaN), Is.NaN);
    }

    private void Verify(Function function, Func<int, float[], float[]> evaluate)
    {
        float[] x = [.. Sweep().Where(v => v >= function.From && v <= function.To)];
        float[] y = evaluate(function.Number, x);
        double worst = 0;
        int at = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double exact = Flush(function.Exact(Flush(x[i])));
            Assert.That(y[i].Equals((float)exact) || float.IsFinite(y[i]), $"{function}({x[i]:g9}) = {y[i]:g9} instead of {exact:g9}");
            if (double.IsInfinity(exact))
                continue;
            double error = Math.Abs(Flush(y[i]) - exact) / Tolerance.Ulp(exact);
            if (!(error <= worst))
                (worst, at) = (error, i);
        }

        TestContext.Out.WriteLine($"{function}: {worst:f2} ulp at {x[at]:g9}, {x.Length} points");
        Assert.That(worst <= function.Ulps, $"{function}({x[at]:g9}) = {y[at]:g9} instead of {function.Exact(x[at]):g9}: {worst:f2} ulp");
    }

    private float[] EvaluateVectors(int function, float[] x)
    {
        // Whole fours, so that no device falls back to single numbers.
        int n = x.Length / Vector4.Width * Vector4.Width;
        Matrix input = Upload(x[..n], 1, n), y = Arena.Matrix(1, n, MemoryUse.Activations);
        Run(list => list.Vectors("elementary", n, [input.View, y.View], new VectorKernel(input.View, y.View, function), default));
        return [.. Device.Download(y.View), .. Evaluate(function, x[n..])];
    }

    private float[] Evaluate(int function, float[] x)
    {
        if (x.Length == 0)
            return [];

        GuardedMatrix y = new(Device, Arena, 1, x.Length);
        Matrix input = Upload(x, 1, x.Length);
        Run(list => list.Elements("elementary", x.Length, new Body(input.View, y.Matrix.View, function), default));
        return y.Download();
    }

    private IEnumerable<float> Sweep()
    {
        // Primes, so that no low bit is favoured; fewer where a lane is a thread.
        (uint stride, int dense) = Target.IsSimulatedGroup ? (1000003u, 4001) : (4099u, 200003);
        for (ulong bits = 0; bits <= uint.MaxValue; bits += stride)
            yield return BitConverter.UInt32BitsToSingle((uint)bits);
        for (int i = 0; i < dense; i++)
            yield return 40f * ((i / (float)dense) - 0.5f);
    }

    // Devices may treat subnormal numbers as 0, and some of the functions say that they do.
    private static double Flush(double x) => Math.Abs(x) < 1.17549435e-38 ? 0 : x;

    internal readonly struct Body(ArrayView<float> x, ArrayView<float> y, int function) : IElementBody
    {
        public void At(int i)
        {
            float value = x[i];
            float result = Elementary.Exp(value);
            if (function == 1)
                result = Elementary.Log(value);
            if (function == 2)
                result = Elementary.Log1pUnit(value);
            if (function == 3)
                result = Elementary.Log1p(value);
            if (function == 4)
                result = Elementary.Softplus(value);
            if (function == 5)
                result = Elementary.Sigmoid(value);
            if (function == 6)
                result = Elementary.Tanh(value);
            y[i] = result;
        }
    }

    internal readonly struct VectorKernel(ArrayView<float> x, ArrayView<float> y, int function) : IVectorKernel
    {
        public void At<TVector>(int start)
            where TVector : struct, IVector<TVector>
        {
            int count = (int)x.Length - start;
            TVector value = TVector.LoadPart(x, start, count, 1f);
            TVector result = Elementary.Exp(value);
            if (function == 1)
                result = Elementary.Log(value);
            if (function == 2)
                result = Elementary.Log1pUnit(value);
            if (function == 4)
                result = Elementary.Softplus(value);
            if (function == 5)
                result = Elementary.Sigmoid(value);
            if (function == 6)
                result = Elementary.Tanh(value);
            TVector.StorePart(result, y, start, count);
        }
    }
}
