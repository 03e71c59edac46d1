using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The squared Euclidean norm of a gradient, in two stages so that the order of addition is fixed: here <see cref="Partials"/> sums over contiguous
/// shares, and their total in <see cref="StepClock"/>.
/// </summary>
public static class GradientNorm
{
    /// <summary>How many partial sums there are.</summary>
    public const int Partials = 128;

    /// <summary>Records partials [1, <see cref="Partials"/>] from a gradient of any length.</summary>
    public static void Record(LaunchList list, ArrayView<float> gradient, Matrix partials)
    {
        partials.Require(1, Partials, nameof(partials));
        KernelCost cost = KernelCost.Floats(gradient.Length, 2 * gradient.Length);
        if (list.Device.Style == LaunchStyle.OneLane)
            list.RowPerLane("gradient-norm", Partials, new Shares<OneLane>(gradient, partials.View), cost);
        else
            list.RowPerGroup("gradient-norm", Partials, int.MaxValue, new Shares<OneGroup>(gradient, partials.View), cost);
    }

    internal readonly struct Shares<TTeam>(ArrayView<float> gradient, ArrayView<float> partials) : IRowBody
        where TTeam : struct, ITeam
    {
        public void Row(int row)
        {
            long vectors = gradient.Length / Vector16.Width;
            long first = vectors * row / Partials;
            long end = vectors * (row + 1) / Partials;
            Vector16 sums = Vector16.Fill(0f);
            for (long i = first + TTeam.Lane; i < end; i += TTeam.Lanes)
            {
                Vector16 g = Vector16.Load(gradient, i * Vector16.Width);
                sums = Vector16.MultiplyAdd(g, g, sums);
            }

            float sum = Vector16.Sum(sums);
            if (row == Partials - 1 && TTeam.Lane == 0)
            {
                for (long i = vectors * Vector16.Width; i < gradient.Length; i++)
                    sum += gradient[i] * gradient[i];
            }

            sum = TTeam.Sum(sum);
            if (TTeam.Lane == 0)
                partials[row] = sum;
        }
    }
}
