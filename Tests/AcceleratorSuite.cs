using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests;

/// <summary>A suite that runs once on every target; derived fixtures hold the tests.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.All))]
public abstract class AcceleratorSuite(Target target)
{
    private ComputeDevice? device;
    private Arena? arena;

    /// <summary>The device under test.</summary>
    protected ComputeDevice Device => device!;

    /// <summary>The target under test.</summary>
    protected Target Target { get; } = target;

    /// <summary>Memory for the current test.</summary>
    protected Arena Arena => arena!;

    [OneTimeSetUp]
    public void OpenDevice() => device = Target.Open();

    [OneTimeTearDown]
    public void CloseDevice() => device?.Dispose();

    [SetUp]
    public void OpenArena() => arena = new Arena(Device);

    [TearDown]
    public void CloseArena() => arena?.Dispose();

    /// <summary>Records with <paramref name="record"/>, replays once and waits.</summary>
    protected void Run(Action<LaunchList> record)
    {
        LaunchList list = new(Device);
        record(list);
        list.Replay();
        Device.Wait();
    }

    /// <summary>A device matrix that holds <paramref name="values"/>.</summary>
    protected Matrix Upload(float[] values, int rows, int columns)
    {
        Matrix matrix = Arena.Matrix(rows, columns, MemoryUse.Activations);
        Device.Upload<float>(matrix.View, values);
        return matrix;
    }

    /// <summary>Hard codes on the device, from one-hot rows [rows, variables k].</summary>
    protected Codes UploadCodes(float[] oneHot, int variables, int k)
    {
        int[] numbers = OneHot.Categories(oneHot, k);
        Codes codes = Codes.Hard(Arena.Allocate<int>(numbers.Length, MemoryUse.Codes), numbers.Length / variables, variables, k);
        Device.Upload<int>(codes.Numbers, numbers);
        return codes;
    }

    /// <summary>A one-element step state on the device.</summary>
    protected ArrayView<StepState> Upload(StepState state)
    {
        ArrayView<StepState> view = Arena.Allocate<StepState>(1, MemoryUse.Activations);
        Device.Upload<StepState>(view, [state]);
        return view;
    }

    /// <summary>What <paramref name="record"/> writes into a [rows, columns] result that starts as <paramref name="initial"/>.</summary>
    protected float[] Result(int rows, int columns, Action<LaunchList, Matrix> record, float[]? initial = null)
    {
        GuardedMatrix result = new(Device, Arena, rows, columns);
        if (initial is not null)
            Device.Upload<float>(result.Matrix.View, initial);
        Run(list => record(list, result.Matrix));
        return result.Download();
    }

    /// <summary>The one-hot rows [rows, variables k] of the hard codes that <paramref name="record"/> writes.</summary>
    protected float[] ResultCodes(int rows, int variables, int k, Action<LaunchList, Codes> record)
    {
        GuardedCodes result = new(Device, Arena, rows, variables, k);
        Run(list => record(list, result.Codes));
        return result.DownloadRows();
    }
}
