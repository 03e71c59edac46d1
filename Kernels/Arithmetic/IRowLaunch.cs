using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>The launch of a row kernel that is written once for all teams and vectors; <see cref="VectorRows"/> chooses.</summary>
internal interface IRowLaunch
{
    /// <summary>Records it for one of them.</summary>
    void Record<TTeam, TVector>()
        where TTeam : struct, ITeam
        where TVector : struct, IVector<TVector>;
}
