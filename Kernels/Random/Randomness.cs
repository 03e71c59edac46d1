namespace IlgpuVae.Kernels;

/// <summary>Who draws random numbers: each use has a stream of its own, so that no two ever see the same numbers.</summary>
public enum Randomness
{
    /// <summary>The order of the examples in an epoch.</summary>
    Shuffle = 0,

    /// <summary>Pixels drawn from grey levels.</summary>
    Binarise = 1,

    /// <summary>The training estimator's samples.</summary>
    Codes = 2,

    /// <summary>Evaluation's samples.</summary>
    Evaluation = 3,

    /// <summary>Samples from the prior.</summary>
    Prior = 4,

    /// <summary>Initial parameters.</summary>
    Initialisation = 5,

    /// <summary>Noise given which category won.</summary>
    ConditionalCodes = 6,
}
