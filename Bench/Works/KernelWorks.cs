using IlgpuVae.Runtime;

namespace IlgpuVae.Bench.Works;

/// <summary>Every kernel's work on a device. A test records all of it and fails for a kernel that none of it launches.</summary>
internal static class KernelWorks
{
    // Key of all random numbers.
    internal const ulong Seed = 1;

    /// <summary>All work, what is compared with peers first.</summary>
    internal static IEnumerable<KernelWork> All(ComputeDevice device) => All(device, ProfileSize.Of(device));

    /// <summary>The same in shapes of <paramref name="size"/>.</summary>
    internal static IEnumerable<KernelWork> All(ComputeDevice device, ProfileSize size) =>
        [
            .. ProductWorks.All(device, size),
            .. CategoricalWorks.All(size),
            .. LikelihoodWorks.All(size),
            .. OptimisationWorks.All(size),
            .. LayerWorks.All(size),
            .. CodeWorks.All(size),
            .. JointCodeWorks.All(size),
            .. SampleWorks.All(size),
            .. RebarWorks.All(size),
        ];

    /// <summary>A count of rows so that <paramref name="rowLength"/> numbers each make about <paramref name="elements"/>.</summary>
    internal static int Rows(int elements, int rowLength) => Math.Max(4, elements / rowLength);
}
