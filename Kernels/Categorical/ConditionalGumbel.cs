namespace IlgpuVae.Kernels;

/// <summary>
/// Gumbel-perturbed logits given which category wins: with m the logsumexp of the logits and E_i standard exponential,
/// <code>
/// winner b:  m - log E_b               the largest of all, whatever b is
/// others i:  -log(E_i e^-l_i + E_b e^-m)    below the winner by construction
/// </code>
/// Averaged over b ~ softmax(l) this is the distribution of l + g.
/// </summary>
/// <remarks>M. B. Paulus, C. J. Maddison, A. Krause, "Rao-Blackwellizing the straight-through Gumbel-Softmax gradient estimator", ICLR 2021; G. Tucker et al., "REBAR", NeurIPS 2017, appendix.</remarks>
public static class ConditionalGumbel
{
    /// <summary>The winner's perturbed logit, from a uniform number.</summary>
    public static float Winner(float logSumExp, float uniform) => logSumExp - Elementary.Log(-Elementary.Log(uniform));

    /// <summary>
    /// Another category's perturbed logit, from its logit, a uniform number and the winner's perturbed logit w: -log(E_i e^-l_i + e^-w), computed so that neither
    /// exponential overflows. Minus infinity for a masked category.
    /// </summary>
    public static float Other(float logit, float uniform, float winner)
    {
        // a = -log(E_i e^-l_i) is the category's own Gumbel; -log(e^-a + e^-w) = min(a, w) - log(1 + e^-|a - w|).
        float own = logit - Elementary.Log(-Elementary.Log(uniform));
        float difference = own - winner;
        float smaller = difference < 0f ? own : winner;
        float distance = difference < 0f ? -difference : difference;
        float result = smaller - Elementary.Log1pUnit(Elementary.Exp(-distance));
        return own == float.NegativeInfinity ? own : result;
    }
}
