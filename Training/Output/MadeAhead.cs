using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace IlgpuVae.Training.Output;

/// <summary>
/// Batches that are made while those before them are written: one is ahead. One thread makes all of them, and it ends with them, because a device is bound to
/// the threads that use it.
/// </summary>
internal static class MadeAhead
{
    /// <summary>The same batches in the same order. Whoever gives up early waits until none is being made any more.</summary>
    public static IEnumerable<T> Of<T>(IEnumerable<T> batches)
        where T : class
    {
        using Maker<T> maker = new(batches);
        maker.Start();
        while (maker.Take() is { } batch)
        {
            maker.Start();
            yield return batch;
        }
    }

    private sealed class Maker<T> : IDisposable
        where T : class
    {
        private readonly IEnumerator<T> source;
        private readonly SemaphoreSlim wanted = new(0), made = new(0);
        private readonly Thread thread;
        private T? next;
        private ExceptionDispatchInfo? failure;
        private volatile bool isGivenUp;

        public Maker(IEnumerable<T> batches)
        {
            source = batches.GetEnumerator();
            thread = new Thread(Make) { IsBackground = true, Name = "batches ahead" };
            thread.Start();
        }

        /// <summary>Has the next one made.</summary>
        public void Start() => _ = wanted.Release();

        /// <summary>Waits for it; null at the end.</summary>
        public T? Take()
        {
            made.Wait();
            failure?.Throw();
            return next;
        }

        public void Dispose()
        {
            isGivenUp = true;
            Start();
            thread.Join();
            source.Dispose();
            wanted.Dispose();
            made.Dispose();
        }

        [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever goes wrong reaches who asked for the batch.")]
        private void Make()
        {
            bool hasMore = true;
            for (wanted.Wait(); hasMore && !isGivenUp; wanted.Wait())
            {
                try
                {
                    hasMore = source.MoveNext();
                    next = hasMore ? source.Current : null;
                }
                catch (Exception thrown)
                {
                    hasMore = false;
                    failure = ExceptionDispatchInfo.Capture(thrown);
                }

                _ = made.Release();
            }
        }
    }
}
