using IlgpuVae.Kernels;

namespace IlgpuVae.Tests.Reference;

/// <summary>Schedules from their definition.</summary>
public static class ScheduleReference
{
    /// <summary>The value at <paramref name="step"/>, from 1.</summary>
    public static double At(Schedule schedule, int step)
    {
        if (step <= schedule.Warmup)
            return schedule.From * (step / (schedule.Warmup + 1.0));
        double from = schedule.From, to = schedule.To;
        int since = step - schedule.Warmup - 1;
        double progress = Math.Min(1.0, since / (double)schedule.Steps);
        return schedule.Kind switch
        {
            ScheduleKind.Linear => from + ((to - from) * progress),
            ScheduleKind.Exponential => from * Math.Pow(to / from, progress),
            ScheduleKind.Cosine => to + ((from - to) * (1 + Math.Cos(Math.PI * progress)) / 2),
            ScheduleKind.Cyclical => from + ((to - from) * Math.Min(1.0, 2.0 * (since % schedule.Steps) / schedule.Steps)),
            _ => from,
        };
    }
}
