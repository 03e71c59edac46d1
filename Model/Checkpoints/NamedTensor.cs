namespace IlgpuVae.Model.Checkpoints;

/// <summary>A tensor of a checkpoint.</summary>
/// <param name="Name">Its name, such as <c>encoder.0.weight</c>.</param>
/// <param name="Shape">Its dimensions, outermost first; empty for a single number.</param>
/// <param name="Values">Its numbers, row-major, as many as the product of <paramref name="Shape"/>.</param>
public sealed record NamedTensor(string Name, int[] Shape, float[] Values);
