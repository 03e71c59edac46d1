using System.Runtime.Intrinsics;
using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>
/// The float32 multiply-add peak, by lanes that keep independent chains c = a c + b in registers; on the processor by threads, in each of its vectors:
/// six chains of sixteen numbers, which fit into sixteen registers of 256 bits, or eight, which hide the latency of two units of 512 bits. The fastest counts.
/// </summary>
internal static class MultiplyAddPeak
{
    private const int ProcessorRounds = 1 << 15, GraphicsRounds = 1 << 11, SimulatedRounds = 1 << 10;

    // So that a thread that is busy elsewhere holds up only a part.
    private const int PartsPerThread = 4;

    // Chains that converge: no infinities, and nothing that is too small to be normal.
    private const float Factor = 0.5f, Addend = 1f;

    internal static double Measure(ComputeDevice device, Timing timing, Arena arena)
    {
        int rounds = device.Kind() switch { DeviceKind.Simulated => SimulatedRounds, DeviceKind.Processor => ProcessorRounds, _ => GraphicsRounds };
        int lanes = device.Style == LaunchStyle.Processor ? PartsPerThread * device.Threads : device.Shares * device.GroupSize;
        if (device.Style != LaunchStyle.Processor)
            return Fastest<Vector4>();
        double halves = Fastest<TwoOf256>();
        return Vector512.IsHardwareAccelerated ? Math.Max(halves, Fastest<OneOf512>()) : halves;

        double Fastest<TVector>()
            where TVector : struct, IVector<TVector>
        {
            ArrayView<float> sums = arena.Allocate<float>((long)lanes * TVector.Width, MemoryUse.Data);
            return Math.Max(
                Rate(new Six<TVector>(sums, rounds, Factor, Addend), 6 * TVector.Width),
                Rate(new Eight<TVector>(sums, rounds, Factor, Addend), 8 * TVector.Width));
        }

        double Rate<TBody>(TBody body, int chains)
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
