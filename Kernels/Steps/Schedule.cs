namespace IlgpuVae.Kernels;

/// <summary>How a scheduled quantity moves from its first to its last value.</summary>
public enum ScheduleKind
{
    /// <summary>The first value throughout.</summary>
    Constant = 0,

    /// <summary>In a straight line.</summary>
    Linear = 1,

    /// <summary>By the same factor every step.</summary>
    Exponential = 2,

    /// <summary>Along half a cosine.</summary>
    Cosine = 3,

    /// <summary>In cycles: a straight line through the first half of each, the last value through the second (Fu et al., NAACL 2019).</summary>
    Cyclical = 4,
}

/// <summary>A learning rate, KL weight or temperature as a function of the step, evaluated on the device.</summary>
/// <param name="Kind">The course.</param>
/// <param name="From">Value at the first step after the warm-up.</param>
/// <param name="To">Value after <paramref name="Steps"/>, and from then on.</param>
/// <param name="Steps">Length of the course, or of one cycle.</param>
/// <param name="Warmup">Steps over which the value first rises from 0 to <paramref name="From"/> in a straight line.</param>
public readonly record struct Schedule(ScheduleKind Kind, float From, float To, int Steps, int Warmup)
{
    /// <summary>The same value at every step.</summary>
    public static Schedule Constant(float value) => new(ScheduleKind.Constant, value, value, 1, 0);

    /// <summary>
    /// Whether 1 / value is finite in float32 at every step, as of a temperature it has to be. A course that falls by the same factor every step also has to
    /// have float32 hold what it falls by in all.
    /// </summary>
    public bool HasFiniteInverse
    {
        get
        {
            // Courses and warm-ups have their smallest values at their ends.
            return float.IsFinite(1f / At(1)) && float.IsFinite(1f / At(Warmup + 1)) && float.IsFinite(1f / At(LastChange)) && float.IsFinite(1f / To);
        }
    }

    /// <summary>The first step from which on the value stays; of cycles the first one's end.</summary>
    public int LastChange => Kind == ScheduleKind.Constant ? Warmup + 1 : (int)Math.Min(int.MaxValue, (long)Warmup + 1 + Steps);

    /// <summary>The value at <paramref name="step"/>, from 1.</summary>
    public float At(int step)
    {
        if (step <= Warmup)
            return From * step / (Warmup + 1f);
        int at = step - 1 - Warmup;
        if (Kind == ScheduleKind.Cyclical)
            at = 2 * (at % Steps);
        float progress = at >= Steps ? 1f : (float)at / Steps;
        float value = From;
        if (Kind == ScheduleKind.Linear || Kind == ScheduleKind.Cyclical)
            value = From + ((To - From) * progress);
        else if (Kind == ScheduleKind.Exponential)
            value = From * Elementary.Exp(progress * Elementary.Log(To / From));
        else if (Kind == ScheduleKind.Cosine)
            value = progress < 0.5f ? From + ((To - From) * SquaredSine(progress)) : To + ((From - To) * SquaredSine(1f - progress));
        return value;
    }

    // (1 - cos(pi p)) / 2 = sin^2(pi p / 2) for p in [0, 1/2], by the sine's Taylor series to the ninth power, which is right to 2e-9 there. From the nearer
    // end on both sides, so that the ends are exact: a cosine that is off by 4e-6 makes a rate that falls to 0 negative.
    private static float SquaredSine(float p)
    {
        float x = MathF.PI * 0.5f * p;
        float square = x * x;
        float sine = x * (1f + (square * (-1f / 6f + (square * (1f / 120f + (square * (-1f / 5040f + (square / 362880f))))))));
        return sine * sine;
    }
}
