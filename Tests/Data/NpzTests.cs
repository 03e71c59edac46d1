using IlgpuVae.Training.Data;

namespace IlgpuVae.Tests.Data;

public sealed class NpzTests : SourceSuite
{
    private static readonly byte[] Two = Npy("|u1", "(2, 2)", [1, 2, 3, 4]);
    private static readonly byte[] Real = Npy("<f4", "(1, 2)", Raw<float>(BitConverter.GetBytes, 0.5f, 2));

    [Test]
    public void OnlyArray_NeedsNoName()
    {
        DataSet set = Read(Zip("x.npz", ("arr_0.npy", Two)));
        Assert.That(set.Bytes, Is.EqualTo((byte[])[1, 2, 3, 4]));
        Assert.That((set.Name, set.Count), Is.EqualTo(("x.npz train", 2)));
        Assert.That(Read(At("x.npz"), Whole with { Array = "arr_0" }).Bytes, Is.EqualTo(set.Bytes));
    }

    [Test]
    public void Array_IsChosenByItsName() =>
        Assert.That(Read(Zip("x.npz", ("x.npy", Two), ("y.npy", Real)), Whole with { Array = "y" }).Values, Is.EqualTo((float[])[0.5f, 2]));

    [Test]
    public void Splits_AreFilesOfAFolder()
    {
        Zip("x_train.npz", ("a.npy", Two));
        Zip("x_test.npz", ("a.npy", Npy("|u1", "(1, 2)", [5, 6])));
        Assert.That(DataSource.Open(Folder, new DataOptions { Array = "a" }).Test!.Bytes, Is.EqualTo((byte[])[5, 6]));
    }

    [Test]
    public void Refuses_WhatItCannotChoose()
    {
        string several = Zip("x.npz", ("x_train.npy", Two), ("y_train.npy", Real));
        AssertRefused(several, null, "x.npz holds 2 arrays: x_train, y_train", "--array x_train");
        AssertRefused(Zip("X.npz", ("X.npy", Two), ("Y.npy", Two)), null, "--array X");
        AssertRefused(several, Whole with { Array = "x_trian" }, "no array for --array x_trian", "Did you mean x_train", "Its arrays are x_train, y_train");
        AssertRefused(Zip("y.npz", ("notes.txt", [1])), null, "y.npz holds no arrays", "numpy.savez");
        AssertRefused(Zip("z.npz", ("a.npy", Npy("<f4", "(9, 2)", new byte[8]))), null, "z.npz, entry a.npy", "cut short");
        AssertRefused(several, Whole with { Array = "x_train", Columns = "1" }, "x.npz is not a table");
    }
}
