using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>How a likelihood cuts a row of decoder outputs into vectors, one call of its device code each.</summary>
public interface IOutputVectors
{
    /// <summary>How many neighbouring outputs vectors are cut from: where it is a whole number of fours, so is every row.</summary>
    int Run(int dimensions);

    /// <summary>How many calls make a row of D <paramref name="dimensions"/>.</summary>
    int Calls<TVector>(int dimensions)
        where TVector : struct, IVector<TVector>;
}
