using ILGPU.Runtime;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// Which lanes and vectors rows get: vector registers on processors; on graphics processors 128-bit accesses wherever every row starts on a 16-byte boundary, and on CUDA parts of warps.
/// </summary>
public class VectorRowsTests(Target target) : AcceleratorSuite(target)
{
    [TestCase(3)]
    [TestCase(16)]
    [TestCase(18)]
    [TestCase(64)]
    [TestCase(2048)]
    public void Vectors_FollowDeviceAndWidth(int k)
    {
        bool short16 = Device.Style == LaunchStyle.Processor || k <= 16;
        Type[] expected = Device is { Style: LaunchStyle.Processor, Type: AcceleratorType.OpenCL } ? [typeof(OneLane), typeof(ProcessorVector)]
            : Device.HasWarps && k is > 4 and < 2048 ? WarpRows(k)
            : [short16 ? typeof(OneLane) : typeof(OneGroup), !short16 && k % 4 == 0 ? typeof(Vector4) : typeof(Scalar)];
        Assert.That(Chosen(Device, 12, k), Is.EqualTo(expected));
    }

    /// <summary>Where the rows would leave a warp in part, fewer of them share it.</summary>
    [TestCase(12, 32, typeof(QuarterWarp), typeof(Vector4))]
    [TestCase(6, 32, typeof(HalfWarp), typeof(Vector4))]
    [TestCase(5, 32, typeof(OneWarp), typeof(Vector4))]
    [TestCase(12, 64, typeof(HalfWarp), typeof(Vector4))]
    [TestCase(12, 10, typeof(HalfWarp), typeof(Scalar))]
    [TestCase(12, 128, typeof(OneWarp), typeof(Vector4))]
    [TestCase(12, 132, typeof(OneGroup), typeof(Vector4))]
    [TestCase(12, 4, typeof(OneLane), typeof(Scalar))]
    public void Warps_AreFilled(int rows, int k, Type team, Type vector)
    {
        using ComputeDevice warps = WarpDevice.Open();
        Assert.That(Chosen(warps, rows, k), Is.EqualTo(new[] { team, vector }));
    }

    private static Type[] WarpRows(int k) => k switch
    {
        16 => [typeof(QuarterWarp), typeof(Vector4)],
        18 => [typeof(OneWarp), typeof(Scalar)],
        _ => [typeof(HalfWarp), typeof(Vector4)],
    };

    private static Type[] Chosen(ComputeDevice device, int rows, int k)
    {
        Choice choice = new();
        VectorRows.Record(device, rows, k, choice);
        return choice.Made;
    }

    private sealed class Choice : IRowLaunch
    {
        internal Type[] Made { get; private set; } = [];

        public void Record<TTeam, TVector>()
            where TTeam : struct, ITeam
            where TVector : struct, IVector<TVector> => Made = [typeof(TTeam), typeof(TVector)];
    }
}
