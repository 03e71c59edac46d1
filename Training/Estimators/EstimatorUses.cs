namespace IlgpuVae.Training.Estimators;

/// <summary>Which of <see cref="EstimatorSettings"/> an estimator takes.</summary>
[Flags]
internal enum EstimatorUses
{
    None = 0,
    Samples = 1,
    Objective = 2,
    Baseline = 4,
    NormaliseVariance = 8,

    // And whether it is tuned.
    ControlScale = 16,
    ControlNetwork = 32,
    ControlRate = 64,
    Draws = 128,
    Signal = 256,
}
