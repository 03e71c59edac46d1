namespace IlgpuVae.Training.Output;

/// <summary>Rows that a model gave out, as numbers and as what pictures are made of.</summary>
/// <param name="Columns">All columns of the rows.</param>
/// <param name="Values">X [n, D], in the data's own units.</param>
/// <param name="Contexts">What the model was told, as it sees it, [n, C], or null.</param>
internal sealed record DecodedRows(IReadOnlyList<OutputColumn> Columns, float[] Values, float[]? Contexts);
