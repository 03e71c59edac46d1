using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>A row shared by the lanes of a team, a vector each in turn: graphics processors. A team may be a lane alone.</summary>
internal readonly struct TeamRow<TTeam, TVector>(TVector v) : IRows<TeamRow<TTeam, TVector>>
    where TTeam : struct, ITeam
    where TVector : struct, IVector<TVector>
{
    private readonly TVector v = v;

    /// <summary>The number that stands at each place.</summary>
    internal static float Number(TeamRow<TTeam, TVector> value) => TVector.First(value.v);

    /// <inheritdoc/>
    public static int First => TTeam.Lane * TVector.Width;

    /// <inheritdoc/>
    public static int Step => TTeam.Lanes * TVector.Width;

    /// <inheritdoc/>
    public static bool KeepsInMemory => !TTeam.SharesRow;

    /// <inheritdoc/>
    public static void Sync() => TTeam.Sync();

    /// <inheritdoc/>
    public static int Units(int rows, int k) => rows;

    /// <inheritdoc/>
    public static RowPlace Place(int unit, int rows, int k) => new(unit, unit, 1);

    /// <inheritdoc/>
    public static RowSlice Slice(RowPlace at, int k) => new((long)at.First * k, 0, k);

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> Fill(float value) => new(TVector.Fill(value));

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> CountFrom(int i, int k) => new(TVector.CountFrom(i));

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> Load(in Cells matrix, in RowSlice rows, int i, float filler) =>
        new(TVector.LoadPart(matrix.View.SubView(rows.First, rows.Length), i, rows.Length - i, filler));

    /// <inheritdoc/>
    public static void Store(TeamRow<TTeam, TVector> value, in Cells matrix, in RowSlice rows, int i) =>
        TVector.StorePart(value.v, matrix.View.SubView(rows.First, rows.Length), i, rows.Length - i);

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> LoadByRow(in Cells column, RowPlace at, int k) => Fill(column.View[at.First]);

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> LoadByRow(ArrayView<int> column, RowPlace at, int k) => Fill(column[at.First]);

    /// <inheritdoc/>
    public static void StoreByRow(TeamRow<TTeam, TVector> value, ArrayView<int> column, RowPlace at, int k)
    {
        if (TTeam.Lane == 0)
            column[at.First] = (int)TVector.First(value.v);
    }

    /// <inheritdoc/>
    public static void StoreByRow(TeamRow<TTeam, TVector> value, in Cells column, RowPlace at, int k)
    {
        if (TTeam.Lane == 0)
            column.View[at.First] = TVector.First(value.v);
    }

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> Gumbel(RandomRow draw, RowPlace at, int i, int k) =>
        new(GumbelNoise.Of(TVector.RandomWords(draw with { Row = at.First }, i)));

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> operator +(TeamRow<TTeam, TVector> a, TeamRow<TTeam, TVector> b) => new(a.v + b.v);

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> operator -(TeamRow<TTeam, TVector> a, TeamRow<TTeam, TVector> b) => new(a.v - b.v);

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> operator *(TeamRow<TTeam, TVector> a, TeamRow<TTeam, TVector> b) => new(a.v * b.v);

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> operator /(TeamRow<TTeam, TVector> a, TeamRow<TTeam, TVector> b) => new(a.v / b.v);

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> MultiplyAdd(TeamRow<TTeam, TVector> a, TeamRow<TTeam, TVector> b, TeamRow<TTeam, TVector> c) =>
        new(TVector.MultiplyAdd(a.v, b.v, c.v));

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> Exp(TeamRow<TTeam, TVector> value) => new(Elementary.Exp(value.v));

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> Log(TeamRow<TTeam, TVector> value) => new(Elementary.Log(value.v));

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> LogByRow(TeamRow<TTeam, TVector> value) => Fill(Elementary.Log(TVector.First(value.v)));

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> ReciprocalByRow(TeamRow<TTeam, TVector> value) => Fill(1f / TVector.First(value.v));

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> Max(TeamRow<TTeam, TVector> a, TeamRow<TTeam, TVector> b) => new(TVector.Max(a.v, b.v));

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> WherePositive(TeamRow<TTeam, TVector> test, TeamRow<TTeam, TVector> value, TeamRow<TTeam, TVector> otherwise) =>
        new(TVector.WherePositive(test.v, value.v, otherwise.v));

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> WhereEqual(
        TeamRow<TTeam, TVector> a, TeamRow<TTeam, TVector> b, TeamRow<TTeam, TVector> value, TeamRow<TTeam, TVector> otherwise) =>
        new(TVector.WhereEqual(a.v, b.v, value.v, otherwise.v));

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> Part(TeamRow<TTeam, TVector> value, int i, int k) => new(TVector.Part(value.v, k - i));

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> SumByRow(TeamRow<TTeam, TVector> value, int k) => Fill(TTeam.Sum(TVector.Sum(value.v)));

    /// <inheritdoc/>
    public static TeamRow<TTeam, TVector> MaxByRow(TeamRow<TTeam, TVector> value, int k) => Fill(TTeam.Max(TVector.Largest(value.v)));
}
