using System.Diagnostics;
using System.Runtime.Intrinsics;
using IlgpuVae.Tests.CommandLine;
using IlgpuVae.Training.Estimators;

namespace IlgpuVae.Tests.Steps;

/// <summary>
/// The bits of a training on the processor depend neither on the number of threads nor on the width of its vectors: the same bytes in the checkpoint and the
/// same metrics with one thread, two and three, and in processes that .NET is told to keep from the processor's vectors.
/// </summary>
[TestFixture]
[Parallelizable]
public sealed class SameBitsTests : TemporaryFolder
{
    private const string Steps = "5";

    // Large enough that several threads share the launches, and no width a whole number of vectors but some.
    private static readonly string[] Common =
    [
        "train", "--data", "glyphs:prototypes=8,size=12,train=512,valid=64,test=64", "--device", "cpu", "--batch", "96", "--encoder", "70,33", "--decoder",
            "40",
        "--steps", Steps, "--log-every", "1", "--eval-examples", "32",
    ];

    // What .NET is not to use: 512-bit vectors, 256-bit ones, all of them; without those that this processor lacks anyway.
    private static readonly string[] Switches =
    [
        .. Vector512.IsHardwareAccelerated ? ["DOTNET_EnableAVX512"] : Array.Empty<string>(),
        .. Vector256.IsHardwareAccelerated ? ["DOTNET_EnableAVX2"] : Array.Empty<string>(),
        "DOTNET_EnableHWIntrinsic",
    ];

    // Each process takes seconds to compile what it runs, so that these have to be few: together they launch every formula that is written in vectors.
    private static readonly string[] TrainedApart =
    [
        "exact --latents 2 --categories 16 --embedding 8 --prior learned --activation tanh",
        "exact --latents 1 --categories 10 --mi-weight 0.5 --marginal-weight 2 --uniform-mix 0.01 --clip-norm 1",
        "exact --latents 1 --categories 300 --likelihood gaussian --optimizer sgd",
        "exact --latents 1 --categories 4 --condition top-half --prior conditional --activation silu",
        "reinforce --latents 4 --categories 8 --samples 1 --baseline learned --control-network 9 --normalise-variance",
        "relax --latents 3 --categories 4 --beta 1 --control-network 9",
        "gumbel-softmax --latents 30 --categories 2 --logits one --embedding sign --binarize dynamic",
        "gumbel-rao --latents 4 --categories 17 --draws 3 --likelihood categorical",
        "straight-through --latents 6 --categories 10 --samples 2 --objective iwae",
    ];

    private static readonly string[] Trainings =
    [
        .. TrainedApart,
        "local-expectation --latents 3 --categories 4 --likelihood categorical",
        "reinforce --latents 2 --categories 16 --samples 3",
        "vimco --latents 3 --categories 8 --samples 3",
        "disarm --latents 20 --categories 2 --embedding sign",
        "rebar --latents 3 --categories 10 --beta 1",
        "gumbel-softmax --latents 10 --categories 10 --beta 1",
        "st-gumbel-softmax --latents 5 --categories 17 --beta 1",
        "reinmax --latents 5 --categories 8 --activation leaky-relu",
    ];

    [Test]
    public void Trainings_AreOfAllEstimators() =>
        Assert.That(Trainings.Select(training => training.Split(' ')[0]).Distinct(), Is.EquivalentTo(EstimatorChoice.Names));

    [Test]
    public void Threads_ChangeNoBit([ValueSource(nameof(Trainings))] string training)
    {
        string expected = Train(training, "1");
        Compare(Train(training, "2"), expected);
        Compare(Train(training, "3"), expected);
    }

    [Test]
    public void Vectors_ChangeNoBit([ValueSource(nameof(TrainedApart))] string training)
    {
        string expected = Train(training, "2");
        Process[] apart =
        [
            .. Switches.Select(name => Call.StartUnder(new Dictionary<string, string> { [name] = "0" }, Folder, Arguments(training, "1", At(name)))),
        ];
        foreach (Process process in apart)
        {
            using (process)
                _ = Call.End(process).Worked();
        }

        foreach (string name in Switches)
            Compare(At(name), expected);
    }

    private string Train(string training, string threads)
    {
        string run = At($"threads-{threads}");
        _ = Call.Here(Arguments(training, threads, run)).Worked();
        return run;
    }

    private static string[] Arguments(string training, string threads, string run) =>
        [.. Common, "--estimator", .. training.Split(' '), "--threads", threads, "--out", run];

    private static void Compare(string run, string expected)
    {
        Assert.That(RunFiles.TimelessMetrics(run), Is.EqualTo(RunFiles.TimelessMetrics(expected)), Path.GetFileName(run));
        bool same = RunFiles.Checkpoint(run).AsSpan().SequenceEqual(RunFiles.Checkpoint(expected));
        Assert.That(same, $"the checkpoint of {Path.GetFileName(run)} has other bits");
    }
}
