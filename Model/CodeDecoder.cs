using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// The decoder on all S joint codes, each decoded once, and the table F [B, S] of log-likelihoods of B examples as one matrix product. Memory is
/// S D + B S numbers, never B S D, and N S for the codes' numbers. For decoders that see the code alone; see <see cref="CodeDecoderByExample"/>.
/// </summary>
internal sealed class CodeDecoder : ICodeDecoder
{
    private readonly DiscreteVae vae;
    private readonly LayerPass decoder;
    private readonly Codes codes;
    private readonly Matrix natural, negativeLogNormaliser;
    private readonly Matrix? centre, naturalGrad, codeWeights, outputsGrad;

    // That of the examples in the table recorded last.
    private Matrix? naturalStatistic;

    /// <summary>Reserves the memory and writes the codes.</summary>
    /// <exception cref="InputException">The joint codes are too many to enumerate.</exception>
    public CodeDecoder(DiscreteVae vae, bool training)
    {
        this.vae = vae;
        VaeDesign design = vae.Design;
        Count = vae.RequireJointCodes();
        LaunchList setUp = new(vae.Device);
        codes = JointCodes.Enumerate(setUp, vae.HardCodes(Count));
        setUp.Replay();
        decoder = vae.BindDecoder(Count, training);
        int width = design.Likelihood.NaturalWidth(design.DataWidth);
        natural = design.Likelihood.OutputsAreNatural ? decoder.Output : vae.Arena.Matrix(Count, width, MemoryUse.Codes);
        negativeLogNormaliser = vae.Arena.Matrix(1, Count, MemoryUse.Codes);
        centre = UploadedCentre();
        if (training)
        {
            naturalGrad = vae.Arena.Matrix(Count, width, MemoryUse.Codes);
            codeWeights = vae.Arena.Matrix(1, Count, MemoryUse.Codes);
            outputsGrad = decoder.Output.Columns == width ? naturalGrad : vae.Arena.Matrix(Count, decoder.Output.Columns, MemoryUse.Codes);
        }
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public int Rows => Count;

    /// <summary>The decoder's outputs for every code, [S, W].</summary>
    public Matrix Outputs => decoder.Output;

    /// <inheritdoc/>
    public void Decode(LaunchList list)
    {
        decoder.Forward(list, codes);
        vae.Design.Likelihood.Natural(list, decoder.Output, centre, natural, negativeLogNormaliser, vae.Design.DataWidth);
    }

    /// <inheritdoc/>
    public void LogLikelihoods(LaunchList list, SufficientStatistic statistic, Matrix logLikelihoods)
    {
        Matrix t = NaturalStatistic(list, statistic.Values);
        MatMul.Record(list, t, Operand.Transpose(natural), logLikelihoods, new Epilogue { Bias = negativeLogNormaliser.View });
        if (statistic.LogBase is { } logBase)
            BaseMeasure.Add(list, logBase, logLikelihoods);
        naturalStatistic = t;
    }

    /// <inheritdoc/>
    public void Backward(LaunchList list, SufficientStatistic statistic, Matrix logLikelihoodsGrad)
    {
        if (naturalStatistic is not { } t)
            throw new InvalidOperationException("there is no table to go back from.");
        if (naturalGrad is not { } grad || codeWeights is not { } weights || outputsGrad is not { } outputs)
            throw new InvalidOperationException("these codes were bound without a backward pass.");
        MatMul.Record(list, Operand.Transpose(logLikelihoodsGrad), t, grad);
        ColumnSum.Record(list, logLikelihoodsGrad, weights);
        vae.Design.Likelihood.NaturalBackward(list, decoder.Output, centre, grad, weights, outputs, vae.Design.DataWidth);
        decoder.Backward(list, codes, outputs, null, ParameterGradients.Write);
    }

    private Matrix NaturalStatistic(LaunchList list, Matrix statistic)
    {
        Likelihood likelihood = vae.Design.Likelihood;
        if (!likelihood.HasNaturalStatistic)
            return statistic;
        Matrix own = vae.Arena.Matrix(statistic.Rows, natural.Columns, MemoryUse.Activations);
        likelihood.NaturalStatistic(list, statistic, centre, own);
        return own;
    }

    private Matrix? UploadedCentre()
    {
        if (vae.Design.Likelihood.Centre is not { } numbers)
            return null;
        Matrix uploaded = vae.Arena.Matrix(1, numbers.Count, MemoryUse.Codes);
        vae.Device.Upload<float>(uploaded.View, [.. numbers]);
        return uploaded;
    }
}
