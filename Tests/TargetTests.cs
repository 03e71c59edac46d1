using ILGPU.Runtime;

namespace IlgpuVae.Tests;

/// <summary>Says which accelerators this run reaches, so that a missing one cannot pass for a tested one.</summary>
public class TargetTests
{
    [TestCaseSource(typeof(Target), nameof(Target.Types))]
    public void Accelerator_IsPresent(AcceleratorType type)
    {
        if (Target.IsPresent(type))
            Assert.Pass();
        if (Target.IsRequired(type))
            Assert.Fail($"ILGPUVAE_REQUIRE asks for {type}, and there is no such device.");
        Assert.Ignore($"No {type} device here: its suites did not run.");
    }
}
