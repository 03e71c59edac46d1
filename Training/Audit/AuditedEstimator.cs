using IlgpuVae.Model;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;
using IlgpuVae.Training.Estimators;

namespace IlgpuVae.Training.Audit;

/// <summary>An estimator to audit.</summary>
/// <param name="Label">What reports call it.</param>
/// <param name="Temperature">Temperature of its relaxation.</param>
/// <param name="Build">Builds it.</param>
public sealed record AuditedEstimator(string Label, float Temperature, Func<EstimatorInputs, Estimator> Build)
{
    /// <summary>Temperature of its relaxation.</summary>
    public float Temperature { get; } = float.IsFinite(1f / Temperature)
        ? Temperature
        : throw new ArgumentException($"Temperature {Temperature} is so small that 1 / Temperature is not finite in float32.", nameof(Temperature));

    /// <summary>Every estimator there is, in each of its settings below, and why some are left out for this model.</summary>
    public static IReadOnlyList<AuditedEstimator> All(
        VaeDesign design, int batch, ComputeDevice device, float? temperature, IList<(string Name, InputException Why)> leftOut)
    {
        List<AuditedEstimator> found = [];
        foreach (string name in EstimatorChoice.Names)
        {
            try
            {
                found.AddRange(Of(name, design, batch, device, temperature));
            }
            catch (InputException notForThisModel)
            {
                leftOut.Add((name, notForThisModel));
            }
        }

        return found;
    }

    /// <summary>One estimator in each of its settings.</summary>
    /// <exception cref="InputException">There is no such estimator, or it cannot work on this model.</exception>
    public static IReadOnlyList<AuditedEstimator> Of(string name, VaeDesign design, int batch, ComputeDevice device, float? temperature)
    {
        if (!EstimatorChoice.Names.Contains(name))
            throw new InputException(
                $"{Setting.Of("Estimators")} {MessageText.Excerpt(name)} is not known.{SpellingSuggestion.For(name, EstimatorChoice.Names)} Use some of: "
                    + $"{string.Join(", ", EstimatorChoice.Names)}.");

        // A schedule is audited at its end, where most of a run's steps are taken.
        float own = temperature ?? ScheduleText.Parse(EstimatorChoice.DefaultTemperature(name), 1, nameof(TrainingOptions.Temperature), positive: true).To;
        return
        [
            .. EstimatorChoice.Audited(name)
            .Select(settings => new AuditedEstimator(settings.Label, own, EstimatorChoice.Make(settings, design, batch, device).Build)),
        ];
    }
}
