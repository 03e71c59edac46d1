using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>An example's logits for each of its S samples, rows [example, sample], and the way back.</summary>
internal static class SampleRows
{
    /// <summary>Records sampleLogits [B S, W] = logits [B, W] of each row's example, and sampleLogitsGrad [B S, W] = 0, for pull-backs to add to.</summary>
    public static void Spread(LaunchList list, Matrix logits, Matrix sampleLogits, Matrix sampleLogitsGrad)
    {
        int samples = sampleLogits.Rows / logits.Rows;
        sampleLogits.Require(logits.Rows * samples, logits.Columns, nameof(sampleLogits));
        sampleLogitsGrad.Require(sampleLogits.Rows, sampleLogits.Columns, nameof(sampleLogitsGrad));
        list.Matrix(
            "sample-rows.spread",
            sampleLogits.Rows,
            sampleLogits.Columns,
            new SpreadBody(logits.View, sampleLogits.View, sampleLogitsGrad.View, samples, logits.Columns),
            KernelCost.Floats(logits.Length + (2 * sampleLogits.Length), 0));
    }

    /// <summary>Records logitsGrad [B, W] += the sum of sampleLogitsGrad [B S, W] over each example's samples.</summary>
    public static void Gather(LaunchList list, Matrix sampleLogitsGrad, Matrix logitsGrad)
    {
        int samples = sampleLogitsGrad.Rows / logitsGrad.Rows;
        sampleLogitsGrad.Require(logitsGrad.Rows * samples, logitsGrad.Columns, nameof(sampleLogitsGrad));
        list.Matrix(
            "sample-rows.gather",
            logitsGrad.Rows,
            logitsGrad.Columns,
            new GatherBody(sampleLogitsGrad.View, logitsGrad.View, samples, logitsGrad.Columns),
            KernelCost.Floats((2 * logitsGrad.Length) + sampleLogitsGrad.Length, sampleLogitsGrad.Length));
    }

    internal readonly struct SpreadBody(
        ArrayView<float> logits, ArrayView<float> sampleLogits, ArrayView<float> sampleLogitsGrad, int samples, int width) : IMatrixBody
    {
        public void At(int row, int column, int i)
        {
            sampleLogits[i] = logits[((long)(row / samples) * width) + column];
            sampleLogitsGrad[i] = 0f;
        }
    }

    internal readonly struct GatherBody(ArrayView<float> sampleLogitsGrad, ArrayView<float> logitsGrad, int samples, int width) : IMatrixBody
    {
        public void At(int row, int column, int i)
        {
            float sum = 0f;
            for (int s = 0; s < samples; s++)
                sum += sampleLogitsGrad[((((long)row * samples) + s) * width) + column];
            logitsGrad[i] += sum;
        }
    }
}
