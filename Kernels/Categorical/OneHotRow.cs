using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>The one-hot row of a row's largest element, in vectors.</summary>
internal static class OneHotRow
{
    /// <summary>Writes 1 at the first of a row's K values that is <paramref name="max"/>, its largest, at the last where none is, and 0 elsewhere. The target may be the values.</summary>
    internal static void Write(ArrayView<float> values, ArrayView<float> target, int k, float max)
    {
        ProcessorVector none = ProcessorVector.Fill(0f), one = ProcessorVector.Fill(1f), largest = ProcessorVector.Fill(max), count = none;
        for (int i = 0; i < k; i += ProcessorVector.Width)
        {
            // 0 at the largest; what is not a number is neither above 0 nor, one added, above 0.
            ProcessorVector below = largest - ProcessorVector.LoadPart(values, i, k - i, float.NegativeInfinity);
            ProcessorVector chosen = ProcessorVector.WherePositive(below, none, ProcessorVector.WherePositive(below + one, one, none));
            count += chosen;
            ProcessorVector.StorePart(chosen, target, i, k - i);
        }

        if (ProcessorVector.Sum(count) != 1f)
            KeepFirst(target, k);
    }

    private static void KeepFirst(ArrayView<float> target, int k)
    {
        float left = 1f;
        for (int i = 0; i < k; i++)
        {
            float kept = i == k - 1 ? left : left * target[i];
            target[i] = kept;
            left -= kept;
        }
    }
}
