using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;
using IlgpuVae.Training.Steps;

namespace IlgpuVae.Training;

/// <summary>A run's options turned into a model's design and a step's settings, with everything that can be checked checked before any training.</summary>
public sealed record RunPlan
{
    // Far beyond use, and far below where a product of sizes leaves the integers.
    private const int MostCategories = 1 << 22;
    private const long MostMebibytes = 1L << 30;
    private const int MostLevels = 256;

    /// <summary>The options it was made from.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>The data, binarised where that is done on the host.</summary>
    public required DataSplits Splits { get; init; }

    /// <summary>How they came to be, for whoever uses the run later.</summary>
    public required DataContract Contract { get; init; }

    /// <summary>The model.</summary>
    public required VaeDesign Design { get; init; }

    /// <summary>The estimator's choice and, for <c>auto</c>, the reason.</summary>
    public required EstimatorChoice Estimator { get; init; }

    /// <summary>The step.</summary>
    public required StepSettings Settings { get; init; }

    /// <summary>Where the training data are kept, and why.</summary>
    public required DataPlacement Placement { get; init; }

    /// <summary>Steps of the whole run.</summary>
    public required int Steps { get; init; }

    /// <summary>The split that progress is measured on: valid, else test, else train.</summary>
    public DataSet Held => Splits.Valid ?? Splits.Test ?? Splits.Train;

    /// <summary>The name of <see cref="Held"/>'s split.</summary>
    public string HeldName => Splits.Valid is not null ? "valid" : Splits.Test is not null ? "test" : "train";

    /// <summary>The training data on a device, placed as planned.</summary>
    public DeviceData TrainingData(DiscreteVae vae) =>
        DeviceData.Place(vae.Device, vae.Arena, Splits.Train, Placement, BatchOrder.Shuffled, Settings.Seed, Settings.Batch);

    /// <summary>
    /// The distribution that generated the data, where it is known and the likelihood measures in the same units: a density over real numbers, or levels,
    /// cannot be compared with probabilities of ones and zeros.
    /// </summary>
    public GlyphsTruth? Truth => Design.Likelihood.IsOfBits ? Splits.Truth : null;

    /// <summary>Reads a run's data and plans it.</summary>
    /// <exception cref="InputException">The data cannot be read, or the options contradict each other, the data or the device.</exception>
    public static RunPlan Make(TrainingOptions options, ComputeDevice device) => Make(options, options.ReadData(), device);

    /// <summary>Plans a run on data that are read already.</summary>
    /// <exception cref="InputException">The options contradict each other, the data or the device.</exception>
    public static RunPlan Make(TrainingOptions options, DataSplits raw, ComputeDevice device)
    {
        CheckNumbers(options);
        if (options.Tf32 && device.CuBlas is null)
            throw new InputException(
                $"{Setting.Of(nameof(options.Tf32))} takes a CUDA device with cuBLAS, and {device.Name} has none. Drop it, or change "
                    + $"{Setting.Of(nameof(options.Device))}.");
        Likelihood likelihood = LikelihoodFactory.Make(options, LikelihoodFactory.LevelScale(options, raw.Train));
        Binarisation binarisation = options.Binarize ?? (raw.Train.Bytes is not null && likelihood.IsOfBits ? Binarisation.Threshold : Binarisation.None);
        if (binarisation != Binarisation.None && !likelihood.IsOfBits)
            throw new InputException(
                $"{Setting.Of(nameof(options.Binarize), binarisation)} makes ones and zeros, which the {likelihood.Name} likelihood is not for. Use "
                    + $"{Setting.Of(nameof(options.Binarize), "none")}.");

        // The upper half is part of the picture and becomes ones and zeros with it; labels and columns are told as they are.
        DataSplits splits = options.Condition == Condition.TopHalf
            ? Condition.Apply(Binarised(raw, binarisation), options.Condition)
            : Binarised(Condition.Apply(raw, options.Condition), binarisation);
        LikelihoodFactory.Check(likelihood, splits, options.Reading);
        DataContract contract = DataContract.Of(options, raw, splits, binarisation);
        VaeDesign design = DesignFactory.Make(options, contract);
        int steps = options.TotalSteps(splits.Train.Count);
        EstimatorChoice estimator = EstimatorChoice.Make(EstimatorSettings.Of(options), design, options.Batch, device);
        return new RunPlan
        {
            Options = options,
            Splits = splits,
            Contract = contract,
            Design = design,
            Estimator = estimator,
            Placement = DataPlacement.Choose(options.Stream, splits.Train, 0, options.MemoryLimit << 20 ?? device.MemoryBytes),
            Steps = steps,
            Settings = new StepSettings
            {
                Batch = options.Batch,
                Estimator = estimator.Build,
                Schedules = ScheduledOption.Courses(options, estimator.Name, steps),
                Optimiser = new OptimiserRule(Choose<OptimiserKind>(nameof(options.Optimizer), options.Optimizer))
                {
                    WeightDecay = (float)options.WeightDecay,
                    FirstMomentDecay = (float)options.Momentum,
                },
                Kl = KlObjectiveFactory.Make(options, estimator.Name),
                ClipNorm = options.ClipNorm == 0 ? float.PositiveInfinity : (float)options.ClipNorm,
                Binarisation = binarisation == Binarisation.Dynamic ? DeviceBinarisation.Dynamic : DeviceBinarisation.None,
                Seed = options.Seed,
                Tf32 = options.Tf32,
            },
        };
    }

    /// <summary>A word of the command line as a member of an enumeration: <c>leaky-relu</c> as LeakyRelu.</summary>
    internal static T Choose<T>(string setting, string word)
        where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
        {
            // Papers write AdamW where this spelling has adam-w.
            if (Name(value) == word || Name(value).Replace("-", "", StringComparison.Ordinal) == word)
                return value;
        }

        string[] names = [.. Enum.GetValues<T>().Select(Name)];
        throw new InputException(
            $"{Setting.Of(setting)} {MessageText.Excerpt(word)} is not known.{SpellingSuggestion.For(word, names)} Use one of: {string.Join(", ", names)}.");
    }

    /// <summary>A member of an enumeration as a word of the command line.</summary>
    internal static string Name<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static DataSplits Binarised(DataSplits raw, Binarisation binarisation)
    {
        // Training may draw pixels afresh at every step; what is measured is drawn once, so that measurements repeat.
        Binarisation held = binarisation == Binarisation.Dynamic ? Binarisation.Static : binarisation;
        return raw with
        {
            Train = Binarise.Apply(raw.Train, binarisation, seed: 0),
            Valid = raw.Valid is null ? null : Binarise.Apply(raw.Valid, held, seed: 0),
            Test = raw.Test is null ? null : Binarise.Apply(raw.Test, held, seed: 0),
        };
    }

    private static void CheckNumbers(TrainingOptions options)
    {
        AtLeast(nameof(options.Latents), options.Latents, 1);
        AtLeast(nameof(options.Categories), options.Categories, 1);
        AtLeast(nameof(options.Batch), options.Batch, 1);
        AtLeast(nameof(options.Steps), options.Steps ?? 1, 1);
        AtLeast(nameof(options.LogEvery), options.LogEvery, 1);
        AtLeast(nameof(options.EvalEvery), options.EvalEvery, 0);
        AtLeast(nameof(options.Patience), options.Patience ?? 1, 1);
        if (options.Patience is not null && options.EvalEvery == 0)
            throw new InputException(
                $"{Setting.Of(nameof(options.Patience))} counts evaluations on the way, and {Setting.Of(nameof(options.EvalEvery), 0)} makes none. Drop one.");
        AtLeast(nameof(options.EvalExamples), options.EvalExamples, 1);
        AtLeast(nameof(options.CheckpointEvery), options.CheckpointEvery, 1);
        if ((long)options.Latents * options.Categories > MostCategories)
        {
            throw new InputException(
                $"{Setting.Of(nameof(options.Latents), options.Latents)} of {Setting.Of(nameof(options.Categories), options.Categories)} make "
                    + $"{(long)options.Latents * options.Categories:N0} categories in all, "
                + $"and {MostCategories:N0} is the most there is room for. Lower one of them.");
        }

        if (options.Levels is < 2 or > MostLevels)
            throw new InputException(
                $"{Setting.Of(nameof(options.Levels), options.Levels)} is out of range. The categorical likelihood takes 2 to {MostLevels} levels.");
        if (options.MemoryLimit is < 1 or > MostMebibytes)
            throw new InputException(
                $"{Setting.Of(nameof(options.MemoryLimit), options.MemoryLimit)} is out of range. It is in MiB and has to be at least 1; leave it out to "
                    + $"use what the device has.");
        foreach ((string network, IReadOnlyList<int>? widths) in new (string, IReadOnlyList<int>?)[]
        {
            (nameof(options.Encoder), options.Encoder),
            (nameof(options.Decoder), options.Decoder),
            (nameof(options.PriorNetwork), options.PriorNetwork),
            (nameof(options.ControlNetwork), options.ControlNetwork),
        })
        {
            if (widths?.Any(width => width < 1) == true)
                throw new InputException($"{Setting.Of(network)} has a layer of width {widths.Min()}, and a width has to be at least 1.");
        }

        if (options.Steps is not null && options.Epochs is not null)
            throw new InputException(
                $"{Setting.Of(nameof(options.Steps))} and {Setting.Of(nameof(options.Epochs))} both set the length of the run. Use one of them.");
        if (options.Epochs is { } epochs && !(epochs > 0 && epochs <= 1e6))
            throw new InputException($"{Setting.Of(nameof(options.Epochs), epochs)} is out of range. It has to be above 0.");
        if (!(options.WeightDecay >= 0 && options.WeightDecay < 1))
            throw new InputException($"{Setting.Of(nameof(options.WeightDecay), options.WeightDecay)} is out of range. It has to be at least 0 and below 1.");
        if (options.Logits is not ("one" or "two"))
            throw new InputException(
                $"{Setting.Of(nameof(options.Logits))} {MessageText.Excerpt(options.Logits)} is not known. Use one (for 2 categories) or two.");
        if (options.Logits == "one" && options.Categories != 2)
            throw new InputException(
                $"{Setting.Of(nameof(options.Logits), "one")} is for 2 categories, not {options.Categories}. Use "
                    + $"{Setting.Of(nameof(options.Categories), 2)}, or leave {Setting.Of(nameof(options.Logits))} out.");
        if (!((float)options.UniformMix >= 0 && (float)options.UniformMix < 1))
            throw new InputException(
                $"{Setting.Of(nameof(options.UniformMix), options.UniformMix)} is no share of the posterior. Use a number from 0 up to, but not including, 1.");
        if (!(options.Momentum >= 0 && (float)options.Momentum < 1))
            throw new InputException($"{Setting.Of(nameof(options.Momentum), options.Momentum)} is out of range. It has to be at least 0 and below 1.");
        if (!(options.ClipNorm >= 0 && double.IsFinite(options.ClipNorm)))
            throw new InputException(
                $"{Setting.Of(nameof(options.ClipNorm), options.ClipNorm)} is out of range. It has to be at least 0; 0 turns clipping off.");
    }

    private static void AtLeast(string setting, int value, int least)
    {
        if (value < least)
            throw new InputException($"{Setting.Of(setting)} is {value}, and has to be at least {least}.");
    }
}
