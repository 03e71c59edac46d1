namespace IlgpuVae.Kernels;

/// <summary>
/// One <typeparamref name="T"/> for each quantity that follows a schedule: the courses of a run, the values of a step. A new quantity is one more member, its
/// line in <see cref="Scheduled"/>, and what a user may say about it.
/// </summary>
public record struct Scheduled<T>
{
    /// <summary>Step size.</summary>
    public T LearningRate;

    /// <summary>Weight of the KL term.</summary>
    public T Beta;

    /// <summary>Temperature of relaxations.</summary>
    public T Temperature;
}

/// <summary>What is scheduled where nothing is asked for, and at a step.</summary>
public static class Scheduled
{
    /// <summary>The courses where nothing is asked for.</summary>
    public static Scheduled<Schedule> Default => new()
    {
        LearningRate = Schedule.Constant(1e-3f),
        Beta = Schedule.Constant(1f),
        Temperature = Schedule.Constant(1f),
    };

    /// <summary>The values at <paramref name="step"/>, from 1.</summary>
    public static Scheduled<float> At(Scheduled<Schedule> courses, int step) => new()
    {
        LearningRate = courses.LearningRate.At(step),
        Beta = courses.Beta.At(step),
        Temperature = courses.Temperature.At(step),
    };
}
