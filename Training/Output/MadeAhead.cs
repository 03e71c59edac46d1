namespace IlgpuVae.Training.Output;

/// <summary>Batches that are made while those before them are written.</summary>
internal static class MadeAhead
{
    /// <summary>The same batches in the same order, one of them made ahead.</summary>
    public static IEnumerable<T> Of<T>(IEnumerable<T> batches)
        where T : class
    {
        using IEnumerator<T> source = batches.GetEnumerator();
        Task<T?> next = Start();
        try
        {
            while (next.GetAwaiter().GetResult() is { } batch)
            {
                next = Start();
                yield return batch;
            }
        }
        finally
        {
            // Whoever gives up early must not take away what the next batch is still made with; that it fails too is then of no interest.
            ((IAsyncResult)next).AsyncWaitHandle.WaitOne();
        }

        Task<T?> Start() => Task.Run(() => source.MoveNext() ? source.Current : null);
    }
}
