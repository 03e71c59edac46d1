using System.Globalization;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training;

/// <summary>
/// Schedules as text: <c>0.001</c>, <c>linear:1:0.1</c>, <c>exponential:1:0.5:2000</c>, <c>cosine:1e-3:1e-5</c>, <c>cyclical:0:1:500</c>, each with
/// <c>,warmup=100</c> behind it if wanted. The last number of a course is its length in steps, the whole run when left out.
/// </summary>
internal static class ScheduleText
{
    /// <summary>Reads a schedule.</summary>
    /// <param name="text">The text.</param>
    /// <param name="totalSteps">Length of the run.</param>
    /// <param name="setting">The property it came from, for messages.</param>
    /// <param name="positive">Whether 0 is refused, and what is so small that its inverse is not finite.</param>
    /// <exception cref="InputException">The text is no schedule, or a value is out of range.</exception>
    public static Schedule Parse(string text, int totalSteps, string setting, bool positive)
    {
        Schedule schedule = Read(text, totalSteps, setting, positive);
        bool mayBeSmall = !positive && schedule.Kind != ScheduleKind.Exponential;
        return mayBeSmall || schedule.HasFiniteInverse
            ? schedule
            : throw new InputException(
                $"{Setting.Of(setting)} {text} becomes so small, or falls so far, that its inverse is not finite in float32. Keep it above 1e-37.");
    }

    /// <summary>The same schedule with its length written out, so that it stays as it is when the run becomes longer. Expects a schedule that parses.</summary>
    public static string WithLength(string text, int totalSteps)
    {
        Schedule schedule = Parse(text, totalSteps, "schedule", positive: false);
        string[] halves = text.Split(',', 2);
        return halves[0].Split(':').Length == 3
            ? string.Create(CultureInfo.InvariantCulture, $"{halves[0]}:{schedule.Steps}") + (halves.Length == 2 ? "," + halves[1] : string.Empty)
            : text;
    }

    private static Schedule Read(string text, int totalSteps, string setting, bool positive)
    {
        string[] halves = text.Split(',', 2);
        int warmup = 0;
        if (
            halves.Length == 2
                && !(
                    halves[1].StartsWith("warmup=", StringComparison.Ordinal)
                        && int.TryParse(halves[1].AsSpan(7), NumberStyles.None, CultureInfo.InvariantCulture, out warmup)))
            throw Wrong(text, setting);
        string[] parts = halves[0].Split(':');
        if (parts.Length == 1)
            return Schedule.Constant(Number(parts[0], text, setting, positive)) with { Warmup = warmup };

        if (
            parts.Length is not (3 or 4) || !Enum.TryParse(parts[0], true, out ScheduleKind kind) || kind == ScheduleKind.Constant
                || int.TryParse(parts[0], out _))
            throw Wrong(text, setting);
        int steps = Math.Max(1, totalSteps - warmup);
        if (parts.Length == 4 && (!int.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out steps) || steps < 1))
            throw Wrong(text, setting);
        bool mayNotBeZero = positive || kind == ScheduleKind.Exponential;
        return new Schedule(kind, Number(parts[1], text, setting, mayNotBeZero), Number(parts[2], text, setting, mayNotBeZero), steps, warmup);
    }

    private static float Number(string part, string text, string setting, bool positive)
    {
        if (!float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) || !float.IsFinite(value))
            throw Wrong(text, setting);
        if (value < 0 || (positive && value == 0))
            throw new InputException($"{Setting.Of(setting)} {text}: {part} is out of range. It has to be {(positive ? "above 0" : "at least 0")}.");
        return value;
    }

    private static InputException Wrong(string text, string setting) => new(
        $"{Setting.Of(setting)} {text} is no number and no schedule. Use a number, or linear:FROM:TO[:STEPS], exponential:..., cosine:..., "
            + $"cyclical:FROM:TO:STEPS, with "
            + ",warmup=STEPS behind it if wanted.");
}
