using System.Globalization;

namespace IlgpuVae.Training.Output;

/// <summary>What columns of codes are called. Categories count from 0, variables from 1.</summary>
internal static class CodeColumns
{
    /// <summary>Which state of which run the codes are of: see <see cref="Runs.RunIdentity"/>.</summary>
    public const string Encoder = "encoded_by";

    /// <summary><c>code</c>, or <c>code1</c> to <c>codeN</c>.</summary>
    public static string[] Names(int n) => n == 1 ? ["code"] : [.. Enumerable.Range(1, n).Select(variable => $"code{Text(variable)}")];

    /// <summary><c>q0</c> to <c>q(K - 1)</c>, or <c>q1_0</c> and so on for several variables.</summary>
    public static string[] Probabilities(int n, int k) =>
    [
        .. Enumerable.Range(1, n).SelectMany(variable =>
            Enumerable.Range(0, k).Select(category => n == 1 ? $"q{Text(category)}" : $"q{Text(variable)}_{Text(category)}")),
    ];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
