namespace IlgpuVae.Training;

/// <summary>One way that a model sees for a context, or of all where it is told nothing.</summary>
/// <param name="Code">Category numbers [N].</param>
/// <param name="Probability">p(z | c), or p(z).</param>
/// <param name="Mean">Mean of p(x | c, z), or p(x | z), [D], in the data's own units.</param>
/// <param name="Deviation">Its standard deviation, [D], likewise.</param>
public sealed record Prediction(IReadOnlyList<int> Code, double Probability, IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation);
