namespace IlgpuVae.Runtime;

/// <summary>How work is spread over a device. One kernel source serves both.</summary>
public enum LaunchStyle
{
    /// <summary>One lane a group, a contiguous share of the work each: processors (the CPU accelerator, OpenCL on a CPU).</summary>
    OneLane,

    /// <summary>Full groups whose lanes touch neighbouring elements: graphics processors.</summary>
    Groups,
}
