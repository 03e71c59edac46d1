using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// The contexts c [B, C] of a batch at work in a conditional model: the decoder's share of them, and the logits of p(z | c) where the prior is conditional.
/// Made once a batch; all rows of the batch refer to it.
/// </summary>
internal sealed class ContextRows
{
    private readonly LayerPass? prior;

    internal ContextRows(Matrix values, LayerContext decoder, LayerPass? prior)
    {
        Values = values;
        Decoder = decoder;
        this.prior = prior;
    }

    /// <summary>c [B, C].</summary>
    public Matrix Values { get; }

    /// <summary>The conditional prior's logits [B, N K], or null where the prior sees nothing of c.</summary>
    public Matrix? PriorLogits => prior?.Output;

    internal LayerContext Decoder { get; }

    /// <summary>Records what follows from c alone.</summary>
    public void Forward(LaunchList list)
    {
        Decoder.Forward(list);
        prior?.Forward(list, Values);
    }

    /// <summary>Records the gradients of the decoder's weights of c, after the backward pass of all rows.</summary>
    public void BackwardDecoder(LaunchList list) => Decoder.Backward(list);

    /// <summary>Records the prior network's gradients from that of its logits, [B, N K], which may be overwritten.</summary>
    public void BackwardPrior(LaunchList list, Matrix logitsGrad) =>
        (prior ?? throw new InvalidOperationException("the prior is not conditional."))
            .Backward(list, Values, logitsGrad, null, default, ParameterGradients.Write);
}
