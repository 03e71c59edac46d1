using IlgpuVae.Training.Data;
using IlgpuVae.Training.Runs;

namespace IlgpuVae.Training;

/// <summary>What codes mean where no row says so: what they decode to, in a conditional model its mean over the contexts of some examples.</summary>
internal static class ContextMeans
{
    private const int MostContexts = 16;

    /// <summary>Means [n, D] of codes, as the model sees them.</summary>
    /// <param name="decode">From codes and contexts [n, C], or null, to means [n, D].</param>
    /// <param name="codes">The codes [n, N].</param>
    /// <param name="count">n.</param>
    /// <param name="data">Where the contexts come from: from all over it, as its first rows may be all alike.</param>
    public static float[] Of(Func<int[], float[]?, float[]> decode, int[] codes, int count, DataSet data)
    {
        if (data.Context is null)
            return decode(codes, null);
        int averaged = Math.Min(MostContexts, data.Count);
        double[] sums = new double[count * data.Width];
        foreach (int example in Enumerable.Range(0, averaged).Select(i => (int)((long)i * data.Count / averaged)))
        {
            float[] means = decode(codes, WholePicture.Contexts(data, Enumerable.Repeat(example, count)));
            for (int i = 0; i < sums.Length; i++)
                sums[i] += means[i];
        }

        return Array.ConvertAll(sums, sum => (float)(sum / averaged));
    }
}
