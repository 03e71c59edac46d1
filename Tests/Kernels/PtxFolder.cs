namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// The folder that every kernel's PTX is written to, a file each, where <c>ILGPUVAE_PTX_FOLDER</c> names one: to be read, or given to NVIDIA's assembler.
/// </summary>
internal static class PtxFolder
{
    private static readonly string? Asked = Environment.GetEnvironmentVariable("ILGPUVAE_PTX_FOLDER");

    /// <summary>Writes one kernel.</summary>
    internal static void Write(KernelEntry kernel, string ptx)
    {
        if (string.IsNullOrEmpty(Asked))
            return;
        Directory.CreateDirectory(Asked);
        File.WriteAllText(Path.Combine(Asked, FileName(kernel)), ptx);
    }

    // RowPerGroup(Softmax.ForwardRows<OneGroup, Vector4>) becomes RowPerGroup-Softmax.ForwardRows-OneGroup-Vector4.ptx.
    internal static string FileName(KernelEntry kernel) =>
        string.Join('-', kernel.Name.Split(['(', ')', '<', '>', ',', ' '], StringSplitOptions.RemoveEmptyEntries)) + ".ptx";
}
