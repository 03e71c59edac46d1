using System.CommandLine;
using IlgpuVae.Runtime;
using Spectre.Console;

namespace IlgpuVae.Training.CommandLine;

/// <summary><c>devices</c>: what was found, and why something was not.</summary>
internal static class DevicesCommand
{
    internal static Command Create(Option<bool> json)
    {
        Command command = new("devices", "List the devices that were found, and say why others were not.") { json };
        command.SetAction(call =>
        {
            IReadOnlyList<DeviceFinding> findings = DeviceSurvey.Take();
            if (call.GetValue(json))
                call.InvocationConfiguration.Output.WriteLine(JsonText.Of(findings));
            else
                Show(Screen.On(call.InvocationConfiguration.Output), findings);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Show(IAnsiConsole console, IReadOnlyList<DeviceFinding> findings)
    {
        foreach (DeviceFinding finding in findings)
        {
            string memory = finding.MemoryBytes is { } bytes ? $", {bytes / 1073741824.0:F1} GiB" : string.Empty;
            string units = finding.ComputeUnits is { } count ? $", {count} compute units" : string.Empty;
            string version = finding.Version is { } text ? $", {text}" : string.Empty;
            console.MarkupLineInterpolated(
                $"[bold]{finding.Name ?? finding.Backend}[/]  {(finding.IsUsable ? finding.Device + memory + units + version : "not usable")}");
            foreach (string? remark in new[] { finding.Problem, finding.Cure, finding.Note })
            {
                if (remark is not null)
                    console.MarkupLineInterpolated($"    {remark}");
            }
        }
    }
}
