using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// The decoder on R rows of codes, R / B rows an example, with the likelihood of each row under its own example: what every estimator that samples needs.
/// </summary>
public sealed class RowDecoder
{
    private readonly DiscreteVae vae;
    private readonly LayerPass decoder;
    private readonly Matrix? outputsGrad;

    /// <summary>Reserves the memory for <paramref name="rows"/> rows, of the examples with <paramref name="context"/> where the model is conditional.</summary>
    internal RowDecoder(DiscreteVae vae, int rows, bool training, ContextRows? context = null)
    {
        this.vae = vae;
        decoder = vae.BindDecoder(rows, training, context);
        LogLikelihood = vae.Arena.Matrix(rows, 1, MemoryUse.Codes);
        if (training)
            outputsGrad = vae.Arena.Matrix(rows, decoder.Output.Columns, MemoryUse.Activations);
    }

    /// <summary>log p(x | code) of each row, [R, 1], nats.</summary>
    public Matrix LogLikelihood { get; }

    /// <summary>The decoder's outputs [R, W].</summary>
    public Matrix Outputs => decoder.Output;

    /// <summary>Records decoding and likelihood; for dL/df = <paramref name="weight"/>, the same for all rows, the outputs' gradient too.</summary>
    public void Forward(LaunchList list, Codes codes, SufficientStatistic statistic, float weight = 0f) =>
        Forward(list, codes, RowsOf(statistic) with { Weight = weight });

    /// <summary>The same with dL/df [R, 1] of each row.</summary>
    public void ForwardWeighted(LaunchList list, Codes codes, SufficientStatistic statistic, Matrix weights) =>
        Forward(list, codes, RowsOf(statistic) with { Weights = weights });

    /// <summary>
    /// Records the outputs' gradient for dL/df [R, 1] known only after <see cref="Forward(LaunchList, Codes, SufficientStatistic, float)"/> decoded the rows.
    /// </summary>
    public void Weigh(LaunchList list, SufficientStatistic statistic, Matrix weights) =>
        Likelihood(list, RowsOf(statistic) with { Weights = weights });

    /// <summary>Records the backward pass; codesGrad [R, N K] is null where no gradient reaches the codes. Probe rows skip the parameters.</summary>
    public void Backward(LaunchList list, Codes codes, Matrix? codesGrad, ParameterGradients parameters = ParameterGradients.Write) =>
        decoder.Backward(
            list, codes, outputsGrad ?? throw new InvalidOperationException("these rows were bound without a backward pass."), codesGrad, parameters);

    private LikelihoodRows RowsOf(SufficientStatistic statistic) =>
        new() { Outputs = decoder.Output, Statistic = statistic.Values, LogBase = statistic.LogBase, LogLikelihood = LogLikelihood, OutputsGrad = outputsGrad };

    private void Forward(LaunchList list, Codes codes, LikelihoodRows rows)
    {
        decoder.Forward(list, codes);
        Likelihood(list, rows);
    }

    private void Likelihood(LaunchList list, LikelihoodRows rows) => vae.Design.Likelihood.Rows(list, rows, vae.Design.DataWidth);
}
