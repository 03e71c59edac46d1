using System.Globalization;
using IlgpuVae.Runtime;

namespace IlgpuVae.Training.Data;

/// <summary>The classes that a run's model is told, by their names or, where they have none, their numbers.</summary>
internal static class ClassNames
{
    private const int MostShown = 20;

    /// <summary>The number of a class.</summary>
    /// <exception cref="InputException">The run knows no such class.</exception>
    public static int Find(DataContract contract, string name)
    {
        // Where classes have names, a number is a name too.
        string[] known = [.. contract.Classes ?? [.. Enumerable.Range(0, contract.ContextWidth).Select(i => i.ToString(CultureInfo.InvariantCulture))]];
        int found = Array.IndexOf(known, name);
        return found >= 0
            ? found
            : throw new InputException(
                $"The run knows no class '{MessageText.Excerpt(name)}'.{SpellingSuggestion.For(name, known)} Its classes are "
                    + $"{MessageText.List([.. known.Select(one => MessageText.Excerpt(one))], MostShown)}.");
    }
}
