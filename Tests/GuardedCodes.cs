using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests;

/// <summary>Hard codes to write, between two bands of a number that is no category: a kernel that writes outside them breaks a band.</summary>
public sealed class GuardedCodes
{
    private const int Band = 64, Guard = -77;

    private readonly ComputeDevice device;
    private readonly ArrayView<int> whole;

    public GuardedCodes(ComputeDevice device, Arena arena, int rows, int variables, int categories)
    {
        this.device = device;
        int length = rows * variables;
        whole = arena.Allocate<int>(length + (2 * Band), MemoryUse.Codes);
        int[] fill = new int[length + (2 * Band)];
        Array.Fill(fill, Guard);
        device.Upload<int>(whole, fill);
        Codes = Codes.Hard(whole.SubView(Band, length), rows, variables, categories);
    }

    /// <summary>The codes; every number starts as the guard, so one that is never written shows.</summary>
    public Codes Codes { get; }

    /// <summary>The numbers [rows, variables], after checking that they are categories and that both bands are intact.</summary>
    public int[] Download()
    {
        int[] values = device.Download(whole), numbers = values[Band..^Band];
        Assert.That(values[..Band].Concat(values[^Band..]), Is.All.EqualTo(Guard), "a band beside the codes was overwritten");
        Assert.That(numbers, Is.All.InRange(0, Codes.Categories - 1));
        return numbers;
    }

    /// <summary>The same as one-hot rows, [rows, variables categories].</summary>
    public float[] DownloadRows() => OneHot.Rows(Download(), Codes.Categories);
}
