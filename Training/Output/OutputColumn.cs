using System.Numerics;

namespace IlgpuVae.Training.Output;

/// <summary>A column of some rows of a result: of numbers, <see cref="NumberColumn{T}"/>, or of words, <see cref="WordColumn"/>.</summary>
/// <param name="name">What it is called.</param>
/// <param name="count">Rows, n.</param>
internal abstract class OutputColumn(string name, int count)
{
    /// <summary>What it is called.</summary>
    public string Name { get; } = name;

    /// <summary>Rows, n.</summary>
    public int Count { get; } = count;

    /// <summary>Whether another's numbers are the next ones of the same rows of one matrix.</summary>
    public virtual bool IsBeside(OutputColumn next) => false;

    /// <summary>A column of numbers [n].</summary>
    public static OutputColumn Of<T>(string name, T[] values)
        where T : unmanaged, INumber<T> => new NumberColumn<T>(name, values, 0, 1);

    /// <summary>A column of words [n].</summary>
    public static OutputColumn Of(string name, string[] words) => new WordColumn(name, words);

    /// <summary>The columns of a row-major matrix [n, names]; they are views of it.</summary>
    public static IEnumerable<OutputColumn> Of<T>(IReadOnlyList<string> names, T[] values)
        where T : unmanaged, INumber<T> => names.Select((name, c) => new NumberColumn<T>(name, values, c, names.Count));
}
