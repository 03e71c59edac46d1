using ILGPU.Runtime;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Training.Data;

namespace IlgpuVae.Training.Steps;

/// <summary>
/// The part of a data set that is on the device while the set streams through it: two chunks of C rows each. Steps read one while a background thread gathers
/// the next on the host, in the order in which it will be read, and copies it on a stream of its own. Position p of the sequence of examples is row p mod 2 C,
/// so the step alone says where its batch lies, and the recorded step stays as it is.
/// </summary>
internal sealed class ExampleWindow : IDisposable
{
    /// <summary>One that is read and one that is filled.</summary>
    internal const int Chunks = 2;

    // Rows that one thread gathers at a time.
    private const int GatheredTogether = 256;

    private readonly ComputeDevice device;
    private readonly AcceleratorStream copies;
    private readonly BatchOrder order;
    private readonly ulong seed;
    private readonly int count, chunkRows;
    private readonly ParallelOptions gathering;
    private readonly long[] held = [-1, -1];
    private Task filling = Task.CompletedTask;
    private long current = -1;

    /// <summary>Reserves the memory for a set and its contexts.</summary>
    /// <param name="device">The device.</param>
    /// <param name="arena">Its memory; the window is disposed with it.</param>
    /// <param name="data">The set.</param>
    /// <param name="order">The order in which steps read it.</param>
    /// <param name="seed">The key of a shuffled order.</param>
    /// <param name="batch">B: a chunk is a whole number of batches.</param>
    /// <param name="chunkBytes">The most bytes a chunk takes, unless a single batch takes more.</param>
    internal ExampleWindow(ComputeDevice device, Arena arena, DataSet data, BatchOrder order, ulong seed, int batch, long chunkBytes)
    {
        this.device = device;
        this.order = order;
        this.seed = seed;
        count = data.Count;
        long rowBytes = data.RowBytes + (data.Context?.RowBytes ?? 0);
        long batches = Math.Max(1, chunkBytes / (rowBytes * batch));
        if (order == BatchOrder.Sequential)
            batches = Math.Min(batches, (count + batch - 1L) / batch);
        chunkRows = checked((int)(batches * batch));
        Rows = checked(Chunks * chunkRows);

        // On a processor that computes, every thread that gathers is one taken from it.
        gathering = new ParallelOptions { MaxDegreeOfParallelism = device.Style == LaunchStyle.Processor ? 1 : Environment.ProcessorCount };
        copies = device.Accelerator.CreateStream();
        arena.DisposeFirst(this);
        Examples = new StreamedRows(device, arena, data, chunkRows);
        Contexts = data.Context is { } context ? new StreamedRows(device, arena, context, chunkRows) : null;
    }

    /// <summary>2 C.</summary>
    internal int Rows { get; }

    /// <summary>The examples' rows.</summary>
    internal StreamedRows Examples { get; }

    /// <summary>Their contexts' rows, or null.</summary>
    internal StreamedRows? Contexts { get; }

    /// <summary>Whether steps in this order are what the window is filled for.</summary>
    internal bool Follows(BatchOrder order, ulong seed) => order == this.order && (order == BatchOrder.Sequential || seed == this.seed);

    /// <summary>
    /// Sees to it that the batch of a step is on the device: to be called before each step is enqueued. It waits at the beginning of a chunk, for that
    /// chunk's copy and for the steps of the chunk before, whose place the next one takes.
    /// </summary>
    /// <exception cref="ArgumentException">The batch lies in two chunks.</exception>
    internal void Fetch(int step, int batch)
    {
        long first = BatchGather.FirstPosition(order, step, batch);
        long chunk = first / chunkRows;
        if ((first + batch - 1) / chunkRows != chunk)
            throw new ArgumentException(
                $"positions {first} to {first + batch - 1} lie in two chunks of {chunkRows} rows: a chunk has to be a whole number of batches.", nameof(batch));
        if (chunk == current)
            return;

        filling.GetAwaiter().GetResult();
        device.Wait();
        if (held[chunk % Chunks] != chunk)
            Fill(chunk);
        current = chunk;
        long next = chunk + 1;
        if (held[next % Chunks] != next && RowsOf(next) > 0)
            filling = Task.Run(() => Fill(next));
    }

    public void Dispose()
    {
        // What went wrong in the background does not matter any more.
        filling.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        Examples?.Dispose();
        Contexts?.Dispose();
        copies.Dispose();
    }

    // Of a chunk's rows those that have an example: all but at the end of a sequence that ends.
    private int RowsOf(long chunk) => order == BatchOrder.Sequential ? (int)Math.Clamp(count - (chunk * chunkRows), 0, chunkRows) : chunkRows;

    private void Fill(long chunk)
    {
        long place = chunk % Chunks;
        held[place] = -1;
        int rows = RowsOf(chunk);
        long first = chunk * chunkRows;
        Parallel.For(0, (rows + GatheredTogether - 1) / GatheredTogether, gathering, block =>
        {
            for (int row = block * GatheredTogether; row < Math.Min(rows, (block + 1) * GatheredTogether); row++)
            {
                int example = order == BatchOrder.Sequential ? (int)(first + row) : BatchGather.ShuffledExample(first + row, count, seed);
                Examples.Stage(row, example);
                Contexts?.Stage(row, example);
            }
        });
        Examples.Copy(copies, (int)place);
        Contexts?.Copy(copies, (int)place);
        copies.Synchronize();
        held[place] = chunk;
    }
}
