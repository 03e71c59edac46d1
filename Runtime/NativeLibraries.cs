namespace IlgpuVae.Runtime;

/// <summary>placeholder until the native branch lands.</summary>
public static class NativeLibraries
{
    /// <summary>placeholder.</summary>
    public static void Register() { }
}
