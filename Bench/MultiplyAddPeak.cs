using ILGPU;
using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>
/// The float32 multiply-add peak, by lanes that keep independent chains c = a c + b in registers, in vectors of sixteen on processors under OpenCL: six chains, which fit into
/// sixteen registers of 256 bits, or eight, which hide the latency of two units of 512 bits. The faster counts.
/// </summary>
internal static class MultiplyAddPeak
{
    private const int ProcessorRounds = 1 << 15, GraphicsRounds = 1 << 11, SimulatedRounds = 1 << 10;

    // Chains that converge: no infinities, and nothing that is too small to be normal.
    private const float Factor = 0.5f, Addend = 1f;

    internal static double Measure(ComputeDevice device, Timing timing, Arena arena)
    {
        bool isProcessor = device is { Style: LaunchStyle.Processor, Type: AcceleratorType.OpenCL };
        int rounds = device.Type == AcceleratorType.CPU ? SimulatedRounds : isProcessor ? ProcessorRounds : GraphicsRounds;
        int lanes = device.Shares * device.GroupSize;
        int width = isProcessor ? ProcessorVector.Width : Vector4.Width;
        ArrayView<float> sums = arena.Allocate<float>((long)lanes * width, MemoryUse.Data);
        return isProcessor
            ? Math.Max(
                Fastest(new Six<ProcessorVector>(sums, rounds, Factor, Addend), 6 * width),
                Fastest(new Eight<ProcessorVector>(sums, rounds, Factor, Addend), 8 * width))
            : Math.Max(
                Fastest(new Six<Vector4>(sums, rounds, Factor, Addend), 6 * width),
                Fastest(new Eight<Vector4>(sums, rounds, Factor, Addend), 8 * width));

        double Fastest<TBody>(TBody body, int chains)
            where TBody : struct, IElementBody
        {
            LaunchList list = new(device);
            list.Elements("multiply-add", lanes, body, new KernelCost(0, 2L * lanes * chains * rounds));
            return list.Launches[0].Cost.Flops / timing.Fastest(list.Launches) / 1e6;
        }
    }

    internal readonly struct Six<TVector>(ArrayView<float> sums, int rounds, float factor, float addend) : IElementBody
        where TVector : struct, IVector<TVector>
    {
        public void At(int i)
        {
            TVector a = TVector.Fill(factor), b = TVector.Fill(addend);
            TVector c0 = TVector.Fill(i), c1 = c0 + b, c2 = c1 + b, c3 = c2 + b, c4 = c3 + b, c5 = c4 + b;
            for (int round = 0; round < rounds; round++)
            {
                c0 = TVector.MultiplyAdd(a, c0, b);
                c1 = TVector.MultiplyAdd(a, c1, b);
                c2 = TVector.MultiplyAdd(a, c2, b);
                c3 = TVector.MultiplyAdd(a, c3, b);
                c4 = TVector.MultiplyAdd(a, c4, b);
                c5 = TVector.MultiplyAdd(a, c5, b);
            }

            TVector.Store(c0 + c1 + (c2 + c3) + (c4 + c5), sums, i * TVector.Width);
        }
    }

    internal readonly struct Eight<TVector>(ArrayView<float> sums, int rounds, float factor, float addend) : IElementBody
        where TVector : struct, IVector<TVector>
    {
        public void At(int i)
        {
            TVector a = TVector.Fill(factor), b = TVector.Fill(addend);
            TVector c0 = TVector.Fill(i), c1 = c0 + b, c2 = c1 + b, c3 = c2 + b, c4 = c3 + b, c5 = c4 + b, c6 = c5 + b, c7 = c6 + b;
            for (int round = 0; round < rounds; round++)
            {
                c0 = TVector.MultiplyAdd(a, c0, b);
                c1 = TVector.MultiplyAdd(a, c1, b);
                c2 = TVector.MultiplyAdd(a, c2, b);
                c3 = TVector.MultiplyAdd(a, c3, b);
                c4 = TVector.MultiplyAdd(a, c4, b);
                c5 = TVector.MultiplyAdd(a, c5, b);
                c6 = TVector.MultiplyAdd(a, c6, b);
                c7 = TVector.MultiplyAdd(a, c7, b);
            }

            TVector.Store(c0 + c1 + (c2 + c3) + (c4 + c5 + (c6 + c7)), sums, i * TVector.Width);
        }
    }
}
