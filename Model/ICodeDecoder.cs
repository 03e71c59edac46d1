using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>All S joint codes decoded for a batch, and the table F [B, S] of the examples' log-likelihoods under them, with its backward pass.</summary>
internal interface ICodeDecoder
{
    /// <summary>S.</summary>
    int Count { get; }

    /// <summary>Decoder rows of one table.</summary>
    int Rows { get; }

    /// <summary>Records what depends on the codes alone; once for as many tables as the parameters stay the same for.</summary>
    void Decode(LaunchList list);

    /// <summary>Records logLikelihoods F [B, S] of the examples with <paramref name="statistic"/>, nats.</summary>
    void LogLikelihoods(LaunchList list, SufficientStatistic statistic, Matrix logLikelihoods);

    /// <summary>Records the decoder's gradient from dL/dF [B, S], after <see cref="LogLikelihoods"/> in the same list.</summary>
    void Backward(LaunchList list, SufficientStatistic statistic, Matrix logLikelihoodsGrad);
}
