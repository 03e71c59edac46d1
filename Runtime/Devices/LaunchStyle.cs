namespace IlgpuVae.Runtime;

/// <summary>How work is spread over a device. One kernel source serves both.</summary>
internal enum LaunchStyle
{
    /// <summary>Threads of .NET that take contiguous shares of the work: the processor.</summary>
    Processor,

    /// <summary>Full groups whose lanes touch neighbouring elements: CUDA, OpenCL, and the CPU accelerator where tests simulate them.</summary>
    Groups,
}
