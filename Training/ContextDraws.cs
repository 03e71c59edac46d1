using IlgpuVae.Training.Data;

namespace IlgpuVae.Training;

/// <summary>Codes drawn for contexts from p(z | c), and what they decode to there.</summary>
/// <param name="Codes">Category numbers [n each, N].</param>
/// <param name="Probabilities">p(z | c) of each code.</param>
/// <param name="Values">Draws from p(x | c, z), or its means, [n each, D], in the data's own units.</param>
/// <param name="Contexts">The context of each as the model sees it, [n each, C].</param>
internal sealed record ContextDraws(int[] Codes, double[] Probabilities, float[] Values, float[] Contexts)
{
    /// <summary>Draws <paramref name="each"/> codes for each context.</summary>
    /// <param name="model">The model.</param>
    /// <param name="contexts">The contexts as the model sees them.</param>
    /// <param name="each">Draws a context.</param>
    /// <param name="key">Key of the draws.</param>
    /// <param name="areMeans">Whether a code gives its mean instead of a draw.</param>
    public static ContextDraws Of(TrainedModel model, DataSet contexts, int each, ulong key, bool areMeans)
    {
        float[] seen = contexts.Numbers(), told = model.ToldOutward(seen);
        int[] codes = model.Sample(each, key, told);
        float[] repeated = RepeatedRows.Of(told, contexts.Width, each);
        return new ContextDraws(
            codes,
            Probability(codes, model.LogPrior(told), model.Latents, model.Categories, each),
            areMeans ? model.Decode(codes, repeated) : model.Draw(codes, key, repeated),
            RepeatedRows.Of(seen, contexts.Width, each));
    }

    private static double[] Probability(int[] codes, float[] logPrior, int n, int k, int each)
    {
        double[] logs = new double[codes.Length / n];
        for (int i = 0; i < codes.Length; i++)
            logs[i / n] += logPrior[(((i / n / each * n) + (i % n)) * k) + codes[i]];
        return Array.ConvertAll(logs, Math.Exp);
    }
}
