using IlgpuVae.Kernels;
using IlgpuVae.Model;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Estimators;

/// <summary>
/// The score function with the relaxed sample's log-likelihood as control variate: rebar, and with a network r(y) added to it, relax. Unbiased whatever the
/// scale eta, the temperature and the network. One decoded row trains the decoder; a probe row (two while the temperature is tuned) gives gradients with
/// respect to its code only.
/// </summary>
/// <remarks>G. Tucker et al., NeurIPS 2017; W. Grathwohl et al., ICLR 2018.</remarks>
internal sealed class RebarEstimator : Estimator
{
    private readonly bool tuned;
    private readonly RowDecoder rows, probeRows;
    private readonly RebarSample sample;
    private readonly RebarSignals signals;
    private readonly RelaxNetwork? network;
    private readonly ParameterSet own = new();
    private readonly Parameter control;

    /// <param name="inputs">What it works on.</param>
    /// <param name="scale">eta, to begin with.</param>
    /// <param name="tuned">Whether eta and the temperature are tuned on the variance of the estimate while training.</param>
    /// <param name="networkWidths">Hidden layers of relax's network; null for rebar.</param>
    /// <param name="rate">Step size of what it trains for itself.</param>
    public RebarEstimator(EstimatorInputs inputs, float scale, bool tuned, IReadOnlyList<int>? networkWidths, float rate)
        : base(inputs)
    {
        this.tuned = tuned;
        AuxiliaryRate = rate;
        (Arena arena, int batch, int width) = (inputs.Vae.Arena, inputs.Batch, inputs.Vae.CodeWidth);
        int probes = batch * (tuned ? 2 : 1);
        rows = inputs.BindRows(batch);
        probeRows = inputs.BindRows(probes);
        control = own.Declare("control", 1, 2, ParameterLayout.Matrix, ParameterStart.Zero);
        BuiltLayer? layers = networkWidths is null ? null : RelaxNetwork.Declare(own, width, networkWidths);
        own.Allocate(inputs.Vae.Device, arena, ~inputs.Seed);
        sample = new RebarSample
        {
            Logits = inputs.Latent.Logits,
            Codes = inputs.Vae.HardCodes(batch),
            Gaps = arena.Matrix(batch, width, MemoryUse.Codes),
            Probes = arena.Matrix(probes, width, MemoryUse.Codes),
            Control = control.Value,
            InitialScale = scale,
        };
        network = layers is null ? null : new RelaxNetwork(layers, inputs, sample);
        signals = new RebarSignals
        {
            Sums = arena.Matrix(probes * inputs.Vae.Design.Latents, 4, MemoryUse.Codes),
            LogLikelihood = rows.LogLikelihood,
            ProbeLogLikelihood = probeRows.LogLikelihood,
            ProbesGrad = arena.Matrix(probes, width, MemoryUse.Codes),
            Network = network?.Values,
            NetworkGrad = network?.CodesGrad,
            LogitsGrad = inputs.Latent.LogitsGrad,
            Estimate = network?.Estimate,
            ControlSlopes = tuned ? arena.Matrix(batch * inputs.Vae.Design.Latents, 2, MemoryUse.Codes) : null,
        };
    }

    /// <inheritdoc/>
    public override string Name => network is null ? "rebar" : "relax";

    /// <inheritdoc/>
    public override int DecodedRows => sample.Codes.Rows + sample.Probes.Rows;

    /// <inheritdoc/>
    public override Matrix Reconstruction => rows.LogLikelihood;

    /// <inheritdoc/>
    public override ParameterSet? Auxiliary => tuned || network is not null ? own : null;

    /// <inheritdoc/>
    public override float AuxiliaryRate { get; }

    /// <inheritdoc/>
    protected override void RecordRows(LaunchList list)
    {
        int n = Inputs.Vae.Design.Latents;
        Rebar.Sample(list, Inputs.State, sample, n, Inputs.Seed);
        rows.Forward(list, sample.Codes, Inputs.Statistic, -Inputs.ExampleWeight);
        rows.Backward(list, sample.Codes, null);
        Codes probes = Codes.Relaxed(sample.Probes, n);
        probeRows.Forward(list, probes, Inputs.Statistic, -Inputs.ExampleWeight);
        probeRows.Backward(list, probes, signals.ProbesGrad, ParameterGradients.Skip);
        network?.RecordValues(list);
        Rebar.Backward(list, Inputs.State, sample, signals, n, Inputs.ExampleWeight);
        if (signals.ControlSlopes is { } slopes)
            ColumnSum.Record(list, slopes, control.Gradient);
        network?.RecordTraining(list);
    }
}
