using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace IlgpuVae.Runtime;

/// <summary>
/// The threads that do launches on the processor: the caller and its helpers claim a launch's shares one by one, and the caller goes on when all of them are
/// done. So every launch sees what the one before it wrote. Helpers wait awake for about a millisecond and then sleep: an idle program takes no processor time.
/// </summary>
internal sealed class ProcessorTeam : IDisposable
{
    // Far longer than the host takes between two launches of a step, and far shorter than anybody notices.
    private static readonly long awakeTicks = Stopwatch.Frequency / 1000;

    private readonly Lock turn = new();
    private readonly Thread[] helpers;
    private readonly SemaphoreSlim bell = new(0);
    private IShares? work;
    private Exception? failure;
    private Counters counters;
    private volatile bool isClosing;

    /// <summary>Starts the helpers.</summary>
    /// <param name="threads">How many threads there are, the caller of <see cref="Do"/> among them.</param>
    internal ProcessorTeam(int threads)
    {
        helpers = new Thread[threads - 1];
        for (int i = 0; i < helpers.Length; i++)
        {
            helpers[i] = new Thread(Help) { IsBackground = true, Name = $"processor team {i + 1}" };
            helpers[i].Start();
        }
    }

    /// <summary>How many threads there are, the caller among them.</summary>
    internal int Threads => helpers.Length + 1;

    /// <summary>Does all shares of <paramref name="shares"/> and returns when they are done.</summary>
    internal void Do(IShares shares)
    {
        int count = shares.Count;
        if (count <= 1 || helpers.Length == 0)
        {
            for (int share = 0; share < count; share++)
                shares.Do(share);
            return;
        }

        lock (turn)
        {
            work = shares;
            counters.Unfinished = count;
            Volatile.Write(ref counters.Unclaimed, count);
            WakeSleepers();
            DoClaimed();
            SpinWait waiting = default;
            while (Volatile.Read(ref counters.Unfinished) > 0)
                waiting.SpinOnce(sleep1Threshold: -1);
            if (Interlocked.Exchange(ref failure, null) is { } fault)
                throw new AggregateException(fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A second time, as of the device, is no fault.
        if (isClosing)
            return;
        isClosing = true;
        bell.Release(Threads);
        foreach (Thread helper in helpers)
            helper.Join();
        bell.Dispose();
    }

    // Who claims a share keeps the launch from ending, so the work cannot change before it is done. Who comes late finds nothing to claim.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a share throws reaches who asked for the launch.")]
    private void DoClaimed()
    {
        for (int share = Interlocked.Decrement(ref counters.Unclaimed); share >= 0; share = Interlocked.Decrement(ref counters.Unclaimed))
        {
            try
            {
                work!.Do(share);
            }
            catch (Exception fault)
            {
                failure = fault;
            }
            finally
            {
                Interlocked.Decrement(ref counters.Unfinished);
            }
        }
    }

    private void Help()
    {
        long awakeSince = Stopwatch.GetTimestamp();
        while (!isClosing)
        {
            if (Volatile.Read(ref counters.Unclaimed) > 0)
            {
                DoClaimed();
                awakeSince = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetTimestamp() - awakeSince < awakeTicks)
            {
                Thread.SpinWait(1);
            }
            else
            {
                Sleep();
                awakeSince = Stopwatch.GetTimestamp();
            }
        }
    }

    // The caller writes Unclaimed and then reads Asleep, a helper the other way round, with a full fence between: one of the two sees the other.
    private void Sleep()
    {
        Interlocked.Increment(ref counters.Asleep);
        if (Volatile.Read(ref counters.Unclaimed) <= 0 && !isClosing)
            bell.Wait();
        Interlocked.Decrement(ref counters.Asleep);
    }

    private void WakeSleepers()
    {
        Interlocked.MemoryBarrier();
        int missing = Volatile.Read(ref counters.Asleep) - bell.CurrentCount;
        if (missing > 0)
            bell.Release(missing);
    }

    // Two cache lines apart, so that who waits at one does not disturb who counts at another.
    [StructLayout(LayoutKind.Explicit, Size = 512)]
    private struct Counters
    {
        [FieldOffset(128)]
        internal int Unclaimed;

        [FieldOffset(256)]
        internal int Unfinished;

        [FieldOffset(384)]
        internal int Asleep;
    }
}
