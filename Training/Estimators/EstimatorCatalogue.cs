using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>One estimator: what can be set about it, what it is where nothing is, and how it is built. A new one is one more of these.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uses">The settings that it takes.</param>
/// <param name="Build">Checks settings and design, and builds it.</param>
internal sealed record EstimatorEntry(string Name, EstimatorUses Uses, Func<EstimatorSettings, VaeDesign, Func<EstimatorInputs, Estimator>> Build)
{
    /// <summary>Its temperature, or its schedule, where none is given.</summary>
    public string Temperature { get; init; } = "1";

    /// <summary>The KL's weight over a run of as many steps, where none is given.</summary>
    public Func<int, string> Beta { get; init; } = _ => "1";

    /// <summary>The settings in which an audit tries it.</summary>
    public Func<EstimatorSettings, IEnumerable<EstimatorSettings>> Audited { get; init; } = plain => [plain];
}

/// <summary>The estimators there are, in the order of the documentation.</summary>
internal static class EstimatorCatalogue
{
    // A straight-through Jacobian is best at 1. A relaxation is kept at what its papers end with: above it the decoder sees mixtures of codes, which an
    // evaluation does not have.
    private const string Relaxed = "0.5";

    // Share of a run in which the KL's weight falls to 1: of an exact sum, which loses nothing by it, a half; of a relaxation a quarter.
    private const int ExactFall = 2, RelaxedFall = 4;

    // REBAR's first temperature.
    private const string RelaxedControl = "0.5";

    private const int DefaultReinforceSamples = 4;
    private const int DefaultBoundSamples = 5;
    private const int DefaultDraws = 10;
    private const float DefaultTuningRate = 0.01f;
    private const float DefaultNetworkRate = 0.001f;
    private const EstimatorUses PullsBack = EstimatorUses.Samples | EstimatorUses.Objective;
    private const EstimatorUses Control = EstimatorUses.ControlScale | EstimatorUses.ControlRate;
    private static readonly int[] DefaultRelaxNetwork = [200, 200];
    private static readonly int[] DefaultBaselineNetwork = [100];
    private static readonly int[] AuditedSamples = [2, 4];

    internal static IReadOnlyList<EstimatorEntry> All { get; } =
    [
        new("exact", EstimatorUses.None, Exact) { Beta = steps => $"linear:30:1:{Math.Max(1, steps / ExactFall)}" },
        new("local-expectation", EstimatorUses.None, (_, _) => inputs => new LocalExpectationEstimator(inputs)),
        new(
            "reinforce",
            PullsBack | EstimatorUses.Baseline | EstimatorUses.NormaliseVariance | EstimatorUses.ControlNetwork | EstimatorUses.ControlRate,
            Reinforce)
        {
            Audited = plain =>
                from baseline in Enum.GetValues<BaselineKind>() from samples in AuditedSamples select plain with { Samples = samples, Baseline = baseline },
        },
        new("vimco", EstimatorUses.Samples | EstimatorUses.Signal, Vimco)
        {
            Audited = plain => AuditedSamples.Select(samples => plain with { Samples = samples }),
        },
        new("disarm", EstimatorUses.None, Disarm),
        new("rebar", Control, (settings, _) => Rebar(settings, null, DefaultTuningRate)) { Temperature = RelaxedControl },
        new(
            "relax",
            Control | EstimatorUses.ControlNetwork,
            (settings, _) => Rebar(settings, settings.ControlNetwork ?? DefaultRelaxNetwork, DefaultNetworkRate))
        {
            Temperature = RelaxedControl,
        },
        new(
            "gumbel-softmax",
            PullsBack,
            (settings, _) => inputs => new GumbelSoftmaxEstimator(inputs, straightThrough: false, Samples(settings), settings.Objective))
        {
            Temperature = Relaxed,
            Beta = RelaxedBeta,
        },
        new(
            "st-gumbel-softmax",
            PullsBack,
            (settings, _) => inputs => new GumbelSoftmaxEstimator(inputs, straightThrough: true, Samples(settings), settings.Objective))
        {
            Temperature = Relaxed,
            Beta = RelaxedBeta,
        },
        new(
            "gumbel-rao",
            PullsBack | EstimatorUses.Draws,
            (settings, _) => inputs => new GumbelRaoEstimator(inputs, settings.Draws ?? DefaultDraws, Samples(settings), settings.Objective))
        {
            Temperature = Relaxed,
            Beta = RelaxedBeta,
            Audited = plain => [plain with { Draws = DefaultDraws }],
        },
        new(
            "straight-through",
            PullsBack,
            (settings, _) => inputs => new StraightThroughEstimator(inputs, StraightThroughRule.Plain, Samples(settings), settings.Objective)),
        new(
            "reinmax",
            PullsBack,
            (settings, _) => inputs => new StraightThroughEstimator(inputs, StraightThroughRule.ReinMax, Samples(settings), settings.Objective)),
    ];

    // Beta 1 from the start lets the first codes that explain anything keep it all: some categories die, at every temperature that was tried. A greater one
    // at first holds all of them near the prior until the decoder can tell them apart; more than 3, or for longer, costs a large model nats.
    private static string RelaxedBeta(int steps) => $"linear:3:1:{Math.Max(1, steps / RelaxedFall)}";

    private static int Samples(EstimatorSettings settings) => settings.Samples ?? (settings.Objective == ObjectiveKind.Iwae ? DefaultBoundSamples : 1);

    private static Func<EstimatorInputs, Estimator> Exact(EstimatorSettings settings, VaeDesign design)
    {
        _ = design.RequireJointCodes();
        return inputs => new ExactEstimator(inputs);
    }

    private static Func<EstimatorInputs, Estimator> Reinforce(EstimatorSettings settings, VaeDesign design)
    {
        bool isWeighted = settings.Objective == ObjectiveKind.Iwae;
        if (isWeighted && settings.Baseline == BaselineKind.LeaveOneOut)
            throw new InputException(
                $"reinforce on the importance-weighted bound with leave-one-out signals is vimco. Use "
                    + $"{Setting.Of(nameof(TrainingOptions.Estimator), "vimco")}, or another {Setting.Of(nameof(settings.Baseline))}.");
        int samples = settings.Samples
            ?? (isWeighted ? DefaultBoundSamples : settings.Baseline is null or BaselineKind.LeaveOneOut ? DefaultReinforceSamples : 1);
        BaselineKind baseline = settings.Baseline ?? (samples > 1 && !isWeighted ? BaselineKind.LeaveOneOut : BaselineKind.MovingAverage);
        if (baseline == BaselineKind.LeaveOneOut && samples < 2)
            throw new InputException(
                $"{Setting.Of(nameof(settings.Baseline), BaselineKind.LeaveOneOut)} compares an example's samples with each other and needs "
                    + $"{Setting.Of(nameof(settings.Samples), 2)} or more. Use "
                    + $"{Setting.Of(nameof(settings.Baseline), BaselineKind.MovingAverage)} for one sample.");
        if (baseline != BaselineKind.Learned && (settings.ControlNetwork is not null || settings.ControlRate is not null))
        {
            string setting = Setting.Of(settings.ControlNetwork is not null ? nameof(settings.ControlNetwork) : nameof(settings.ControlRate));
            throw new InputException(
                $"{setting} is for what an estimator trains for itself; reinforce has no use for it without "
                    + $"{Setting.Of(nameof(settings.Baseline), BaselineKind.Learned)}. Drop it, use that baseline, or "
                    + $"change {Setting.Of(nameof(TrainingOptions.Estimator))}.");
        }

        float rate = (float?)settings.ControlRate ?? DefaultNetworkRate;
        return inputs =>
            new ReinforceEstimator(
                inputs, samples, baseline, settings.NormaliseVariance, settings.ControlNetwork ?? DefaultBaselineNetwork, rate, settings.Objective);
    }

    private static Func<EstimatorInputs, Estimator> Vimco(EstimatorSettings settings, VaeDesign design)
    {
        int samples = settings.Samples ?? DefaultBoundSamples;
        VimcoEstimator.RequireSeveral(samples);
        return inputs => new VimcoEstimator(inputs, samples, settings.Signal ?? VimcoMean.Geometric);
    }

    private static Func<EstimatorInputs, Estimator> Disarm(EstimatorSettings settings, VaeDesign design)
    {
        DisarmEstimator.RequireBinary(design);
        return inputs => new DisarmEstimator(inputs);
    }

    private static Func<EstimatorInputs, Estimator> Rebar(EstimatorSettings settings, IReadOnlyList<int>? network, float defaultRate) =>
        inputs => new RebarEstimator(inputs, (float?)settings.ControlScale ?? 1f, settings.Tuned ?? true, network, (float?)settings.ControlRate ?? defaultRate);
}
