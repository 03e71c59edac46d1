using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>All that a likelihood has to know of B examples: log p(x | z) = log h(x) + T(x) . eta(z) - c(z).</summary>
/// <param name="Values">T(x) [B, T].</param>
/// <param name="LogBase">The base measure's log h(x) [B, 1], nats, or null where it is 0.</param>
public sealed record SufficientStatistic(Matrix Values, Matrix? LogBase = null);
