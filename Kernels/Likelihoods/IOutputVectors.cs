namespace IlgpuVae.Kernels;

/// <summary>How a likelihood cuts a row of decoder outputs into vectors, one call of its device code each.</summary>
internal interface IOutputVectors
{
    /// <summary>How many neighbouring outputs vectors are cut from: where it is a whole number of fours, so is every row.</summary>
    int Run(int dimensions);

    /// <summary>How many calls make a row of D <paramref name="dimensions"/> in vectors of <paramref name="width"/> elements.</summary>
    int Calls(int dimensions, int width);
}
