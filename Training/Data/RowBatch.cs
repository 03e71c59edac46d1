namespace IlgpuVae.Training.Data;

/// <summary>Rows of a file as a run reads them: numbers are as its model sees them, so scaled where its own were.</summary>
/// <param name="First">The place of the first of them in the file, from 0.</param>
/// <param name="Count">n.</param>
/// <param name="Examples">X [n, D], or null where only contexts were asked for.</param>
/// <param name="Contexts">C [n, C], or null where the model is told nothing.</param>
/// <param name="Kept">The texts of the columns to carry along, each [n].</param>
public sealed record RowBatch(long First, int Count, DataSet? Examples, DataSet? Contexts, IReadOnlyList<string[]> Kept);
