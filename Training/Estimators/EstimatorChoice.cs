using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>Which estimator a run gets, and why.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Reason">Why <c>auto</c> chose it, or null where the user did.</param>
/// <param name="Build">Builds it.</param>
public sealed record EstimatorChoice(string Name, string? Reason, Func<Posterior, Estimator> Build)
{
    // Reached in the papers' own settings: a relaxation is annealed, a straight-through Jacobian is best at 1.
    private const string Annealed = "exponential:1:0.5";
    private const int DefaultReinforceSamples = 4;
    private const int DefaultVimcoSamples = 5;
    private const int DefaultDraws = 10;

    // REBAR's first temperature.
    private const string RelaxedControl = "0.5";

    private const float DefaultTuningRate = 0.01f;
    private const float DefaultNetworkRate = 0.001f;
    private static readonly int[] DefaultRelaxNetwork = [200, 200];
    private static readonly int[] DefaultBaselineNetwork = [100];


    /// <summary>The estimators there are, in the order of the documentation.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["exact", "local-expectation", "reinforce", "vimco", "disarm", "rebar", "relax", "gumbel-softmax", "st-gumbel-softmax", "gumbel-rao", "straight-through", "reinmax"];

    /// <summary>An estimator's temperature, or its schedule, where the user gives none.</summary>
    public static string DefaultTemperature(string name) => name switch
    {
        "gumbel-softmax" or "st-gumbel-softmax" or "gumbel-rao" => Annealed,
        "rebar" or "relax" => RelaxedControl,
        _ => "1",
    };

    /// <summary>Chooses by name; <c>auto</c> by the rule of <see cref="AutomaticChoice"/>.</summary>
    /// <exception cref="InputException">There is no such estimator, or it cannot use a setting.</exception>
    public static EstimatorChoice Make(EstimatorSettings settings, VaeDesign design, int batch, ComputeDevice device)
    {
        string name = settings.Name;
        settings.RequireUse();
        int samples = settings.Samples ?? (settings.Objective == Bound.Iwae ? DefaultVimcoSamples : 1);
        return name switch
        {
            "auto" => Automatic(settings, design, batch, device),
            "exact" => Exact(design),
            "local-expectation" => new EstimatorChoice(name, null, posterior => new LocalExpectationEstimator(posterior)),
            "reinforce" => Reinforce(settings),
            "vimco" => Vimco(settings),
            "disarm" => Binary(design),
            "rebar" or "relax" => Rebar(settings),
            "gumbel-softmax" => new EstimatorChoice(name, null, posterior => new GumbelSoftmaxEstimator(posterior, straightThrough: false, samples, settings.Objective)),
            "st-gumbel-softmax" => new EstimatorChoice(name, null, posterior => new GumbelSoftmaxEstimator(posterior, straightThrough: true, samples, settings.Objective)),
            "gumbel-rao" => new EstimatorChoice(name, null, posterior => new GumbelRaoEstimator(posterior, settings.Draws ?? DefaultDraws, samples, settings.Objective)),
            "straight-through" => new EstimatorChoice(name, null, posterior => new StraightThroughEstimator(posterior, StraightThroughRule.Plain, samples, settings.Objective)),
            "reinmax" => new EstimatorChoice(name, null, posterior => new StraightThroughEstimator(posterior, StraightThroughRule.ReinMax, samples, settings.Objective)),
            _ => throw new InputException($"--estimator {name} is not known. Use auto, {string.Join(", ", Names)}."),
        };
    }

    private static EstimatorChoice Exact(VaeDesign design) => JointCodes.Count(design.Latents, design.Categories) is null
        ? throw new InputException(
            $"{design.Latents} latents of {design.Categories} categories have more than 10^9 joint codes, too many to sum over. Use --estimator gumbel-softmax, or fewer --latents or --categories.")
        : new EstimatorChoice("exact", null, posterior => new ExactEstimator(posterior));

    private static EstimatorChoice Reinforce(EstimatorSettings settings)
    {
        bool isWeighted = settings.Objective == Bound.Iwae;
        if (isWeighted && settings.Baseline == BaselineKind.LeaveOneOut)
            throw new InputException("reinforce on the importance-weighted bound with leave-one-out signals is vimco. Use --estimator vimco, or another --baseline.");
        int samples = settings.Samples ?? (isWeighted ? DefaultVimcoSamples : settings.Baseline is null or BaselineKind.LeaveOneOut ? DefaultReinforceSamples : 1);
        BaselineKind baseline = settings.Baseline ?? (samples > 1 && !isWeighted ? BaselineKind.LeaveOneOut : BaselineKind.MovingAverage);
        if (baseline == BaselineKind.LeaveOneOut && samples < 2)
            throw new InputException("--baseline leave-one-out compares an example's samples with each other and needs --samples 2 or more. Use --baseline moving-average for one sample.");
        float rate = (float?)settings.ControlRate ?? DefaultNetworkRate;
        return new EstimatorChoice(
            "reinforce",
            null,
            posterior => new ReinforceEstimator(posterior, samples, baseline, settings.NormaliseVariance, settings.ControlNetwork ?? DefaultBaselineNetwork, rate, settings.Objective));
    }

    private static EstimatorChoice Rebar(EstimatorSettings settings)
    {
        float scale = (float?)settings.ControlScale ?? 1f;
        bool tuned = settings.Tuned ?? true;
        IReadOnlyList<int>? network = settings.Name == "relax" ? settings.ControlNetwork ?? DefaultRelaxNetwork : null;
        float rate = (float?)settings.ControlRate ?? (network is null ? DefaultTuningRate : DefaultNetworkRate);
        return new EstimatorChoice(settings.Name, null, posterior => new RebarEstimator(posterior, scale, tuned, network, rate));
    }

    private static EstimatorChoice Vimco(EstimatorSettings settings)
    {
        int samples = settings.Samples ?? DefaultVimcoSamples;
        if (samples < 2)
            throw new InputException($"vimco compares an example's samples with each other and needs --samples 2 or more, not {samples}.");
        return new EstimatorChoice("vimco", null, posterior => new VimcoEstimator(posterior, samples, settings.Signal ?? VimcoMean.Geometric));
    }

    private static EstimatorChoice Binary(VaeDesign design) => design.Categories == 2
        ? new EstimatorChoice("disarm", null, posterior => new DisarmEstimator(posterior))
        : throw new InputException($"disarm is for 2 categories, not {design.Categories}. Use --categories 2, or --estimator reinforce.");

    private static EstimatorChoice Automatic(EstimatorSettings settings, VaeDesign design, int batch, ComputeDevice device)
    {
        (string name, string reason) = AutomaticChoice.Make(design, batch, device);
        return Make(settings with { Name = name }, design, batch, device) with { Reason = reason };
    }
}
