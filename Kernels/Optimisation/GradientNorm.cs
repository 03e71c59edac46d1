using System.Runtime.CompilerServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The squared Euclidean norm of a gradient, in two stages so that the order of addition is fixed: here <see cref="Partials"/> sums over contiguous
/// shares, and their total in <see cref="StepClock"/>.
/// </summary>
internal static class GradientNorm
{
    /// <summary>How many partial sums there are.</summary>
    public const int Partials = 128;

    /// <summary>Records partials [1, <see cref="Partials"/>] from a gradient of any length, on a boundary of 16 bytes as the arena's are.</summary>
    public static void Record(LaunchList list, ArrayView<float> gradient, Matrix partials)
    {
        partials.Require(1, Partials, nameof(partials));
        list.TeamRows(
            "gradient-norm",
            Partials,
            int.MaxValue / Vector4.Width,
            Vector4.Width,
            new Kernel(gradient, partials.View),
            KernelCost.Floats(gradient.Length, 2 * gradient.Length));
    }

    [OnGroups(typeof(OneGroup), typeof(Vector4))]
    internal readonly struct Kernel(ArrayView<float> gradient, ArrayView<float> partials) : ITeamKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row<TTeam, TVector>(int row)
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector>
        {
            long vectors = gradient.Length / TVector.Width;
            long first = vectors * row / Partials;
            int count = (int)((vectors * (row + 1) / Partials) - first);
            ArrayView<float> share = gradient.SubView(first * TVector.Width, (long)count * TVector.Width);
            TVector sums = TVector.Fill(0f);
            for (int i = TTeam.Lane; i < count; i += TTeam.Lanes)
            {
                TVector g = TVector.Load(share, i * TVector.Width);
                sums = TVector.MultiplyAdd(g, g, sums);
            }

            float sum = TVector.Sum(sums);
            if (row == Partials - 1 && TTeam.Lane == 0)
            {
                for (long i = vectors * TVector.Width; i < gradient.Length; i++)
                    sum += gradient[i] * gradient[i];
            }

            sum = TTeam.Sum(sum);
            if (TTeam.Lane == 0)
                partials[row] = sum;
        }
    }
}
