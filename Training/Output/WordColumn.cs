namespace IlgpuVae.Training.Output;

/// <summary>A column of words.</summary>
/// <param name="name">What it is called.</param>
/// <param name="words">Its words [n].</param>
internal sealed class WordColumn(string name, string[] words) : OutputColumn(name, words.Length)
{
    /// <summary>The word of a row.</summary>
    public string this[int row] => words[row];
}
