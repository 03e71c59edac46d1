using IlgpuVae.Bench;
using IlgpuVae.Bench.Works;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>What the bench's work of every kernel launches on graphics processors, recorded on simulated groups.</summary>
internal static class RecordedBodies
{
    private static readonly Lazy<Type[]> all = new(Record);

    /// <summary>The closed bodies.</summary>
    internal static IEnumerable<Type> All => all.Value;

    /// <summary>The row kernels that were held in loose fours, which only those are that draw random words; generic ones open.</summary>
    internal static IEnumerable<Type> DrawingKernels => All
        .Where(body => KernelCatalogue.Opened(body) == typeof(RowBody<,>) && KernelCatalogue.Arguments(body).Contains(typeof(LooseFour)))
        .Select(body => body.GetGenericArguments()[0])
        .Select(KernelCatalogue.Opened)
        .Distinct();

    private static Type[] Record()
    {
        using ComputeDevice device = ComputeDevice.Open("cpu", LaunchStyle.Groups);
        using Arena arena = new(device);
        foreach (KernelWork work in KernelWorks.All(device))
            work.Record(new WorkInputs(device, arena));
        return [.. device.Bodies];
    }
}
