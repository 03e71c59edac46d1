using System.Collections.Concurrent;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using IlgpuVae.Runtime.Cuda;
using CuBlas = IlgpuVae.Runtime.Cuda.CuBlas;

namespace IlgpuVae.Runtime;

/// <summary>
/// One accelerator with its context, its stream and its loaded kernels. Chosen by accelerator type, never by position: ILGPU
/// hands out a simulated CPU where the asked back end has no device.
/// </summary>
public sealed class ComputeDevice : IDisposable
{
    /// <summary>Lanes of a warp, on every CUDA device there is.</summary>
    internal const int LanesOfAWarp = 32;

    // Full groups on CUDA and OpenCL graphics processors. Reductions in shared memory count on a power of two.
    private const int GraphicsGroupSize = 256;

    // The simulated CPU starts a thread a lane and meets at every barrier: groups only to test group kernels.
    private const int SimulatedGroupSize = 4;

    // A simulated multiprocessor of more than 32 lanes starts its threads when a launch needs them: none, where the team does everything.
    private const int LanesNeverStarted = 64;

    // Nobody has so many processors; beyond it is a slip of the pen.
    private const int MostThreads = 1024;

    private readonly Context context;
    private readonly MemoryBuffer1D<byte, Stride1D.Dense>? cuBlasWorkspace;
    private readonly ConcurrentDictionary<(Type Body, Type? Shape), Lazy<Delegate>> kernels = new();

    private ComputeDevice(Context context, Device device, DeviceName name, LaunchStyle? style, int threads)
    {
        this.context = context;
        Accelerator = device.CreateAccelerator(context);
        Stream = Accelerator.CreateStream();
        Name = name.ToString();
        Style = style ?? (device is CPUDevice ? LaunchStyle.Processor : LaunchStyle.Groups);
        GroupSize = Style == LaunchStyle.Processor ? 1 : device is CPUDevice ? device.WarpSize : Math.Min(GraphicsGroupSize, device.MaxNumThreadsPerGroup);
        HasWarps = Type == AcceleratorType.Cuda || (device is CPUDevice && Accelerator.WarpSize == LanesOfAWarp && Style == LaunchStyle.Groups);
        Shares = device is CPUDevice ? threads : device.NumMultiprocessors * Math.Max(1, device.MaxNumThreadsPerMultiprocessor / GroupSize);
        Team = device is CPUDevice ? new ProcessorTeam(threads) : null;
        if (Stream is CudaStream cudaStream)
        {
            CuBlas = CuBlas.TryOpen(cudaStream, out string whyNot);
            WhyNoCuBlas = CuBlas is null ? whyNot : null;
            if (CuBlas is not null)
            {
                cuBlasWorkspace = Accelerator.Allocate1D<byte>(CuBlas.AdvisedWorkspaceBytes);
                CuBlas.SetWorkspace(cuBlasWorkspace.NativePtr, CuBlas.AdvisedWorkspaceBytes);
            }
        }

        MemoryBytes = device is CPUDevice ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes : device.MemorySize;
    }

    /// <summary>The ILGPU accelerator.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>The stream of all launches and copies; on CUDA a non-blocking one, so that it can be captured into a graph.</summary>
    public AcceleratorStream Stream { get; }

    /// <summary>The name that opens it again: <c>cuda:0</c>, <c>opencl:0</c>, <c>cpu</c>.</summary>
    public string Name { get; }

    /// <summary>What the driver calls it.</summary>
    public string Description => Type == AcceleratorType.CPU ? $"processor, {Threads} threads" : Accelerator.Name;

    /// <summary>CUDA, OpenCL or CPU.</summary>
    public AcceleratorType Type => Accelerator.AcceleratorType;

    /// <summary>How launches spread their work.</summary>
    internal LaunchStyle Style { get; }

    /// <summary>Lanes a group; 1 on the processor.</summary>
    public int GroupSize { get; }

    /// <summary>Whether lanes exchange numbers within warps of <see cref="LanesOfAWarp"/>.</summary>
    public bool HasWarps { get; }

    /// <summary>Groups that keep the whole device busy.</summary>
    public int Shares { get; }

    /// <summary>Threads that share a launch on the processor; 1 elsewhere, where the host only enqueues.</summary>
    public int Threads => Team?.Threads ?? 1;

    /// <summary>The processor's threads; null elsewhere.</summary>
    internal ProcessorTeam? Team { get; }

    /// <summary>cuBLAS on this device's stream, where there is one.</summary>
    public CuBlas? CuBlas { get; }

    /// <summary>Why a CUDA device has no cuBLAS, or null.</summary>
    public string? WhyNoCuBlas { get; }

    /// <summary>Sentences about better devices that are there and could not be opened, where the choice was free.</summary>
    public IReadOnlyList<string> PassedOver { get; private init; } = [];

    /// <summary>Device memory in bytes; for the CPU accelerator what the process may use.</summary>
    public long MemoryBytes { get; }

    /// <summary>Opens a device.</summary>
    /// <param name="name">auto, cuda[:i], opencl[:i] or cpu.</param>
    /// <param name="threads">Threads of the processor; one for each that the process may use when left out. Takes no effect elsewhere.</param>
    /// <exception cref="InputException">There is no such device, or no such number of threads; the message names what to do.</exception>
    public static ComputeDevice Open(string name = "auto", int? threads = null) => Open(name, null, profiling: false, threads);

    /// <summary>Opens a device with a way to spread work: its best for null, and in tests every other. Profiling markers make work for some drivers.</summary>
    internal static ComputeDevice Open(string name, LaunchStyle? style, bool profiling = false, int? threads = null) =>
        Open(name, style, profiling, threads, style == LaunchStyle.Groups ? SimulatedGroupSize : LanesNeverStarted);

    /// <summary>The CPU accelerator in groups of one warp as CUDA's, for tests: it starts a thread a lane.</summary>
    internal static ComputeDevice OpenSimulatedWarps() => Open("cpu", LaunchStyle.Groups, profiling: false, threads: null, LanesOfAWarp);

    private static ComputeDevice Open(string name, LaunchStyle? style, bool profiling, int? threads, int simulatedLanes)
    {
        NativeLibraries.Register();
        DeviceName wanted = DeviceName.Parse(name);
        if (threads is < 1 or > MostThreads)
            throw new InputException(
                $"{threads} threads cannot be had: 1 is the fewest, and {Environment.ProcessorCount} is what this process has processors for.");
        AcceleratorType[] types = wanted.Type is { } type ? [type] : [AcceleratorType.Cuda, AcceleratorType.OpenCL, AcceleratorType.CPU];
        List<string> passedOver = [];
        foreach (AcceleratorType candidate in types)
        {
            // Asked first: a driver that lacks a call must not be tried.
            if (candidate == AcceleratorType.Cuda && DeviceSurvey.BrokenCuda() is { } broken)
            {
                passedOver.Add(broken);
                continue;
            }

            Context context = Context.Create(builder => SetUpCompiler(Offer(profiling ? builder.Profiling() : builder, candidate, simulatedLanes)));
            Device[] found = [.. context.Devices.Where(device => device.AcceleratorType == candidate)];

            // A processor on OpenCL is slower than the processor itself, and there for who names it.
            int index = wanted.Type is null ? Array.FindIndex(found, device => !IsOpenClProcessor(device)) : wanted.Index;
            bool isThere = index >= 0 && index < found.Length;
            if (isThere && TryOpen(context, found[index], new DeviceName(candidate, index), style, threads, passedOver) is { } opened)
                return opened;
            if (!isThere)
                context.Dispose();
            if (wanted.Type is not null && !isThere)
                throw new InputException(
                    $"There is no device '{name}': {found.Length} {candidate} device(s) found. {Setting.Of(nameof(DeviceSurvey))} says why; "
                        + $"{Setting.Of("Device", "auto")} takes the best there is.");
        }

        throw new InputException(passedOver.Count > 0 ? string.Join(' ', passedOver) : "No device was found at all, not even the processor.");
    }

    private static Context.Builder Offer(Context.Builder builder, AcceleratorType type, int simulatedLanes) => type switch
    {
        AcceleratorType.Cuda => builder.Cuda(),
        AcceleratorType.OpenCL => builder.OpenCL(),
        _ => builder.CPU(new CPUDevice(simulatedLanes, 1, Environment.ProcessorCount)),
    };

    // A driver that is there may still refuse to work. What it leaves behind is given up as far as it lets go of it.
    private static ComputeDevice? TryOpen(Context context, Device device, DeviceName name, LaunchStyle? style, int? threads, List<string> passedOver)
    {
        try
        {
            ComputeDevice opened = new(context, device, name, style, threads ?? Environment.ProcessorCount) { PassedOver = passedOver };
            if (opened.Type == AcceleratorType.Cuda)
                CudaProbe.Run(opened.Accelerator, opened.Stream);
            return opened;
        }
        catch (Exception failure) when (DeviceFailure.Is(failure))
        {
            passedOver.Add(DeviceFailure.Sentence(name, device, failure));
        }

        try
        {
            context.Dispose();
        }
        catch (Exception failure) when (DeviceFailure.Is(failure))
        {
            // Already said to be broken.
        }

        return null;
    }

    /// <summary>Copies host values to the device and waits.</summary>
    public void Upload<T>(ArrayView<T> target, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        if (values.IsEmpty)
            return;
        target.SubView(0, values.Length).CopyFromCPU(Stream, values);
        Stream.Synchronize();
    }

    /// <summary>Copies device values to the host and waits.</summary>
    public T[] Download<T>(ArrayView<T> source)
        where T : unmanaged
    {
        T[] values = new T[source.Length];
        if (values.Length > 0)
            source.CopyToCPU(Stream, values);
        Stream.Synchronize();
        return values;
    }

    /// <summary>Waits for everything that was enqueued.</summary>
    public void Wait() => Stream.Synchronize();

    /// <inheritdoc/>
    public void Dispose()
    {
        kernels.Clear();
        CuBlas?.Dispose();
        cuBlasWorkspace?.Dispose();
        Team?.Dispose();
        Stream.Dispose();
        Accelerator.Dispose();
        context.Dispose();
    }

    /// <summary>The compiler settings of every device; the tests compile for absent devices with the same.</summary>
    internal static Context.Builder SetUpCompiler(Context.Builder builder) =>
        builder.EnableAlgorithms().EnableFusedMultiplyAdd().Optimize(OptimizationLevel.O2);

    /// <summary>The bodies of the kernels asked for so far.</summary>
    internal IEnumerable<Type> Bodies => kernels.Keys.Select(key => key.Body);

    /// <summary>The kernel for a body and a launch shape, compiled when it is first called for and held: ILGPU's own cache holds kernels weakly.</summary>
    internal Func<TKernel> Kernel<TKernel>(Type body, Type? shape, Func<Accelerator, TKernel> load)
        where TKernel : Delegate
    {
        Lazy<Delegate> kernel = kernels.GetOrAdd((body, shape), _ => new Lazy<Delegate>(() =>
        {
            KernelLoaded?.Invoke(this, body);
            return load(Accelerator);
        }));
        return () => (TKernel)kernel.Value;
    }

    /// <summary>Tells of each kernel's body when it is loaded to be launched: tests see to it that every kernel is.</summary>
    internal static event Action<ComputeDevice, Type>? KernelLoaded;

    private static bool IsOpenClProcessor(Device device) => device is CLDevice opencl && !opencl.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU);
}
