using System.CommandLine;
using IlgpuVae.Runtime;

namespace IlgpuVae.Bench;

/// <summary>What Bench does for a comparison with its peers: our losses of the state that they compute too, and the table of ratios.</summary>
internal static class PeerCommands
{
    /// <summary>The commands <c>losses</c> and <c>ratios</c>.</summary>
    internal static IEnumerable<Command> All(Option<string> device, Option<string> json, TextWriter output)
    {
        Command losses = new("losses", "Losses of a state that the peers compute too, to see that it is the same work.") { device, json };
        losses.SetAction(call => Losses(call.GetValue(device)!, call.GetValue(json), output));
        yield return losses;
        Argument<string[]> files = new("files") { Description = "ours and the peers' files, in any order", Arity = ArgumentArity.OneOrMore };
        Command ratios = new("ratios", "Put our rows and the peers' side by side, losses included.") { files };
        ratios.SetAction(call => PeerTable.Show([.. call.GetValue(files)!.Select(BenchFile.Read)]));
        yield return ratios;
    }

    private static int Losses(string name, string? json, TextWriter output)
    {
        using ComputeDevice device = ComputeDevice.Open(name);
        output.WriteLine($"{device.Name}: {device.Description}");
        List<LossRow> losses = [];
        foreach (LossRow row in SameWork.Losses(device))
        {
            losses.Add(row);
            output.WriteLine(
                $"{row.Work,-26} {row.Shape,-34} {row.First:F4} nats" + (row.Last is { } last ? $", after {SameState.Steps} steps {last:F4}" : string.Empty));
        }

        if (json is not null)
            new BenchFile(Machine.Of(device), [], losses).Write(json);
        return 0;
    }
}
