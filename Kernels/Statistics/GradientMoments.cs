using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// Running sums over draws g of a gradient beside its exact value e, P numbers each:
/// <code>sums += g - e,    squares += (g - e)^2,    cosines += g.e / (|g| |e|)</code>
/// The difference is summed and not g, so that float32 still sees an error that is small beside e.
/// </summary>
internal static class GradientMoments
{
    /// <summary>Records the addition of one draw to sums and squares of the same shape as gradient and exact.</summary>
    public static void Add(LaunchList list, Matrix gradient, Matrix exact, Matrix sums, Matrix squares)
    {
        foreach ((Matrix matrix, string name) in new[] { (exact, nameof(exact)), (sums, nameof(sums)), (squares, nameof(squares)) })
            matrix.Require(gradient.Rows, gradient.Columns, name);
        list.Elements(
            "gradient-moments",
            checked((int)gradient.Length),
            new Body(gradient.View, exact.View, sums.View, squares.View),
            KernelCost.Floats(6 * gradient.Length, 4 * gradient.Length));
    }

    /// <summary>Records the addition of one draw's cosine to cosines [1, 1]; a draw of length 0 adds 0.</summary>
    public static void AddCosine(LaunchList list, Matrix gradient, Matrix exact, Matrix cosines)
    {
        exact.Require(gradient.Rows, gradient.Columns, nameof(exact));
        cosines.Require(1, 1, nameof(cosines));
        KernelCost cost = KernelCost.Floats(2 * gradient.Length, 6 * gradient.Length);
        if (list.Device.Style == LaunchStyle.Processor)
            list.RowPerLane("gradient-cosine", 1, new CosineRow<OneLane>(gradient.View, exact.View, cosines.View), cost);
        else
            list.RowPerGroup("gradient-cosine", 1, int.MaxValue, new CosineRow<OneGroup>(gradient.View, exact.View, cosines.View), cost);
    }

    internal readonly struct Body(ArrayView<float> gradient, ArrayView<float> exact, ArrayView<float> sums, ArrayView<float> squares) : IElementBody
    {
        public void At(int i)
        {
            float difference = gradient[i] - exact[i];
            sums[i] += difference;
            squares[i] += difference * difference;
        }
    }

    [OnGroups(typeof(OneGroup))]
    internal readonly struct CosineRow<TTeam>(ArrayView<float> gradient, ArrayView<float> exact, ArrayView<float> cosines) : IRowBody
        where TTeam : struct, ILaneOrGroup
    {
        public void Row(int row)
        {
            float product = 0f, gradientSquares = 0f, exactSquares = 0f;
            for (int i = TTeam.Lane; i < gradient.IntLength; i += TTeam.Lanes)
            {
                float g = gradient[i];
                float e = exact[i];
                product += g * e;
                gradientSquares += g * g;
                exactSquares += e * e;
            }

            product = TTeam.Sum(product);
            gradientSquares = TTeam.Sum(gradientSquares);
            exactSquares = TTeam.Sum(exactSquares);

            // Root by root: the product of the squares leaves float32's range long before the roots do.
            float lengths = MathF.Sqrt(gradientSquares) * MathF.Sqrt(exactSquares);
            if (TTeam.Lane == 0 && lengths != 0f)
                cosines[row] += product / lengths;
        }
    }
}
