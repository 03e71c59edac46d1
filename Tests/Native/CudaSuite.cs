using ILGPU;
using ILGPU.Runtime.Cuda;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.Native;

/// <summary>
/// Opens the first CUDA device for the tests of its own calls. Without one they are skipped, or failed where ILGPUVAE_REQUIRE
/// names cuda, so that a GPU job cannot pass without a GPU.
/// </summary>
public abstract class CudaSuite
{
    private Context? context;

    private protected CudaAccelerator Accelerator { get; private set; } = null!;

    private protected CudaStream Stream { get; private set; } = null!;

    [OneTimeSetUp]
    public void OpenDevice()
    {
        NativeLibraries.Register();
        context = Context.Create(builder => builder.Cuda().Optimize(OptimizationLevel.O2));
        if (context.GetCudaDevices().Count == 0)
        {
            string required = Environment.GetEnvironmentVariable("ILGPUVAE_REQUIRE") ?? "";
            if (required.Contains("cuda", StringComparison.OrdinalIgnoreCase))
                Assert.Fail("ILGPUVAE_REQUIRE asks for a CUDA device, and there is none.");
            Assert.Ignore("There is no CUDA device.");
        }

        Accelerator = context.CreateCudaAccelerator(0);
        Stream = (CudaStream)Accelerator.CreateStream();
    }

    [OneTimeTearDown]
    public void CloseDevice()
    {
        Accelerator?.Dispose();
        context?.Dispose();
    }
}
