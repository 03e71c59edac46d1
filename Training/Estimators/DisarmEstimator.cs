using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>For binary variables: a pair of antithetic samples an example. Unbiased, two decoded rows.</summary>
/// <remarks>Z. Dong, A. Mnih, G. Tucker, NeurIPS 2020.</remarks>
internal sealed class DisarmEstimator : Estimator
{
    private const int Pair = 2;

    private readonly RowDecoder rows;
    private readonly Codes codes;

    /// <exception cref="InputException">The variables are not binary.</exception>
    public DisarmEstimator(EstimatorInputs inputs)
        : base(inputs)
    {
        RequireBinary(inputs.Vae.Design);
        rows = inputs.BindRows(Pair * inputs.Batch);
        codes = inputs.Vae.HardCodes(Pair * inputs.Batch);
    }

    /// <inheritdoc/>
    public override string Name => "disarm";

    /// <inheritdoc/>
    public override int DecodedRows => codes.Rows;

    /// <inheritdoc/>
    public override Matrix Reconstruction => rows.LogLikelihood;

    /// <inheritdoc/>
    protected override void RecordRows(LaunchList list)
    {
        Disarm.Sample(list, Inputs.State, Inputs.Latent.Logits, codes, Inputs.Seed);
        rows.Forward(list, codes, Inputs.Statistic, -Inputs.ExampleWeight / Pair);
        rows.Backward(list, codes, null);
        Disarm.Backward(list, codes, rows.LogLikelihood, Inputs.Latent.Logits, Inputs.Latent.LogitsGrad, Inputs.ExampleWeight);
    }

    /// <summary>Checks that the variables are binary.</summary>
    /// <exception cref="InputException">They are not.</exception>
    internal static void RequireBinary(VaeDesign design)
    {
        if (design.Categories != 2)
        {
            throw new InputException(
                $"disarm is for 2 categories, not {design.Categories}. Use {Setting.Of(nameof(design.Categories), 2)}, or "
                    + $"{Setting.Of(nameof(TrainingOptions.Estimator), "reinforce")}.");
        }
    }
}
