using System.Diagnostics;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests;

/// <summary>The processor's threads: every share done once, faults that reach the caller, and nothing used up while there is nothing to do.</summary>
public sealed class ProcessorTeamTests
{
    private static readonly int[] Counts = [0, 1, 2, 3, 8, 61];

    [Test]
    public void Shares_AreDoneExactlyOnce([Values(1, 2, 3, 7)] int threads)
    {
        using ProcessorTeam team = new(threads);
        Assert.That(team.Threads, Is.EqualTo(threads));
        for (int launch = 0; launch < 4000; launch++)
        {
            Counting shares = new(Counts[launch % Counts.Length]);
            team.Do(shares);

            // Read at once: whoever comes back too early sees a share that is not done.
            Assert.That(shares.Done, Is.All.EqualTo(1), $"launch {launch} of {shares.Count} shares");
        }
    }

    /// <summary>A launch reads what the one before it wrote, by whichever thread.</summary>
    [Test]
    public void Launches_SeeWhatWasWrittenBefore([Values(2, 3)] int threads)
    {
        using ProcessorTeam team = new(threads);
        int[] from = [.. Enumerable.Range(0, 16)], to = new int[16];
        for (int launch = 0; launch < 4000; launch++)
        {
            team.Do(new Rotating(from, to));
            (from, to) = (to, from);
        }

        Assert.That(from, Is.EqualTo(Enumerable.Range(0, 16).Select(i => ((i + 4000) % 16) + 4000)));
    }

    [Test]
    public void Fault_ReachesTheCallerAndTheTeamGoesOn([Values(1, 2, 3)] int threads)
    {
        using ProcessorTeam team = new(threads);
        for (int round = 0; round < 100; round++)
        {
            Exception fault = Assert.Catch(() => team.Do(new Failing(20, round % 20)))!;
            Assert.That(fault is AggregateException both ? both.InnerException : fault, Is.TypeOf<InvalidOperationException>().With.Message.EqualTo("share"));
            Counting shares = new(20);
            team.Do(shares);
            Assert.That(shares.Done, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void IdleTeam_TakesNoProcessorTime()
    {
        using ProcessorTeam team = new(7);
        team.Do(new Counting(50));
        Thread.Sleep(100);
        using Process process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        Thread.Sleep(500);
        process.Refresh();

        // Six threads that stayed awake would take at least the half second of one processor; other tests' leavings take a little.
        Assert.That((process.TotalProcessorTime - before).TotalMilliseconds, Is.LessThan(250));
    }

    [Test]
    public void SleepingTeam_WakesForWork()
    {
        using ProcessorTeam team = new(3);
        for (int round = 0; round < 20; round++)
        {
            Thread.Sleep(5);
            Counting shares = new(9);
            team.Do(shares);
            Assert.That(shares.Done, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void SleepingTeam_CanBeDisposed()
    {
        ProcessorTeam team = new(4);
        team.Do(new Counting(9));
        Thread.Sleep(50);
        Task disposed = Task.Run(team.Dispose);
        Assert.That(disposed.Wait(TimeSpan.FromSeconds(30)), "the threads did not end");
    }

    [Test]
    public void UnusedTeam_CanBeDisposedAtOnce([Values(1, 4)] int threads) => Assert.That(() => new ProcessorTeam(threads).Dispose(), Throws.Nothing);

    [Test]
    public void Device_CanBeDisposedTwice()
    {
        ComputeDevice device = ComputeDevice.Open("cpu", threads: 2);
        device.Dispose();
        Assert.That(device.Dispose, Throws.Nothing);
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(100_000)]
    public void NoSuchNumberOfThreads_IsRefused(int threads) => Assert.That(
        () => ComputeDevice.Open("cpu", threads: threads).Dispose(), Throws.TypeOf<InputException>().With.Message.Contains($"{threads} threads"));

    [Test]
    public void Device_HasTheThreadsAskedFor()
    {
        using ComputeDevice three = ComputeDevice.Open("cpu", threads: 3), usual = ComputeDevice.Open("cpu");
        Assert.That((three.Threads, usual.Threads), Is.EqualTo((3, Environment.ProcessorCount)));
    }

    private sealed class Counting(int count) : IShares
    {
        internal int[] Done { get; } = new int[count];

        public int Count => Done.Length;

        public void Do(int share) => Interlocked.Increment(ref Done[share]);
    }

    // Each share reads what another one wrote in the launch before.
    private sealed class Rotating(int[] from, int[] to) : IShares
    {
        public int Count => to.Length;

        public void Do(int share) => to[share] = from[(share + 1) % from.Length] + 1;
    }

    private sealed class Failing(int count, int bad) : IShares
    {
        public int Count => count;

        public void Do(int share)
        {
            if (share == bad)
                throw new InvalidOperationException("share");
        }
    }
}
