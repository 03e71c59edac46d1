using System.Globalization;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// NVIDIA's own assembler takes every kernel, keeps its variables in registers, and needs no more of them than when sm_90-registers.txt was written. Where
/// kernels were changed on purpose, write that table anew and look at what changed:
/// <code>ILGPUVAE_REGISTERS=$PWD/Tests/Kernels/sm_90-registers.txt dotnet Tests/bin/Release/net10.0/IlgpuVae.Tests.dll --filter
/// FullyQualifiedName~AssemblerTests</code>
/// </summary>
[TestFixture]
public sealed class AssemblerTests : TemporaryFolder
{
    private const string TableName = "sm_90-registers.txt";

    // A few more are noise of the assembler's choices, not a change of the kernel: another order of the same instructions does that.
    private const int Tolerance = 4;

    [Test]
    public void EveryKernel_IsTakenAndKeepsItsRegisters()
    {
        if (Assembler.Path is not { } assembler)
        {
            Assert.Ignore("NVIDIA's assembler ptxas is not on the PATH.");
            return;
        }

        SortedDictionary<string, Assembled> found = Assemble(assembler);
        if (Environment.GetEnvironmentVariable("ILGPUVAE_REGISTERS") is { Length: > 0 } table)
            File.WriteAllLines(table, found.Select(kernel => string.Create(CultureInfo.InvariantCulture, $"{kernel.Value.Registers} {kernel.Key}")));
        Assert.That(Faults(found, ReadTable(File.ReadLines(Path.Combine(AppContext.BaseDirectory, TableName)))), Is.Empty);
    }

    [Test]
    public void Faults_AreNoticed()
    {
        Dictionary<string, Assembled> found = new()
        {
            ["refused"] = new(0, 0, "ptxas fatal"),
            ["spills"] = new(32, 8, null),
            ["grew"] = new(37, 0, null),
            ["new"] = new(32, 0, null),
            ["same"] = new(36, 0, null),
            ["shrank"] = new(16, 0, null),
        };
        Dictionary<string, int> kept = new() { ["refused"] = 32, ["spills"] = 32, ["grew"] = 32, ["same"] = 32, ["shrank"] = 32, ["gone"] = 32 };
        Assert.That(Faults(found, kept).Select(fault => fault.Split(':')[0]), Is.EquivalentTo(new[] { "refused", "spills", "grew", "new", "gone" }));
    }

    [Test]
    public void Table_HasTheKernelsOfCuda() => Assert.That(
        ReadTable(File.ReadLines(Path.Combine(AppContext.BaseDirectory, TableName))).Keys,
        Is.EquivalentTo(KernelCatalogue.CudaKernels.Select(kernel => kernel.Name)),
        "write the table anew: see the remark above");

    private static List<string> Faults(IEnumerable<KeyValuePair<string, Assembled>> found, Dictionary<string, int> kept)
    {
        List<string> faults = [];
        foreach ((string name, Assembled kernel) in found)
        {
            if (kernel.Refusal is not null)
                faults.Add($"{name}: refused, {kernel.Refusal}");
            else if (kernel.SpilledBytes > 0)
                faults.Add($"{name}: {kernel.SpilledBytes} bytes that found no register");
            else if (!kept.TryGetValue(name, out int before))
                faults.Add($"{name}: not in the table");
            else if (kernel.Registers > before + Tolerance)
                faults.Add($"{name}: {kernel.Registers} registers, and had {before}");
        }

        faults.AddRange(kept.Keys.Except(found.Select(kernel => kernel.Key)).Select(name => $"{name}: in the table, and gone"));
        return faults;
    }

    private SortedDictionary<string, Assembled> Assemble(string assembler)
    {
        List<(KernelEntry Kernel, string Ptx)> texts = [];
        using (KernelCompiler compiler = new())
            texts.AddRange(KernelCatalogue.CudaKernels.Select(kernel => (kernel, compiler.Ptx(kernel))));
        SortedDictionary<string, Assembled> found = new(StringComparer.Ordinal);
        Parallel.ForEach(texts, text =>
        {
            Assembled assembled = Assembler.Assemble(assembler, text.Ptx, Folder, PtxFolder.FileName(text.Kernel));
            lock (found)
                found[text.Kernel.Name] = assembled;
        });
        return found;
    }

    // "40 RowPerLane(Softmax.ForwardRows<OneLane, Scalar>)"
    private static Dictionary<string, int> ReadTable(IEnumerable<string> lines) =>
        lines.Select(line => line.Split(' ', 2)).ToDictionary(parts => parts[1], parts => int.Parse(parts[0], CultureInfo.InvariantCulture));
}
