namespace IlgpuVae.Tests.KernelSuites;

/// <summary>What <see cref="LoadedKernels"/> wrote down: a run of its own after all others, on the same file.</summary>
[TestFixture]
public sealed class LoadedKernelTests
{
    /// <summary>A kernel that CUDA can be given and that no test launches there is one that nobody knows to be right: launch it, or take it out.</summary>
    [Test]
    public void EveryKernelOfCuda_IsLaunchedThere()
    {
        if (LoadedKernels.Listed is not { Length: > 0 } file || !File.Exists(file))
        {
            Assert.Ignore("ILGPUVAE_LOADED names no file that an earlier run of the tests on CUDA has written.");
            return;
        }

        // The tests' own, and those that the bench fills its inputs with, are no part of the product.
        HashSet<string> loaded = [.. File.ReadLines(file).Where(body => !body.Contains("IlgpuVae.Tests.", StringComparison.Ordinal)
            && !body.Contains("IlgpuVae.Bench.", StringComparison.Ordinal))];
        Assert.That(loaded, Is.Not.Empty);
        Assert.That(
            loaded,
            Is.SubsetOf(KernelCatalogue.CudaKernels.Select(kernel => kernel.Body.ToString())),
            "launched on CUDA, and not among the kernels that are compiled and read");
        Assert.That(
            string.Join('\n', KernelCatalogue.CudaKernels.Where(kernel => !loaded.Contains(kernel.Body.ToString())).Select(kernel => kernel.Name)), Is.Empty);
    }
}
