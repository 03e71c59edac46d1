using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>Which estimator a run gets, and why.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Reason">Why <c>auto</c> chose it, or null where the user did.</param>
/// <param name="Build">Builds it.</param>
public sealed record EstimatorChoice(string Name, string? Reason, Func<EstimatorInputs, Estimator> Build)
{
    // Chooses by the rule of AutomaticEstimator, and takes no settings.
    private const string Automatic = "auto";

    /// <summary>The estimators there are, in the order of the documentation.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. EstimatorCatalogue.All.Select(entry => entry.Name)];

    /// <summary>An estimator's temperature, or its schedule, where the user gives none.</summary>
    public static string DefaultTemperature(string name) => Entry(name).Temperature;

    /// <summary>The KL's weight over a run of <paramref name="steps"/> steps, where the user gives none.</summary>
    public static string DefaultBeta(string name, int steps) => Entry(name).Beta(steps);

    /// <summary>The settings in which an audit tries an estimator.</summary>
    internal static IEnumerable<EstimatorSettings> Audited(string name) => Entry(name).Audited(new EstimatorSettings { Name = name });

    /// <summary>Chooses by name; <c>auto</c> by the rule of <see cref="AutomaticEstimator"/>.</summary>
    /// <exception cref="InputException">There is no such estimator, or it cannot use a setting.</exception>
    public static EstimatorChoice Make(EstimatorSettings settings, VaeDesign design, int batch, ComputeDevice device)
    {
        if (settings.Name == Automatic)
        {
            settings.RequireUse(EstimatorUses.None);
            (string name, string reason) = AutomaticEstimator.Make(design, batch, device);
            return Make(settings with { Name = name }, design, batch, device) with { Reason = reason };
        }

        EstimatorEntry entry = Entry(settings.Name);
        settings.RequireUse(entry.Uses);
        return new EstimatorChoice(entry.Name, null, entry.Build(settings, design));
    }

    private static EstimatorEntry Entry(string name) => EstimatorCatalogue.All.FirstOrDefault(entry => entry.Name == name)
        ?? throw new InputException($"{Setting.Of(nameof(TrainingOptions.Estimator))} {name} is not known. Use {Automatic}, {string.Join(", ", Names)}.");
}
