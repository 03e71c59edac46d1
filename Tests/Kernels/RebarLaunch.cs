using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>REBAR's kernels on examples that are made here: draw, look at the sample, say what f and r were, pull back.</summary>
/// <param name="device">Where.</param>
/// <param name="arena">Memory.</param>
/// <param name="logits">[B, N K].</param>
/// <param name="n">N.</param>
/// <param name="k">K.</param>
/// <param name="probes">P.</param>
internal sealed class RebarLaunch(ComputeDevice device, Arena arena, float[] logits, int n, int k, int probes)
{
    private readonly GuardedCodes codes = new(device, arena, logits.Length / (n * k), n, k);
    private readonly GuardedMatrix gaps = new(device, arena, logits.Length / (n * k), n * k);
    private readonly GuardedMatrix relaxed = new(device, arena, logits.Length / (n * k) * probes, n * k);
    private readonly Matrix uploaded = Upload(device, arena, logits, n * k), control = arena.Matrix(1, 2, MemoryUse.Codes);
    private readonly ArrayView<StepState> state = arena.Allocate<StepState>(1, MemoryUse.Codes);

    /// <summary>Temperature of the step.</summary>
    public float Temperature { get; init; } = 1f;

    /// <summary>eta before any tuning.</summary>
    public float InitialScale { get; init; } = 1f;

    /// <summary>What tuning has added to eta and to log t.</summary>
    public float[] Control { get; init; } = [0f, 0f];

    /// <summary>Weight of an example.</summary>
    public float Scale { get; init; } = 1f;

    /// <summary>B.</summary>
    public int Examples { get; } = logits.Length / (n * k);

    /// <summary>N.</summary>
    public int N => n;

    /// <summary>K.</summary>
    public int K => k;

    /// <summary>P.</summary>
    public int Probes => probes;

    /// <summary>l.</summary>
    public float[] Logits => logits;

    /// <summary>eta in force.</summary>
    public double Eta => (double)InitialScale + Control[0];

    /// <summary>The step's state on the device.</summary>
    public ArrayView<StepState> State => state;

    /// <summary>What sampling wrote.</summary>
    public RebarSample Sample => new()
    {
        Logits = uploaded,
        Codes = codes.Codes,
        Gaps = gaps.Matrix,
        Probes = relaxed.Matrix,
        Control = control,
        InitialScale = InitialScale,
    };

    /// <summary>The temperature of a probe.</summary>
    public double TemperatureOf(int probe) => Temperature * Math.Exp(Control[1] + (probe * (double)Rebar.TemperatureStep));

    /// <summary>Draws codes, gaps and relaxed codes.</summary>
    public (float[] Codes, float[] Gaps, float[] Relaxed) Draw(int step, ulong seed)
    {
        device.Upload<float>(control.View, Control);
        device.Upload<StepState>(state, [new StepState { Step = step, Scheduled = { Temperature = Temperature } }]);
        Replay(list => Rebar.Sample(list, state, Sample, n, seed));
        return (codes.DownloadRows(), gaps.Download(), relaxed.Download());
    }

    /// <summary>dL/dl that starts as <paramref name="initial"/>, and the parts that are asked for.</summary>
    public (float[] LogitsGrad, float[]? Estimate, float[]? Slopes) Backward(RebarValues values, float[] initial, bool parts)
    {
        GuardedMatrix grad = new(device, arena, Examples, n * k);
        device.Upload<float>(grad.Matrix.View, initial);
        GuardedMatrix? estimate = parts ? new(device, arena, Examples, n * k) : null, slopes = parts
            && probes == 2 ? new(device, arena, Examples * n, 2) : null;
        Replay(
            list =>
                Rebar.Backward(
                    list,
                    state,
                    Sample,
                    Signals(values) with { LogitsGrad = grad.Matrix, Estimate = estimate?.Matrix, ControlSlopes = slopes?.Matrix },
                    n,
                    Scale));
        return (grad.Download(), estimate?.Download(), slopes?.Download());
    }

    /// <summary>Records, replays once and waits.</summary>
    public void Replay(Action<LaunchList> record)
    {
        LaunchList list = new(device);
        record(list);
        list.Replay();
        device.Wait();
    }

    /// <summary>Overwrites the gaps: to see what a wrong sample would do.</summary>
    public void ReplaceGaps(float[] values) => device.Upload<float>(gaps.Matrix.View, values);

    private static Matrix Upload(ComputeDevice device, Arena arena, float[] values, int columns)
    {
        Matrix matrix = arena.Matrix(values.Length / columns, columns, MemoryUse.Codes);
        device.Upload<float>(matrix.View, values);
        return matrix;
    }

    private RebarSignals Signals(RebarValues values) => new()
    {
        Sums = arena.Matrix(values.ProbeF.Length * n, 4, MemoryUse.Codes),
        LogLikelihood = Upload(device, arena, values.F, 1),
        ProbeLogLikelihood = Upload(device, arena, values.ProbeF, 1),
        ProbesGrad = Upload(device, arena, Weighted(values.ProbesGrad), n * k),
        Network = values.R is { } r ? Upload(device, arena, r, 1) : null,
        NetworkGrad = values.RGrad is { } g ? Upload(device, arena, Weighted(g), n * k) : null,
        LogitsGrad = default,
    };

    // The kernel is given gradients of the loss, -(1 / B) of those of f and r.
    private float[] Weighted(float[] gradient) => Array.ConvertAll(gradient, value => -Scale * value);
}

/// <summary>f(b) [B], and f, df/dy, and where there is a network r and dr/dy, of every probe.</summary>
internal sealed record RebarValues(float[] F, float[] ProbeF, float[] ProbesGrad, float[]? R = null, float[]? RGrad = null);
