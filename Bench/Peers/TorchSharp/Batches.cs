using IlgpuVae.Bench;
using TorchSharp;
using static TorchSharp.torch;

namespace IlgpuVae.TorchSharpPeer;

/// <summary>Shuffled batches of a data set; with as many examples as a batch, the same batch in another order at every step.</summary>
internal sealed class Batches : IHeld
{
    internal const int Width = 784;

    private readonly int size;
    private readonly Tensor data;
    private Tensor? order;
    private long position;

    internal Batches(int examples, int size)
    {
        this.size = size;
        data = tensor(SameState.Pixels(examples, Width), examples, Width);
        position = examples;
    }

    public long Bytes => data.NumberOfElements * data.ElementSize;

    /// <summary>The next batch [B, 784].</summary>
    internal Tensor Next()
    {
        if (position + size > data.shape[0])
        {
            order?.Dispose();
            order = randperm(data.shape[0]).DetachFromDisposeScope();
            position = 0;
        }

        using Tensor rows = order!.narrow(0, position, size);
        position += size;
        return data.index_select(0, rows);
    }

    public void Dispose()
    {
        order?.Dispose();
        data.Dispose();
    }
}
