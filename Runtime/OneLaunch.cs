namespace IlgpuVae.Runtime;

/// <summary>What to do to make a recorded step one launch.</summary>
public enum OneLaunch
{
    /// <summary>Nothing: its launches are enqueued one by one, for comparisons.</summary>
    Never,

    /// <summary>What takes no time: a CUDA graph.</summary>
    WhenQuick,

    /// <summary>That, and on a processor a kernel made for the step, which takes seconds.</summary>
    WheneverPossible,
}
