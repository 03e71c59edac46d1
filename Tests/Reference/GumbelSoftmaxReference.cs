using System.Numerics;

namespace IlgpuVae.Tests.Reference;

/// <summary>One row of the Concrete distribution: y = softmax((l + g) / t) with given noise g.</summary>
public static class GumbelSoftmaxReference
{
    /// <summary>y.</summary>
    public static T[] Soft<T>(T[] logits, T[] noise, T temperature) where T : IFloatingPointIeee754<T> =>
        SoftmaxReference.Softmax<T>([.. logits.Zip(noise, (l, g) => (l + g) / temperature)]);

    /// <summary>Gradient with respect to the logits, softmax's divided by the temperature, added to what was there.</summary>
    public static T[] Backward<T>(T[] y, T[] grad, T temperature, T[] before) where T : IFloatingPointIeee754<T> =>
        [.. SoftmaxReference.Backward(y, grad).Zip(before, (x, b) => b + (x / temperature))];

    /// <summary>
    /// How much a relative error of the scores l + g moves y, the largest |l + g| y (1 - y) / t, and y itself: a temperature of 0.01 makes a hundred
    /// times the last place of the scores visible.
    /// </summary>
    public static double Magnitude(double[] logits, double[] noise, double temperature)
    {
        double[] y = Soft(logits, noise, temperature);
        if (y.Any(double.IsNaN))
            return 0;
        double scores = logits.Zip(noise, (l, g) => Math.Abs(l + g)).Where(double.IsFinite).Max();
        return y.Max(p => p + (p * (1 - p) * scores / temperature));
    }
}
