using ILGPU;

namespace IlgpuVae.Runtime;

/// <summary>
/// Many launches as one kernel, for processors. Groups of one lane each go through the stages together: they claim a stage's shares one by one, and go on when all of them are done.
/// </summary>
/// <remarks>
/// Nobody promises that the groups run at the same time. So none waits for another to come: a group waits for claimed shares alone, and whoever claimed one is at work. A single group
/// would do everything by itself, and one that comes late finds nothing left to claim.
/// </remarks>
internal static class PersistentKernel
{
    // Counters stand a cache line of 64 bytes apart, so that who waits at one does not disturb who counts at another.
    private const int Spacing = 16;

    /// <summary>How many numbers, 0 before the first run, the progress through <paramref name="stages"/> stages takes.</summary>
    internal static int ProgressLength(int stages) => Left(stages) + 1;

    /// <summary>The kernel.</summary>
    internal static void Run<TKinds>(ArrayView<Stage> stages, ArrayView<int> progress, TKinds kinds)
        where TKinds : struct, IKinds
    {
        int count = stages.IntLength;
        for (int s = 0; s < count; s++)
        {
            Stage stage = stages[s];
            for (int share = SharedCounter.Increment(progress, Claimed(s)); share < stage.Shares; share = SharedCounter.Increment(progress, Claimed(s)))
            {
                kinds.Do(stage.Kind, stage.Member, share);
                SharedCounter.Increment(progress, Done(s));
            }

            while (SharedCounter.Read(progress, Done(s)) < stage.Shares)
            {
            }
        }

        // The last to leave prepares the next run, which begins behind this one.
        if (SharedCounter.Increment(progress, Left(count)) == Grid.DimX - 1)
        {
            for (int i = 0; i < progress.IntLength; i++)
                progress[i] = 0;
        }
    }

    private static int Claimed(int stage) => 2 * stage * Spacing;

    private static int Done(int stage) => Claimed(stage) + Spacing;

    private static int Left(int stages) => Claimed(stages);
}
