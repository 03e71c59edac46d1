using IlgpuVae.Kernels;
using IlgpuVae.Training.Estimators;

namespace IlgpuVae.Training;

/// <summary>What a user may say of a scheduled quantity. Plans, continued runs and the command line go through <see cref="All"/>.</summary>
/// <param name="Setting">The property that holds it.</param>
/// <param name="Description">What the command line says of it.</param>
/// <param name="Given">The text that was given, or null.</param>
/// <param name="Give">The options with a text.</param>
/// <param name="Place">The courses with the one it describes.</param>
internal sealed record ScheduledOption(
    string Setting, string Description, Func<TrainingOptions, string?> Given, Func<TrainingOptions, string, TrainingOptions> Give,
        Func<Scheduled<Schedule>, Schedule, Scheduled<Schedule>> Place)
{
    internal static IReadOnlyList<ScheduledOption> All { get; } =
    [
        new(
            nameof(TrainingOptions.Beta),
            "weight of the KL: a number or a schedule such as linear:0:1:500",
            options => options.Beta,
            (options, text) => options with { Beta = text },
            (courses, course) => courses with { Beta = course })
        {
            Default = EstimatorChoice.DefaultBeta,
            IsAudited = false,
        },
        new(
            nameof(TrainingOptions.Temperature),
            "temperature of relaxations, likewise",
            options => options.Temperature,
            (options, text) => options with { Temperature = text },
            (courses, course) => courses with { Temperature = course })
        {
            Default = (estimator, _) => EstimatorChoice.DefaultTemperature(estimator),
            IsPositive = true,
        },
        new(
            nameof(TrainingOptions.LearningRate),
            "step size, likewise",
            options => options.LearningRate,
            (options, text) => options with { LearningRate = text },
            (courses, course) => courses with { LearningRate = course }),
    ];

    /// <summary>The text where none is given, for an estimator over a run of as many steps.</summary>
    internal Func<string, int, string> Default { get; init; } = (_, _) => "1";

    /// <summary>Whether 0 is refused, and what is so small that its inverse is not finite.</summary>
    internal bool IsPositive { get; init; }

    /// <summary>Whether an audit has a use for it.</summary>
    internal bool IsAudited { get; init; } = true;

    /// <summary>The courses of a run of as many steps.</summary>
    internal static Scheduled<Schedule> Courses(TrainingOptions options, string estimator, int steps) => All.Aggregate(
        Scheduled.Default,
        (courses, option) => option.Place(courses, ScheduleText.Parse(option.Text(options, estimator, steps), steps, option.Setting, option.IsPositive)));

    /// <summary>
    /// The options with the lengths of their schedules written out: those that reach over the whole run keep their course where the run gets another length,
    /// for what is done already was done by it.
    /// </summary>
    internal static TrainingOptions WithLengths(TrainingOptions options, string estimator, int steps) => All.Aggregate(
        options, (changed, option) => option.Give(changed, ScheduleText.WithLength(option.Text(options, estimator, steps), steps)));

    private string Text(TrainingOptions options, string estimator, int steps) => Given(options) ?? Default(estimator, steps);
}
