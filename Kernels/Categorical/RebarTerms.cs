using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>What REBAR's and RELAX's sampling writes and their pull-back reads. B examples, N variables, K categories, P probe rows an example.</summary>
internal readonly record struct RebarSample
{
    /// <summary>Logits l [B, N K].</summary>
    public required Matrix Logits { get; init; }

    /// <summary>The hard samples b = argmax s, s = l + Gumbel noise, B codes.</summary>
    public required Codes Codes { get; init; }

    /// <summary>s less its largest, [B, N K]: 0 at the winner, negative elsewhere.</summary>
    public required Matrix Gaps { get; init; }

    /// <summary>
    /// Relaxed samples y = softmax(s / t), [B P, N K], rows [example, probe]: probe 0 at the temperature t in force, probe 1, where there is one, at
    /// t e^<see cref="Rebar.TemperatureStep"/>.
    /// </summary>
    public required Matrix Probes { get; init; }

    /// <summary>
    /// Tuned settings [1, 2]: the scale of the control variate is eta = <see cref="InitialScale"/> + control[0], the temperature t = Temperature e^control[1]
    /// with the step's Temperature.
    /// </summary>
    public required Matrix Control { get; init; }

    /// <summary>eta before any tuning.</summary>
    public required float InitialScale { get; init; }

    /// <summary>P.</summary>
    public int ProbesPerExample => Probes.Rows / Codes.Rows;
}

/// <summary>What the pull-back of <see cref="Rebar"/> reads and writes beside the sample.</summary>
internal readonly record struct RebarSignals
{
    /// <summary>Scratch [B P N, 4]: the sums over each probe's variables that the pull-back needs.</summary>
    public required Matrix Sums { get; init; }

    /// <summary>f(b) [B, 1], nats.</summary>
    public required Matrix LogLikelihood { get; init; }

    /// <summary>f(y) of each probe, [B P, 1], nats.</summary>
    public required Matrix ProbeLogLikelihood { get; init; }

    /// <summary>-(1 / B) df/dy of each probe, [B P, N K].</summary>
    public required Matrix ProbesGrad { get; init; }

    /// <summary>RELAX's r(y) of each probe, [B P, 1], or null.</summary>
    public Matrix? Network { get; init; }

    /// <summary>-(1 / B) dr/dy of each probe, [B P, N K], or null.</summary>
    public Matrix? NetworkGrad { get; init; }

    /// <summary>dL/dl [B, N K]; the estimate is added.</summary>
    public required Matrix LogitsGrad { get; init; }

    /// <summary>Where to leave the estimate of dL/dl by itself, -(1 / B) dE[f]/dl [B, N K], or null.</summary>
    public Matrix? Estimate { get; init; }

    /// <summary>
    /// Where to leave d |h|^2 / d control of each variable, h the estimate, [B N, 2], or null; their sums drive the tuning. For the temperature it is
    /// 2 h (h' - h) / <see cref="Rebar.TemperatureStep"/>, h' the estimate at the second probe.
    /// </summary>
    public Matrix? ControlSlopes { get; init; }
}
