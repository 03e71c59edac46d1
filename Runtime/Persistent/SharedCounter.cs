using ILGPU;
using ILGPU.IR.Intrinsics;

namespace IlgpuVae.Runtime;

/// <summary>Counters in device memory that lanes of different groups meet at: what a lane wrote before it counted is seen by a lane that saw the count. Only on OpenCL.</summary>
internal static class SharedCounter
{
    /// <summary>Adds one; what was there before.</summary>
    [IntrinsicImplementation]
    [OpenCl("{r} = atomic_fetch_add_explicit((volatile global atomic_int*)({0} + {1}), 1, memory_order_acq_rel, memory_scope_device)")]
    internal static int Increment(ArrayView<int> counters, int at) => ProcessorVector.OnOpenClOnly<int>();

    /// <summary>The counter now.</summary>
    [IntrinsicImplementation]
    [OpenCl("{r} = atomic_load_explicit((volatile global atomic_int*)({0} + {1}), memory_order_acquire, memory_scope_device)")]
    internal static int Read(ArrayView<int> counters, int at) => ProcessorVector.OnOpenClOnly<int>();
}
