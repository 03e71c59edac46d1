namespace IlgpuVae.Training.Runs;

/// <summary>Which of a run's parameters to use.</summary>
public enum RunCheckpoint
{
    /// <summary>Those of the last step that was saved, which training continues from.</summary>
    Last,

    /// <summary>Those of the step with the largest ELBO on held-out examples.</summary>
    Best,
}

/// <summary>The step of a run that did best on held-out examples.</summary>
/// <param name="Step">Steps done by then.</param>
/// <param name="Elbo">Its ELBO on the examples that evaluations on the way look at, nats.</param>
public sealed record BestStep(int Step, double Elbo);
