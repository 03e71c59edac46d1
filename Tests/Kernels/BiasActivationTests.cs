using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Tests.Reference;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>The launch behind a product by cuBLAS; unlike the library it runs on every device.</summary>
public class BiasActivationTests(Target target) : AcceleratorSuite(target)
{
    private const int Rows = 5;

    [Test]
    public void Launch_MatchesFloat64([Values] ActivationKind kind, [Values(1, 7, 20, 33)] int columns, [Values] bool withBias)
    {
        float[] product = Draws.Normal(new Random(3), Rows * columns), bias = withBias ? Draws.Normal(new Random(5), columns) : new float[columns];
        GuardedMatrix c = new(Device, Arena, Rows, columns);
        Device.Upload<float>(c.Matrix.View, product);
        ArrayView<float> biasView = withBias ? Upload(bias, 1, columns).View : default;
        Run(list => CuBlasProduct.RecordBiasActivation(list, c.Matrix, biasView, kind));
        double[] expected = [.. product.Select((value, i) => ActivationReference.Value(kind, (double)value + bias[i % columns]))];
        float[] naive = [.. product.Select((value, i) => ActivationReference.Value(kind, value + bias[i % columns]))];
        Tolerance.Check(kind.ToString(), c.Download(), expected, naive, columns);
    }
}
