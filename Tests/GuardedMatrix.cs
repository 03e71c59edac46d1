using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests;

/// <summary>An output matrix between two bands of a NaN pattern: a kernel that writes outside its output breaks a band.</summary>
public sealed class GuardedMatrix
{
    private const int Band = 64;
    private static readonly float Guard = BitConverter.Int32BitsToSingle(0x7FC0DEAD);

    private readonly ComputeDevice device;
    private readonly ArrayView<float> whole;

    public GuardedMatrix(ComputeDevice device, Arena arena, int rows, int columns)
    {
        this.device = device;
        int length = rows * columns;
        whole = arena.Allocate<float>(length + (2 * Band), MemoryUse.Activations);
        float[] fill = new float[length + (2 * Band)];
        Array.Fill(fill, Guard);
        device.Upload<float>(whole, fill);
        Matrix = new Matrix(whole.SubView(Band, length), rows, columns);
    }

    /// <summary>The output; every element starts as the NaN pattern, so one that is never written shows.</summary>
    public Matrix Matrix { get; }

    /// <summary>The output's values, after checking that both bands are intact.</summary>
    public float[] Download()
    {
        float[] values = device.Download(whole);
        int length = values.Length - (2 * Band);
        int pattern = BitConverter.SingleToInt32Bits(Guard);
        for (int i = 0; i < Band; i++)
        {
            Assert.That(BitConverter.SingleToInt32Bits(values[i]), Is.EqualTo(pattern), $"element {i - Band} before the output was overwritten");
            Assert.That(BitConverter.SingleToInt32Bits(values[Band + length + i]), Is.EqualTo(pattern), $"element {i} behind the output was overwritten");
        }

        return values[Band..(Band + length)];
    }
}
