using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests;

/// <summary>A device and a launch style that every kernel has to work on.</summary>
public sealed record Target
{
    /// <summary>Restricts the run to some device types: <c>ILGPUVAE_DEVICES=cpu,opencl</c>.</summary>
    private static readonly string[]? Restriction = Split("ILGPUVAE_DEVICES");

    /// <summary>Device types whose absence is a failure: <c>ILGPUVAE_REQUIRE=opencl</c>.</summary>
    private static readonly string[]? Required = Split("ILGPUVAE_REQUIRE");

    private static readonly Lazy<AcceleratorType[]> Present = new(() => [.. Types.Where(type => IsPresent(type))]);

    private Target(AcceleratorType type, LaunchStyle style) => (Type, Style) = (type, style);

    /// <summary>The processor as .NET runs it.</summary>
    public static Target Processor { get; } = new(AcceleratorType.CPU, LaunchStyle.Processor);

    /// <summary>The device's type.</summary>
    public AcceleratorType Type { get; }

    /// <summary>How its launches spread their work.</summary>
    internal LaunchStyle Style { get; }

    /// <summary>Whether the CPU accelerator's lanes exchange numbers within warps, as CUDA's do.</summary>
    public bool HasSimulatedWarps { get; private init; }

    /// <summary>The device types this run may look at.</summary>
    public static IEnumerable<AcceleratorType> Types => new[] { AcceleratorType.CPU, AcceleratorType.OpenCL, AcceleratorType.Cuda }
        .Where(type => Restriction is null || Restriction.Contains(Key(type)));

    /// <summary>Every target whose device is here. <see cref="TargetTests"/> reports the absent ones, and fails for those required.</summary>
    public static IEnumerable<Target> All => new Target[]
    {
        Processor,
        new(AcceleratorType.CPU, LaunchStyle.Groups),
        new(AcceleratorType.OpenCL, LaunchStyle.Groups),
        new(AcceleratorType.Cuda, LaunchStyle.Groups),
    }.Where(target => Present.Value.Contains(target.Type));

    /// <summary>Those, and simulated warps where there is a CPU accelerator.</summary>
    public static IEnumerable<Target> WithWarps =>
        All.Concat(
            new Target[] { new(AcceleratorType.CPU, LaunchStyle.Groups) { HasSimulatedWarps = true } }.Where(target => Present.Value.Contains(target.Type)));

    /// <summary>One target for each device type, in the device's own best style.</summary>
    public static IEnumerable<Target> Best => All.Where(target => (target.Style == LaunchStyle.Processor) == (target.Type == AcceleratorType.CPU));

    /// <summary>Whether every barrier costs a meeting of threads.</summary>
    public bool IsSimulatedGroup => this is { Type: AcceleratorType.CPU, Style: LaunchStyle.Groups };

    /// <summary>Whether a missing device of this type is a failure.</summary>
    public static bool IsRequired(AcceleratorType type) => Required is not null && Required.Contains(Key(type));

    /// <summary>Whether there is a device of this type.</summary>
    public static bool IsPresent(AcceleratorType type)
    {
        try
        {
            using ComputeDevice device = ComputeDevice.Open(Key(type));
            return device.Type == type;
        }
        catch (InputException)
        {
            return false;
        }
    }

    /// <summary>Opens the device in this style.</summary>
    public ComputeDevice Open()
    {
        ComputeDevice device = HasSimulatedWarps ? ComputeDevice.OpenSimulatedWarps() : ComputeDevice.Open(Key(Type), Style);
        Assert.That(device.Type, Is.EqualTo(Type), "the device opened is not of the type asked for");
        return device;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Key(Type)}-{(Style == LaunchStyle.Processor ? "processor" : HasSimulatedWarps ? "warps" : "groups")}";

    private static string Key(AcceleratorType type) => type switch { AcceleratorType.CPU => "cpu", AcceleratorType.OpenCL => "opencl", _ => "cuda" };

    private static string[]? Split(string variable) =>
        Environment.GetEnvironmentVariable(variable)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
