using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>For binary variables: a pair of antithetic samples an example. Unbiased, two decoded rows.</summary>
/// <remarks>Z. Dong, A. Mnih, G. Tucker, NeurIPS 2020.</remarks>
public sealed class DisarmEstimator : Estimator
{
    private const int Pair = 2;

    private readonly Posterior posterior;
    private readonly DecodedRows rows;
    private readonly Codes codes;

    /// <summary>Reserves its memory.</summary>
    /// <exception cref="InputException">The variables are not binary.</exception>
    public DisarmEstimator(Posterior posterior)
    {
        if (posterior.Vae.Design.Categories != 2)
            throw new InputException($"disarm is for 2 categories, not {posterior.Vae.Design.Categories}. Use --categories 2, or --estimator reinforce.");
        this.posterior = posterior;
        rows = posterior.BindRows(Pair * posterior.Batch);
        codes = posterior.Vae.HardCodes(Pair * posterior.Batch);
    }

    /// <inheritdoc/>
    public override string Name => "disarm";

    /// <inheritdoc/>
    public override int DecodedRows => codes.Rows;

    /// <inheritdoc/>
    public override Matrix Reconstruction => rows.LogLikelihood;

    /// <inheritdoc/>
    public override void Record(LaunchList list)
    {
        Disarm.Sample(list, posterior.State, posterior.Logits, codes, posterior.Seed);
        rows.Forward(list, codes, posterior.Statistic, -posterior.ExampleWeight / Pair);
        rows.Backward(list, codes, null);
        posterior.RecordKl(list);
        Disarm.Backward(list, codes, rows.LogLikelihood, posterior.Logits, posterior.LogitsGrad, posterior.ExampleWeight);
    }
}
