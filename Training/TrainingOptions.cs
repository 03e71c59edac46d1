using IlgpuVae.Training.Data;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Training;

/// <summary>
/// Everything that decides a run, as the command line, the configuration file and <c>config.json</c> name it. A run is repeated by the same options on the
/// same device.
/// </summary>
public sealed record TrainingOptions
{
    /// <summary>What to learn from; see <see cref="DataSource"/>.</summary>
    public string Data { get; init; } = "glyphs";

    /// <summary>How the data are read.</summary>
    public DataOptions Reading { get; init; } = new();

    /// <summary>How grey levels become ones and zeros; left out: threshold for grey pictures under the Bernoulli likelihood, none otherwise.</summary>
    public Binarisation? Binarize { get; init; }

    /// <summary>
    /// What a conditional model p(x | c) is told: <c>label</c> (the class, one-hot), <c>top-half</c> (the upper half of a picture; of an odd number of rows
    /// the lower half, which is modelled, has the middle one) or <c>columns:a,b,c</c> (these columns, named as in <see cref="DataOptions.Columns"/>; the others
    /// are modelled). Left out: nothing.
    /// </summary>
    public string? Condition { get; init; }

    /// <summary>The gradient estimator, or <c>auto</c>.</summary>
    public string Estimator { get; init; } = "auto";

    /// <summary>S, for estimators that sample; left out: 4 for reinforce, 5 for the importance-weighted bound, 1 otherwise.</summary>
    public int? Samples { get; init; }

    /// <summary>elbo or iwae, for reinforce and the estimators that pull back samples.</summary>
    public string Objective { get; init; } = "elbo";

    /// <summary>
    /// none, moving-average, learned or leave-one-out, for reinforce; left out: leave-one-out for more than one sample, moving-average for one.
    /// </summary>
    public string? Baseline { get; init; }

    /// <summary>Whether reinforce divides its advantages by their running standard deviation where that is above 1.</summary>
    public bool NormaliseVariance { get; init; }

    /// <summary>eta of rebar and relax, to begin with; left out: 1.</summary>
    public double? ControlScale { get; init; }

    /// <summary>Whether rebar and relax tune eta and the temperature while training; left out: they do.</summary>
    public bool? TuneControl { get; init; }

    /// <summary>Hidden layers of relax's network and of a learned baseline; left out: 200,200 and 100.</summary>
    public IReadOnlyList<int>? ControlNetwork { get; init; }

    /// <summary>Step size of what the estimator trains for itself; left out: 0.01 for rebar, 0.001 for relax and a learned baseline.</summary>
    public double? ControlRate { get; init; }

    /// <summary>M, conditional draws of gumbel-rao; left out: 10.</summary>
    public int? Draws { get; init; }

    /// <summary>arithmetic or geometric, for vimco's leave-one-out signal; left out: geometric.</summary>
    public string? Signal { get; init; }

    /// <summary>N.</summary>
    public int Latents { get; init; } = 1;

    /// <summary>K.</summary>
    public int Categories { get; init; } = 32;

    /// <summary>Widths of the encoder's hidden layers.</summary>
    public IReadOnlyList<int> Encoder { get; init; } = [256];

    /// <summary>Widths of the decoder's hidden layers.</summary>
    public IReadOnlyList<int> Decoder { get; init; } = [256];

    /// <summary>relu, leaky-relu, tanh or silu.</summary>
    public string Activation { get; init; } = "relu";

    /// <summary>one-hot, sign, or the width of a learned table; left out: 64 for one variable, one-hot for several.</summary>
    public string? Embedding { get; init; }

    /// <summary>uniform, learned or conditional.</summary>
    public string Prior { get; init; } = "uniform";

    /// <summary>Widths of the hidden layers of a conditional prior's network; left out: 256.</summary>
    public IReadOnlyList<int>? PriorNetwork { get; init; }

    /// <summary>One of the names in <see cref="LikelihoodFactory"/>.</summary>
    public string Likelihood { get; init; } = "bernoulli";

    /// <summary>V, for the categorical likelihood.</summary>
    public int Levels { get; init; } = 2;

    /// <summary>Fixed standard deviation of the Gaussian likelihood; left out: learned.</summary>
    public double? Noise { get; init; }

    /// <summary>
    /// r, the fixed total count of the negative-binomial likelihood: with mean mu, the variance is mu + mu^2 / r. Left out: 10. 1 is the geometric
    /// distribution, a large one nearly the Poisson.
    /// </summary>
    public double? TotalCount { get; init; }

    /// <summary>
    /// Weight of the KL, a number or a schedule; left out: 1, or for exact sums from 30 down to 1 over the first half of the run. That is deterministic
    /// annealing (K. Rose, Proceedings of the IEEE 86(11), 1998): it holds the posterior open until the codes have grown apart, where a plain start leaves most
    /// unused.
    /// </summary>
    public string? Beta { get; init; }

    /// <summary>Factor on the KL's gradient to the encoder.</summary>
    public double PosteriorKlWeight { get; init; } = 1;

    /// <summary>
    /// Factor on the KL's gradient to a prior that learns. DreamerV2's balance of 0.8 is 0.8 here and 0.2 in <see cref="PosteriorKlWeight"/>; its total is
    /// beta's business.
    /// </summary>
    public double PriorKlWeight { get; init; } = 1;

    /// <summary>Nats a variable and example: where that KL is below, it gives no gradient. What is reported is the whole KL.</summary>
    public double FreeBits { get; init; }

    /// <summary>
    /// Weight of the mutual information of examples and codes in the loss, where the KL is it and the KL of the mean posterior (InfoVAE). Both are taken over
    /// the batch.
    /// </summary>
    public double MiWeight { get; init; } = 1;

    /// <summary>Weight of the KL of the batch's mean posterior in the loss; see <see cref="MiWeight"/>.</summary>
    public double MarginalWeight { get; init; } = 1;

    /// <summary>Share of the uniform distribution in the posterior, so that no category falls below this / K.</summary>
    public double UniformMix { get; init; }

    /// <summary>one or two: how many logits the encoder gives a variable of two categories.</summary>
    public string Logits { get; init; } = "two";

    /// <summary>Temperature of relaxations, a number or a schedule; left out: what suits the estimator.</summary>
    public string? Temperature { get; init; }

    /// <summary>Learning rate, a number or a schedule.</summary>
    public string LearningRate { get; init; } = "1e-3";

    /// <summary>adam, adamw or sgd.</summary>
    public string Optimizer { get; init; } = "adam";

    /// <summary>Weight decay.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Momentum of sgd, beta1 of adam.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Longest gradient that is not shortened; 0 for no clipping.</summary>
    public double ClipNorm { get; init; }

    /// <summary>B.</summary>
    public int Batch { get; init; } = 128;

    /// <summary>Training steps; left out: from <see cref="Epochs"/>, or 3000, or 1000 for the built-in data, which need no more.</summary>
    public int? Steps { get; init; }

    /// <summary>Passes over the training data, instead of <see cref="Steps"/>.</summary>
    public double? Epochs { get; init; }

    /// <summary>Key of all random numbers.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>auto, cuda[:i], opencl[:i] or cpu.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>
    /// Whether the training steps' matrix products may cut their factors to TF32 on the tensor cores of a CUDA device: each factor is off by up to 9.8e-4 of
    /// itself. Evaluations stay float32.
    /// </summary>
    public bool Tf32 { get; init; }

    /// <summary>Steps between lines in metrics.jsonl.</summary>
    public int LogEvery { get; init; } = 100;

    /// <summary>Steps between evaluations on the validation split (the test split where there is none); 0 for none before the end.</summary>
    public int EvalEvery { get; init; } = 500;

    /// <summary>
    /// Evaluations on the way without a better ELBO after which training ends; left out: none end it. They count once beta has come to its last value, for
    /// while it moves the ELBO is not what is ascended.
    /// </summary>
    public int? Patience { get; init; }

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 1000;

    /// <summary>Examples looked at by the evaluations on the way; the last one looks at all.</summary>
    public int EvalExamples { get; init; } = 2048;

    /// <summary>Most device memory to use, in MiB; left out: what the device has.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>
    /// Whether the data stream from the host: auto (where they would take more than half of the memory), always or never. The run is the same bit for bit.
    /// </summary>
    public Streaming Stream { get; init; }

    /// <summary>Steps of the whole run for <paramref name="examples"/> training examples.</summary>
    public int TotalSteps(int examples) =>
        Steps ?? (Epochs is { } epochs ? (int)Math.Max(1, Math.Ceiling(epochs * examples / Batch)) : IsBuiltIn ? 1000 : 3000);

    /// <summary>The data, read as the options say.</summary>
    /// <exception cref="Runtime.InputException">They cannot be.</exception>
    internal DataSplits ReadData() =>
        DataSource.Open(Data, Reading with { StandardisesTables = Likelihood == "gaussian" && Noise is null });

    /// <summary>Whether the data are the built-in generated ones.</summary>
    internal bool IsBuiltIn => DataSource.IsBuiltIn(Data);
}
