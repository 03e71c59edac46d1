using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The numbers of a matrix as a row kernel finds them: on a graphics processor through the view, on the processor by their address, which a view would look up
/// anew at each access.
/// </summary>
/// <param name="View">The numbers.</param>
/// <param name="Address">Where they begin in the processor's memory.</param>
internal readonly record struct Cells(ArrayView<float> View, long Address)
{
    /// <summary>Those of a matrix.</summary>
    public static implicit operator Cells(Matrix matrix) => Of(matrix.View);

    /// <summary>Whether there is a matrix.</summary>
    internal bool AreThere
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => View.Length > 0;
    }

    /// <summary>Those of a matrix, or none.</summary>
    internal static Cells Of(Matrix? matrix) => matrix is { } there ? there : default;

    /// <summary>Those of a view.</summary>
    internal static Cells Of(ArrayView<float> view) => new(view, view.Length == 0 ? 0 : view.LoadEffectiveAddressAsPtr());
}
