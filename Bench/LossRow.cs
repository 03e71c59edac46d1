namespace IlgpuVae.Bench;

/// <summary>A loss of the same state on every side of a comparison, so that it can be seen to be the same work; the peers write the same rows.</summary>
/// <param name="Provider">Who computed it.</param>
/// <param name="Work">What.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="First">Negative ELBO of <see cref="SameState"/>, nats per example.</param>
/// <param name="Last">The same after <see cref="SameState.Steps"/> training steps on the same batch; null where nothing is trained.</param>
public sealed record LossRow(string Provider, string Work, string Shape, double First, double? Last);
