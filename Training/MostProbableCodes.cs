namespace IlgpuVae.Training;

/// <summary>The most probable joint codes of independent variables, in order.</summary>
/// <param name="Codes">Category numbers [N] each.</param>
/// <param name="Probabilities">Of each.</param>
internal sealed record MostProbableCodes(IReadOnlyList<int[]> Codes, IReadOnlyList<double> Probabilities)
{
    /// <summary>The <paramref name="most"/> most probable of log-probabilities [N K], or all where there are fewer.</summary>
    /// <remarks>
    /// Variable after variable, the best beginnings are kept: a code among the best begins with one of the best beginnings, for the rest of it adds the same
    /// to both.
    /// </remarks>
    public static MostProbableCodes Of(ReadOnlySpan<float> logProbabilities, int n, int k, int most)
    {
        List<(int[] Code, double Log)> best = [([], 0)];
        for (int variable = 0; variable < n; variable++)
        {
            float[] next = logProbabilities.Slice(variable * k, k).ToArray();
            best =
            [
                .. best.SelectMany(begun => next.Select((log, category) => (Code: (int[])[.. begun.Code, category], Log: begun.Log + log)))
                    .OrderByDescending(code => code.Log).Take(most),
            ];
        }

        return new MostProbableCodes([.. best.Select(code => code.Code)], [.. best.Select(code => Math.Exp(code.Log))]);
    }
}
