using ILGPU;

namespace IlgpuVae.Runtime;

/// <summary>
/// Reductions over the lanes of a warp, or of a half or a quarter of it: at every turn each lane takes the number of the lane whose place differs in one bit.
/// Both add the same two numbers, so all lanes end with the same bits. All lanes of the warp have to take part.
/// </summary>
internal static class WarpExchange
{
    internal static int Lane(int lanes) => Group.IdxX & (lanes - 1);

    internal static float Sum(float value, int lanes)
    {
        for (int bit = lanes >> 1; bit > 0; bit >>= 1)
            value += Warp.ShuffleXor(value, bit);
        return value;
    }

    internal static float Max(float value, int lanes)
    {
        for (int bit = lanes >> 1; bit > 0; bit >>= 1)
        {
            float other = Warp.ShuffleXor(value, bit);
            value = value < other ? other : value;
        }

        return value;
    }

    internal static int Min(int value, int lanes)
    {
        for (int bit = lanes >> 1; bit > 0; bit >>= 1)
            value = IntrinsicMath.Min(value, Warp.ShuffleXor(value, bit));
        return value;
    }
}
