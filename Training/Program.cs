using System.Diagnostics;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Training;

internal static class Program
{
    private static int Main(string[] args)
    {
        using ComputeDevice device = ComputeDevice.Open(args[0]);
        DataSplits splits = DataSource.Open(args[1], new DataOptions());
        DataSet train = Binarise.Apply(splits.Train, Binarisation.Threshold, 0);
        bool exact = args[2] == "exact";
        VaeDesign design = exact
            ? new VaeDesign { DataWidth = train.Width, Categories = 64, Embedding = CodeEmbedding.Table, Encoder = VaeDesign.Mlp([256]), Decoder = VaeDesign.Mlp([256]) }
            : new VaeDesign { DataWidth = train.Width, Latents = 20, Categories = 10, Encoder = VaeDesign.Mlp([512, 256]), Decoder = VaeDesign.Mlp([256, 512]) };
        using DiscreteVae vae = new(device, design, 1);
        DeviceData data = new(device, vae.Arena, train);
        using TrainingStep step = new(vae, data, new StepSettings { Batch = exact ? 128 : 100, Estimator = p => exact ? new ExactEstimator(p) : new GumbelSoftmaxEstimator(p, false) });
        int steps = int.Parse(args[3]);
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 1; i <= steps; i++)
        {
            step.Run();
            if (i % Math.Max(1, steps / 10) == 0)
            {
                StepState s = step.ReadState();
                Console.WriteLine($"{s.Step} rec {s.ReconstructionSum / s.SummedSteps:F2} kl {s.KlSum / s.SummedSteps:F3} norm {s.GradientNormSum / s.SummedSteps:F3} bad {s.FirstBadStep} {watch.Elapsed.TotalSeconds:F2}s {vae.Arena.UsedBytes / 1e6:F1} MB");
                s.ReconstructionSum = s.KlSum = s.GradientNormSum = 0; s.SummedSteps = 0;
                step.WriteState(s);
            }
        }
        if (args.Length > 4)
        {
            foreach (var g in step.Launches.Select((l, i) => (l, i)))
            {
                device.Wait();
                Stopwatch w = Stopwatch.StartNew();
                for (int r = 0; r < 20; r++)
                    g.l.Run(device.Stream);
                device.Wait();
                Console.WriteLine($"{g.i,3} {g.l.Name,-30} {w.Elapsed.TotalMilliseconds / 20:F3} ms  {g.l.Cost.Flops / w.Elapsed.TotalSeconds * 20 / 1e9:F1} GF/s {g.l.Cost.Bytes / w.Elapsed.TotalSeconds * 20 / 1e9:F1} GB/s");
            }
        }

        return 0;
    }
}
