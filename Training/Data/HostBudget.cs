using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Refuses a data set before it is allocated, where it is beyond 2 GiB or half of this machine's memory.</summary>
internal static class HostBudget
{
    // Splitting copies the examples, hence half.
    private static readonly long LargestBytes = Math.Min(Array.MaxLength, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);

    public static bool Allows(UInt128 numbers, int bytesEach) => numbers <= (UInt128)(LargestBytes / bytesEach);

    public static void Check(string path, UInt128 numbers, int bytesEach)
    {
        if (!Allows(numbers, bytesEach))
        {
            throw new InputException(
                $"{path} claims {numbers} numbers of {bytesEach} bytes, more than the {LargestBytes >> 20} MiB that a data set may take here. " +
                "If the file is meant to be that large, cut it into smaller ones; if not, it is damaged: copy or download it again.");
        }
    }
}
