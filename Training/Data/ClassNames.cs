using System.Globalization;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>Classes by their names or, where they have none, their numbers.</summary>
internal static class ClassNames
{
    private const int MostShown = 20;

    /// <summary>The number of the class that <c>--condition</c> calls by <paramref name="name"/>.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="classes">The numbers of the classes there are.</param>
    /// <param name="names">The name of each number, or null.</param>
    /// <param name="whose">What has these classes, for messages.</param>
    /// <exception cref="InputException">There is no such class.</exception>
    public static int Find(string name, IEnumerable<int> classes, IReadOnlyList<string>? names, string whose)
    {
        // Where classes have names, a number is a name too: the folder 3 beside 1 and 10 is the second class, not the third.
        int[] numbers = [.. classes];
        string[] known = [.. numbers.Select(one => names?[one] ?? one.ToString(CultureInfo.InvariantCulture))];
        int found = Array.IndexOf(known, name);
        if (found >= 0)
            return numbers[found];
        string near = names is null ? string.Empty : SpellingSuggestion.For(name, known);
        throw new InputException(
            $"{Setting.Of(nameof(TrainingOptions.Condition))} {MessageText.Excerpt(name)} is no class of {whose}.{near} Its classes are "
                + $"{MessageText.List([.. known.Select(one => MessageText.Excerpt(one))], MostShown)}.");
    }
}
