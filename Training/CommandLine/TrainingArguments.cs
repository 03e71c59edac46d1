using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Training.CommandLine;

/// <summary>The options of <c>train</c> that end up in <see cref="TrainingOptions"/>: each knows how it changes them.</summary>
internal sealed class TrainingArguments
{
    private readonly List<(Option Option, bool IsAudited, Func<TrainingOptions, ParseResult, TrainingOptions> Apply)> arguments = [];

    internal TrainingArguments()
    {
        Add<string>(
            "--data",
            $"glyphs (built in), or a path: a folder in MNIST's form or of PNGs, {DataSource.Kinds}",
            (o, v) => o with { Data = v });
        Add<string>("--binarize", "none, threshold, static or dynamic", (o, v) => o with { Binarize = RunPlan.Choose<Binarisation>("--binarize", v) });
        Add<string>("--condition", "what a conditional model is told: label, top-half (of a picture) or columns:a,b,c", (o, v) => o with { Condition = v });
        Add<string>("--estimator", $"auto, {string.Join(", ", EstimatorChoice.Names)}", (o, v) => o with { Estimator = v }, audited: false);
        Add<int>("--samples", "samples an example, for estimators that sample", (o, v) => o with { Samples = v }, audited: false);
        Add<string>("--objective", "elbo, or iwae for the importance-weighted bound of the samples", (o, v) => o with { Objective = v }, audited: false);
        Add<string>("--baseline", "none, moving-average, learned or leave-one-out, for reinforce", (o, v) => o with { Baseline = v }, audited: false);
        Add<bool>(
            "--normalise-variance",
            "divide reinforce's advantages by their running deviation where that is above 1",
            (o, v) => o with { NormaliseVariance = v },
            audited: false);
        AddNumber("--control-scale", "first scale eta of the control variate of rebar and relax", (o, v) => o with { ControlScale = v }, audited: false);
        Add<bool>(
            "--tune-control", "false: rebar and relax keep eta and the temperature as they are given", (o, v) => o with { TuneControl = v }, audited: false);
        Add<string>(
            "--control-network",
            "hidden layers of relax's network and of a learned baseline",
            (o, v) => o with { ControlNetwork = Widths("--control-network", v) },
            audited: false);
        AddNumber(
            "--control-rate",
            "step size of what rebar, relax and a learned baseline train for themselves",
            (o, v) => o with { ControlRate = v },
            audited: false);
        Add<int>("--draws", "conditional draws of gumbel-rao", (o, v) => o with { Draws = v }, audited: false);
        Add<string>("--signal", "arithmetic or geometric, for vimco", (o, v) => o with { Signal = v }, audited: false);
        Add<int>("--latents", "latent variables N", (o, v) => o with { Latents = v });
        Add<int>("--categories", "categories K of each", (o, v) => o with { Categories = v });
        Add<string>("--encoder", "widths of the encoder's hidden layers, as 512,256; '' for none", (o, v) => o with { Encoder = Widths("--encoder", v) });
        Add<string>("--decoder", "widths of the decoder's hidden layers", (o, v) => o with { Decoder = Widths("--decoder", v) });
        Add<string>("--activation", "relu, leaky-relu, tanh or silu", (o, v) => o with { Activation = v });
        Add<string>("--embedding", "one-hot, sign (2 categories) or the width of a learned table", (o, v) => o with { Embedding = v });
        Add<string>("--prior", "uniform, learned, or conditional: p(z | c) by a network on the --condition", (o, v) => o with { Prior = v });
        Add<string>(
            "--prior-network",
            "widths of the hidden layers of a conditional prior; '' for none",
            (o, v) => o with { PriorNetwork = Widths("--prior-network", v) });
        Add<string>("--likelihood", $"one of {string.Join(", ", LikelihoodFactory.Names)}", (o, v) => o with { Likelihood = v });
        Add<int>("--levels", "levels of the categorical likelihood", (o, v) => o with { Levels = v });
        AddNumber("--noise", "fixed standard deviation of the Gaussian likelihood", (o, v) => o with { Noise = v });
        AddNumber("--total-count", "r of the negative-binomial likelihood, variance mu + mu^2 / r; 10 when left out", (o, v) => o with { TotalCount = v });
        AddNumber("--posterior-kl-weight", "factor on the KL's gradient to the encoder", (o, v) => o with { PosteriorKlWeight = v }, audited: false);
        AddNumber("--prior-kl-weight", "factor on the KL's gradient to a prior that learns", (o, v) => o with { PriorKlWeight = v }, audited: false);
        AddNumber("--free-bits", "nats of KL a variable and example that cost nothing", (o, v) => o with { FreeBits = v }, audited: false);
        AddNumber("--mi-weight", "weight of the mutual information in the KL, over the batch", (o, v) => o with { MiWeight = v }, audited: false);
        AddNumber("--marginal-weight", "weight of the mean posterior's KL in the KL, over the batch", (o, v) => o with { MarginalWeight = v }, audited: false);
        AddNumber("--uniform-mix", "share of the uniform distribution in the posterior", (o, v) => o with { UniformMix = v });
        Add<string>("--logits", "one or two: logits a variable of two categories", (o, v) => o with { Logits = v });
        foreach (ScheduledOption scheduled in ScheduledOption.All)
            Add<string>(OptionWords.Of(scheduled.Setting), scheduled.Description, scheduled.Give, scheduled.IsAudited);
        Add<string>("--optimizer", "adam, adam-w or sgd", (o, v) => o with { Optimizer = v });
        AddNumber("--weight-decay", "weight decay", (o, v) => o with { WeightDecay = v });
        AddNumber("--momentum", "momentum of sgd, beta1 of adam", (o, v) => o with { Momentum = v });
        AddNumber("--clip-norm", "longest gradient that is not shortened; 0 for no clipping", (o, v) => o with { ClipNorm = v });
        Add<int>("--batch", "examples a step", (o, v) => o with { Batch = v });
        Add<int>("--steps", "training steps", (o, v) => o with { Steps = v, Epochs = null });
        AddNumber("--epochs", "passes over the data, instead of --steps", (o, v) => o with { Epochs = v, Steps = null }, audited: false);
        Add<ulong>("--seed", "key of all random numbers", (o, v) => o with { Seed = v });
        Add<string>("--device", "auto, cuda[:i], opencl[:i] or cpu", (o, v) => o with { Device = v });
        Add<bool>(
            "--tf32",
            "let the training steps' matrix products cut their factors to 10 bits (9.8e-4) on a CUDA device's tensor cores",
            (o, v) => o with { Tf32 = v });
        Add<int>("--log-every", "steps between lines of metrics", (o, v) => o with { LogEvery = v }, audited: false);
        Add<int?>("--patience", "end after as many evaluations on the way without a better ELBO", (o, v) => o with { Patience = v }, audited: false);
        Add<int>("--eval-every", "steps between evaluations on the way; 0 for none", (o, v) => o with { EvalEvery = v }, audited: false);
        Add<int>("--eval-examples", "examples of an evaluation on the way", (o, v) => o with { EvalExamples = v }, audited: false);
        Add<int>("--checkpoint-every", "steps between checkpoints", (o, v) => o with { CheckpointEvery = v }, audited: false);
        Add<string>(
            "--stream", "auto, always or never: whether the data stream from the host", (o, v) => o with { Stream = RunPlan.Choose<Streaming>("--stream", v) });
        Add<long>("--memory-limit", "most device memory to use, MiB", (o, v) => o with { MemoryLimit = v });
        AddReading<string>("--array", "name of the array in a .npz that holds several", (r, v) => r with { Array = v });
        AddReading<string>("--columns", "columns of a table: 1-7,9 or header names", (r, v) => r with { Columns = v });
        AddReading<string>("--label-column", "column of a table that holds the class", (r, v) => r with { LabelColumn = v });
        AddReading<string?>(
            "--standardise",
            "yes or no: shift and scale columns to mean 0 and deviation 1; left out, tables are under the Gaussian likelihood",
            (r, v) => r with { Standardise = YesOrNo("--standardise", v) },
            ArgumentArity.ZeroOrOne);
        AddReadingNumber("--scale", "divide values by this number", (r, v) => r with { Scale = v });
        AddReading<string>("--picture", "height and width of the pictures in a table's rows, as 8x8", (r, v) => r with { Picture = v });
        AddReading<string>("--resize", "resize pictures to 28 or 28x20", (r, v) => r with { Resize = v });
        AddReading<bool>("--invert", "turn grey levels round, for data whose ink is 0", (r, v) => r with { Invert = v });
        AddReadingNumber("--valid-fraction", "share of the examples to validate on", (r, v) => r with { ValidFraction = v });
        AddReadingNumber("--test-fraction", "share of the examples to test on", (r, v) => r with { TestFraction = v });
        AddReading<int>("--split-seed", "seed of the splits", (r, v) => r with { SplitSeed = v });
    }

    /// <summary>The options themselves, for the command.</summary>
    internal IEnumerable<Option> Options => arguments.Select(argument => argument.Option);

    /// <summary>Those that an audit has a use for: it tries every estimator, keeps beta at 1 and leaves no run.</summary>
    internal IEnumerable<Option> Audited => arguments.Where(argument => argument.IsAudited).Select(argument => argument.Option);

    /// <summary>The names of the options that the call gave.</summary>
    internal IEnumerable<string> Given(ParseResult call) =>
        Options.Where(option => call.GetResult(option) is OptionResult { Implicit: false }).Select(option => option.Name);

    /// <summary>Applies what the call gave on top of <paramref name="basis"/>.</summary>
    internal TrainingOptions Apply(TrainingOptions basis, ParseResult call)
    {
        // Each of the two takes the place of the other where that comes from a file.
        if (Given(call).Intersect(["--steps", "--epochs"]).Count() == 2)
            throw new InputException("--steps and --epochs both set the length of the run. Use one of them.");
        return arguments.Where(argument => call.GetResult(argument.Option) is OptionResult { Implicit: false })
            .Aggregate(basis, (options, argument) => argument.Apply(options, call));
    }

    private void AddReading<T>(string name, string description, Func<DataOptions, T, DataOptions> apply, ArgumentArity? arity = null) =>
        Add<T>(name, description, (options, value) => options with { Reading = apply(options.Reading, value) }, arity: arity);

    private void Add<T>(
        string name, string description, Func<TrainingOptions, T, TrainingOptions> apply, bool audited = true, ArgumentArity? arity = null)
    {
        Option<T> option = new(name) { Description = description };
        if (arity is { } given)
            option.Arity = given;
        arguments.Add((option, audited, (options, call) => apply(options, call.GetValue(option)!)));
    }

    private void AddReadingNumber(string name, string description, Func<DataOptions, double, DataOptions> apply) =>
        AddNumber(name, description, (options, value) => options with { Reading = apply(options.Reading, value) });

    // The parser's own reading takes a comma for a separator of thousands, and 0,5 for 5.
    private void AddNumber(string name, string description, Func<TrainingOptions, double, TrainingOptions> apply, bool audited = true)
    {
        Option<double> option = new(name)
        {
            Description = description,
            CustomParser = given =>
            {
                if (!double.TryParse(given.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
                    given.AddError($"{name} takes a number.");
                return value;
            },
        };
        arguments.Add((option, audited, (options, call) => apply(options, call.GetValue(option))));
    }

    // Alone it says yes.
    internal static bool YesOrNo(string option, string? word) => word switch
    {
        null or "yes" or "true" => true,
        "no" or "false" => false,
        _ => throw new InputException($"{option} {word} is neither. Use yes or no."),
    };

    private static int[] Widths(string option, string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        int[] widths = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out widths[i]) || widths[i] < 1)
                throw new InputException($"{option} {text}: '{parts[i]}' is no width. Use whole numbers such as 512,256.");
        }

        return widths;
    }
}
