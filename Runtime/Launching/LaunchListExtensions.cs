using ILGPU;
using ILGPU.Runtime;

namespace IlgpuVae.Runtime;

/// <summary>Appends kernels to a <see cref="LaunchList"/>, with the launch shape that fits the device.</summary>
internal static class LaunchListExtensions
{
    // Rows up to this long are read faster by one lane: a group would mostly wait at its barriers.
    private const int LongestRowPerLane = 16;

    private const int SmallestGroup = 32;

    /// <summary>Appends a kernel over <paramref name="n"/> elements.</summary>
    public static void Elements<TBody>(this LaunchList list, string name, int n, TBody body, KernelCost cost)
        where TBody : struct, IElementBody
    {
        if (list.Device.Style == LaunchStyle.Processor)
        {
            list.Shares(name, new ElementShares<TBody>(n, ShareCount(list, n, cost), body), cost);
            return;
        }

        Func<Action<AcceleratorStream, KernelConfig, int, TBody>> kernel = list.Device.Kernel(
            typeof(TBody), typeof(IElementBody), accelerator => accelerator.LoadKernel<int, TBody>(KernelShapes.Elements));
        KernelConfig shape = LaneShape(list.Device, n);
        list.Add(name, cost, kernel, stream => kernel()(stream, shape, n, body));
    }

    /// <summary>Appends a kernel over the elements of a [<paramref name="rows"/>, <paramref name="columns"/>] matrix.</summary>
    public static void Matrix<TBody>(this LaunchList list, string name, int rows, int columns, TBody body, KernelCost cost)
        where TBody : struct, IMatrixBody
    {
        if (list.Device.Style == LaunchStyle.Processor)
        {
            list.Shares(name, new MatrixShares<TBody>(rows, columns, ShareCount(list, rows, cost), body), cost);
            return;
        }

        Func<Action<AcceleratorStream, KernelConfig, int, int, TBody>> kernel = list.Device.Kernel(
            typeof(TBody), typeof(IMatrixBody), accelerator => accelerator.LoadKernel<int, int, TBody>(KernelShapes.Matrix));
        KernelConfig shape = LaneShape(list.Device, checked(rows * columns));
        list.Add(name, cost, kernel, stream => kernel()(stream, shape, rows, columns, body));
    }

    /// <summary>Appends a kernel over rows of which every lane does whole ones.</summary>
    public static void RowPerLane<TBody>(this LaunchList list, string name, int rows, TBody body, KernelCost cost)
        where TBody : struct, IRowBody
    {
        if (list.Device.Style == LaunchStyle.Processor)
        {
            list.Shares(name, new RowShares<TBody>(rows, ShareCount(list, rows, cost), body), cost);
            return;
        }

        Func<Action<AcceleratorStream, KernelConfig, int, TBody>> kernel = list.Device.Kernel(
            typeof(TBody), null, accelerator => accelerator.LoadKernel<int, TBody>(KernelShapes.RowPerLane));
        KernelConfig shape = LaneShape(list.Device, rows);
        list.Add(name, cost, kernel, stream => kernel()(stream, shape, rows, body));
    }

    /// <summary>Appends a kernel over rows of which every lane does whole ones, and the lanes of a warp neighbours, in groups of one warp.</summary>
    public static void RowPerLaneOfWarp<TBody>(this LaunchList list, string name, int rows, TBody body, KernelCost cost)
        where TBody : struct, IRowBody
    {
        Func<Action<AcceleratorStream, KernelConfig, int, TBody>> kernel = list.Device.Kernel(
            typeof(TBody), typeof(OneWarp), accelerator => accelerator.LoadKernel<int, TBody>(KernelShapes.RowPerLaneOfWarp));
        int warps = (rows + OneWarp.LaneCount - 1) / OneWarp.LaneCount, most = list.Device.Shares * (list.Device.GroupSize / OneWarp.LaneCount);
        KernelConfig shape = new(Math.Clamp(warps, 1, most), OneWarp.LaneCount);
        list.Add(name, cost, kernel, stream => kernel()(stream, shape, rows, body));
    }

    /// <summary>Appends a kernel over rows of <paramref name="columns"/> elements, each shared by the lanes of a group.</summary>
    public static void RowPerGroup<TBody>(this LaunchList list, string name, int rows, int columns, TBody body, KernelCost cost)
        where TBody : struct, IRowBody
    {
        Func<Action<AcceleratorStream, KernelConfig, int, TBody>> kernel = list.Device.Kernel(
            typeof(TBody), typeof(OneGroup), accelerator => accelerator.LoadKernel<int, TBody>(KernelShapes.RowPerGroup));
        KernelConfig shape = new(Math.Max(1, Math.Min(rows, list.Device.Shares * 4)), RowGroup(list.Device, columns));
        list.Add(name, cost, kernel, stream => kernel()(stream, shape, rows, body));
    }

    /// <summary>
    /// Appends a kernel over rows of <paramref name="columns"/> elements: <paramref name="lane"/> on the processor and for short rows, <paramref name="group"/>
    /// elsewhere.
    /// </summary>
    public static void Rows<TLane, TGroup>(this LaunchList list, string name, int rows, int columns, TLane lane, TGroup group, KernelCost cost)
        where TLane : struct, IRowBody
        where TGroup : struct, IRowBody
    {
        if (list.Device.Style == LaunchStyle.Processor || columns <= LongestRowPerLane)
            list.RowPerLane(name, rows, lane, cost);
        else
            list.RowPerGroup(name, rows, columns, group, cost);
    }

    /// <summary>
    /// Appends a kernel over rows for the lanes of <typeparamref name="TTeam"/>; <paramref name="columns"/> is how many pieces they share a row in.
    /// </summary>
    public static void Rows<TTeam, TBody>(this LaunchList list, string name, int rows, int columns, TBody body, KernelCost cost)
        where TTeam : struct, ITeam
        where TBody : struct, IRowBody
    {
        if (typeof(TTeam) == typeof(OneLane))
            list.RowPerLane(name, rows, body, cost);
        else if (typeof(TTeam) == typeof(OneGroup))
            list.RowPerGroup(name, rows, columns, body, cost);
        else
            list.RowPerWarpPart<TTeam, TBody>(name, rows, body, cost);
    }

    private static void RowPerWarpPart<TTeam, TBody>(this LaunchList list, string name, int rows, TBody body, KernelCost cost)
        where TTeam : struct, ITeam
        where TBody : struct, IRowBody
    {
        int lanes = TTeam.Lanes;
        if (rows % (OneWarp.Lanes / lanes) != 0)
            throw new ArgumentException($"{rows} rows of {lanes} lanes do not fill whole warps.", nameof(rows));
        Func<Action<AcceleratorStream, KernelConfig, int, int, TBody>> kernel = list.Device.Kernel(
            typeof(TBody), typeof(OneWarp), accelerator => accelerator.LoadKernel<int, int, TBody>(KernelShapes.RowPerWarpPart));
        KernelConfig shape = LaneShape(list.Device, checked(rows * lanes));
        list.Add(name, cost, kernel, stream => kernel()(stream, shape, rows, lanes, body));
    }

    /// <summary>Appends work that the processor's threads share.</summary>
    public static void Shares<TShares>(this LaunchList list, string name, TShares shares, KernelCost cost)
        where TShares : struct, IShares
    {
        // One object for all steps.
        IShares work = shares;
        ProcessorTeam team = list.Device.Team ?? throw new ArgumentException($"{list.Device.Name} is not the processor.", nameof(list));
        list.Add(name, cost, _ => team.Do(work));
    }

    /// <summary>
    /// Appends a kernel over tiles, a group of <paramref name="groupSize"/> lanes each. CUDA keeps its registers so few that <paramref name="groupsAtOnce"/>
    /// groups fit on a multiprocessor: one works while another waits at a barrier.
    /// </summary>
    public static void Tiles<TBody>(this LaunchList list, string name, int tiles, int groupSize, int groupsAtOnce, TBody body, KernelCost cost)
        where TBody : struct, ITileBody
    {
        KernelSpecialization registers = new(groupSize, groupsAtOnce);
        Func<Action<AcceleratorStream, KernelConfig, int, TBody>> kernel = list.Device.Kernel(
            typeof(TBody), null, accelerator => accelerator.LoadKernel<int, TBody>(KernelShapes.Tiles, registers));
        KernelConfig shape = new(Math.Max(1, tiles), groupSize);
        list.Add(name, cost, kernel, stream => kernel()(stream, shape, tiles, body));
    }

    private static void Add<TKernel>(this LaunchList list, string name, KernelCost cost, Func<TKernel> kernel, Action<AcceleratorStream> run) =>
        list.Add(new Launch(name, cost, run) { Load = () => kernel() });

    private static int ShareCount(LaunchList list, int n, KernelCost cost) => Share.Count(list.Device.Threads, n, cost);

    // Few lanes make small groups, so that no multiprocessor is without one.
    private static KernelConfig LaneShape(ComputeDevice device, int n)
    {
        int lanes = device.GroupSize;
        while (lanes > SmallestGroup && n <= lanes / 2 * device.Accelerator.NumMultiprocessors)
            lanes /= 2;
        int groups = Math.Min(device.Shares, (n + lanes - 1) / lanes);
        return new KernelConfig(Math.Max(1, groups), lanes);
    }

    private static int RowGroup(ComputeDevice device, int columns)
    {
        int lanes = Math.Min(SmallestGroup, device.GroupSize);
        while (lanes < device.GroupSize && lanes < columns)
            lanes *= 2;
        return lanes;
    }
}
