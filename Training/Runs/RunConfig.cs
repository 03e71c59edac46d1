using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Runs;

/// <summary>What <c>config.json</c> holds: everything needed to repeat the run.</summary>
internal sealed record RunConfig
{
    /// <summary>The options.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>The estimator that ran; <c>auto</c> is resolved here.</summary>
    public required string Estimator { get; init; }

    /// <summary>Why <c>auto</c> chose it, or null.</summary>
    public string? EstimatorReason { get; init; }

    /// <summary>Steps of the whole run.</summary>
    public required int Steps { get; init; }

    /// <summary>Numbers per example of the data it was trained on.</summary>
    public required int DataWidth { get; init; }

    /// <summary>Numbers that it is told about each example; 0 where the model is not conditional.</summary>
    public int ContextWidth { get; init; }

    /// <summary>Examples it was trained on.</summary>
    public required int TrainExamples { get; init; }

    /// <summary>Where the training data were kept: <c>resident</c> or <c>streamed</c>. The run is the same either way.</summary>
    public string? TrainingData { get; init; }

    /// <summary>Why they were kept there.</summary>
    public string? TrainingDataReason { get; init; }

    /// <summary>The device that ran it, as <c>cuda:0</c>.</summary>
    public required string Device { get; init; }

    /// <summary>What the driver calls it.</summary>
    public required string DeviceDescription { get; init; }

    /// <summary>Threads of the processor, where it was the device.</summary>
    public int? Threads { get; init; }

    /// <summary>Version of this program.</summary>
    public string Version { get; init; } = typeof(RunConfig).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Version of ILGPU.</summary>
    public string Ilgpu { get; init; } = typeof(Context).Assembly.GetName().Version!.ToString();

    /// <summary>The .NET runtime.</summary>
    public string Dotnet { get; init; } = RuntimeInformation.FrameworkDescription;

    /// <summary>The operating system.</summary>
    public string System { get; init; } = RuntimeInformation.OSDescription;

    /// <summary>Options that repeat the run on its device: what was left to be chosen is what was chosen.</summary>
    public TrainingOptions Repeat() => Options with { Device = Device, Estimator = Estimator };

    /// <summary>Describes a planned run.</summary>
    public static RunConfig Of(RunPlan plan, ComputeDevice device) => new()
    {
        Options = plan.Options with { Data = plan.Options.IsBuiltIn ? plan.Options.Data : Path.GetFullPath(plan.Options.Data) },
        Estimator = plan.Estimator.Name,
        EstimatorReason = plan.Estimator.Reason,
        Steps = plan.Steps,
        DataWidth = plan.Splits.Train.Width,
        ContextWidth = plan.Splits.Train.Context?.Width ?? 0,
        TrainExamples = plan.Splits.Train.Count,
        TrainingData = plan.Placement.Name,
        TrainingDataReason = plan.Placement.Reason,
        Device = device.Name,
        DeviceDescription = device.Description,
        Threads = device.Style == LaunchStyle.Processor ? device.Threads : null,
    };
}
