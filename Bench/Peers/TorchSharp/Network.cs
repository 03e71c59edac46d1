using IlgpuVae.Bench;
using TorchSharp;
using static TorchSharp.torch;

namespace IlgpuVae.TorchSharpPeer;

/// <summary>
/// A model's parameters as slices of one flat buffer, their gradients likewise, so that clearing the gradients is one operation and Adam seven, however many
/// tensors there are. TorchSharp's own Adam, which loops over tensors in C#, is slower (see Bench/README.md).
/// </summary>
internal sealed class Network : IHeld
{
    private const double Rate = 1e-3;
    private const double FirstMomentDecay = 0.9;
    private const double SecondMomentDecay = 0.999;
    private const double Epsilon = 1e-8;

    private readonly Tensor values, gradients, firstMoments, secondMoments;
    private readonly Tensor[] parameters;
    private int step;

    /// <summary>Parameters of the given shapes, set to <see cref="SameState"/>.</summary>
    internal Network(params long[][] shapes)
    {
        long length = shapes.Sum(Length);
        values = zeros(length);
        (gradients, firstMoments, secondMoments) = (zeros(length), zeros(length), zeros(length));
        parameters = new Tensor[shapes.Length];
        long offset = 0;
        for (int t = 0; t < shapes.Length; t++)
        {
            long n = Length(shapes[t]);
            parameters[t] = values.narrow(0, offset, n).view(shapes[t]).detach();
            using (Tensor start = tensor(SameState.Parameter(t, (int)n), shapes[t]))
                parameters[t].copy_(start);
            parameters[t].requires_grad_(true);
            parameters[t].grad = gradients.narrow(0, offset, n).view(shapes[t]);
            offset += n;
        }
    }

    public long Bytes => 4 * values.NumberOfElements * values.ElementSize;

    /// <summary>Parameter number <paramref name="tensor"/>.</summary>
    internal Tensor this[int tensor] => parameters[tensor];

    /// <summary>x W^T + b with the weight and bias that start at number <paramref name="tensor"/>.</summary>
    internal Tensor Linear(Tensor x, int tensor) => nn.functional.linear(x, parameters[tensor], parameters[tensor + 1]);

    /// <summary>One step of Adam down the gradient of <paramref name="loss"/>.</summary>
    internal void Descend(Tensor loss)
    {
        gradients.zero_();
        loss.backward();
        using IDisposable noGrad = no_grad();
        step++;
        firstMoments.mul_(FirstMomentDecay).add_(gradients, alpha: 1 - FirstMomentDecay);
        secondMoments.mul_(SecondMomentDecay).addcmul_(gradients, gradients, 1 - SecondMomentDecay);
        Tensor denominator = secondMoments.sqrt().div_(Math.Sqrt(1 - Math.Pow(SecondMomentDecay, step))).add_(Epsilon);
        values.addcdiv_(firstMoments, denominator, -Rate / (1 - Math.Pow(FirstMomentDecay, step)));
    }

    public void Dispose()
    {
        foreach (Tensor parameter in parameters)
            parameter.Dispose();
        values.Dispose();
        gradients.Dispose();
        firstMoments.Dispose();
        secondMoments.Dispose();
    }

    private static long Length(long[] shape) => shape.Aggregate(1L, (product, size) => product * size);
}
