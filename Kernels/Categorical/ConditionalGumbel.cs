using System.Runtime.CompilerServices;

namespace IlgpuVae.Kernels;

/// <summary>
/// Gumbel-perturbed logits given which category wins: with m the logsumexp of the logits and g_i standard Gumbel noise,
/// <code>
/// winner b:  m + g_b                            the largest of all, whatever b is
/// others i:  -log(e^-(l_i + g_i) + e^-(m + g_b))    below the winner by construction
/// </code>
/// Averaged over b ~ softmax(l) this is the distribution of l + g.
/// </summary>
/// <remarks>
/// M. B. Paulus, C. J. Maddison, A. Krause, "Rao-Blackwellizing the straight-through Gumbel-Softmax gradient estimator", ICLR 2021; G. Tucker et al., "REBAR",
/// NeurIPS 2017, appendix.
/// </remarks>
internal static class ConditionalGumbel
{
    /// <summary>
    /// Other categories' perturbed logits from their own a = l + g and the winner's w: -log(e^-a + e^-w), computed so that neither exponential overflows. Minus
    /// infinity where masked.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Other<T>(T own, T winner)
        where T : struct, IRows<T>
    {
        // min(a, w) - log(1 + e^-|a - w|).
        T difference = own - winner, none = T.Fill(0f);
        T smaller = T.WherePositive(difference, winner, own), minusMagnitude = T.WherePositive(difference, none - difference, difference);
        return smaller - T.Log(T.Fill(1f) + T.Exp(minusMagnitude));
    }
}
