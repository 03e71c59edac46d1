using System.Globalization;
using ILGPU.Runtime;

namespace IlgpuVae.Runtime;

/// <summary>A device as the user names it: <c>auto</c>, <c>cuda</c>, <c>cuda:1</c>, <c>opencl</c>, <c>opencl:0</c> or <c>cpu</c>.</summary>
/// <param name="Type">The accelerator type, or null for <c>auto</c>: CUDA, then OpenCL, then the CPU.</param>
/// <param name="Index">Position among the devices of that type, from 0.</param>
internal readonly record struct DeviceName(AcceleratorType? Type, int Index)
{
    /// <summary>Reads a device name.</summary>
    /// <exception cref="InputException">The text is not a device name.</exception>
    public static DeviceName Parse(string text)
    {
        ReadOnlySpan<char> kind = text;
        int index = 0;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            kind = text.AsSpan(0, colon);
            if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out index))
                throw Unknown(text);
        }

        return kind switch
        {
            "auto" when colon < 0 => new DeviceName(null, 0),
            "cuda" => new DeviceName(AcceleratorType.Cuda, index),
            "opencl" => new DeviceName(AcceleratorType.OpenCL, index),
            "cpu" when colon < 0 => new DeviceName(AcceleratorType.CPU, 0),
            _ => throw Unknown(text),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Type switch
    {
        null => "auto",
        AcceleratorType.CPU => "cpu",
        AcceleratorType.Cuda => $"cuda:{Index}",
        _ => $"opencl:{Index}",
    };

    private static InputException Unknown(string text) =>
        new($"'{text}' is no device. Use auto, cuda, cuda:1, opencl, opencl:1 or cpu; {Setting.Of(nameof(DeviceSurvey))} lists what is there.");
}
