using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>A row kernel's launch for several rows at a time.</summary>
internal interface IGroupLaunch
{
    /// <summary>Records it.</summary>
    void Record<TRows>()
        where TRows : struct, IRowGroup<TRows>;
}

/// <summary>Which rows a processor does several at a time, and how.</summary>
internal static class RowGroups
{
    // Longer rows of a few matrices leave the first-level cache before they are read again: at 1024 a pair is slower than its rows one by one.
    private const int LongestPair = 256;

    /// <summary>Records a row kernel for rows of <paramref name="k"/> elements with the groups that fit; false where rows are better done one by one.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="k">K.</param>
    /// <param name="packs">Whether all its matrices have the rows of a vector side by side.</param>
    /// <param name="launch">What to record.</param>
    internal static bool TryRecord<TLaunch>(ComputeDevice device, int k, bool packs, TLaunch launch)
        where TLaunch : IGroupLaunch
    {
        if (!VectorRows.OnProcessor(device) || k > LongestPair)
            return false;
        if (packs && PackedRows.Fit(device, k))
            launch.Record<PackedRows>();
        else if (k % ProcessorVector.Width == 0)
            launch.Record<PairedRows<WholeVectors>>();
        else
            launch.Record<PairedRows<PartVectors>>();
        return true;
    }
}
