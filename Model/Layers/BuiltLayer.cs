using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>A layer with parameters of its own, in one model: bind it to as many row counts as needed.</summary>
/// <param name="outputs">What it makes of a row.</param>
/// <param name="bind">Reserves the activations for a number of rows; told whether a backward pass will follow, and the examples' context where the layer was
/// built with one.</param>
/// <param name="bindContext">Puts contexts c [B, C] to work for all rows of a batch; null where the layer takes none.</param>
public sealed class BuiltLayer(
    Shape outputs, Func<Arena, int, bool, LayerContext?, LayerPass> bind, Func<Arena, Matrix, bool, LayerContext>? bindContext = null)
{
    /// <summary>What it makes of a row.</summary>
    public Shape Outputs => outputs;

    /// <summary>Reserves the activations for <paramref name="rows"/> rows.</summary>
    /// <param name="arena">Where to reserve.</param>
    /// <param name="rows">R.</param>
    /// <param name="training">Whether a backward pass will follow.</param>
    /// <param name="context">The examples' context, where the layer was built with one.</param>
    public LayerPass Bind(Arena arena, int rows, bool training, LayerContext? context = null) => bind(arena, rows, training, context);

    /// <summary>Puts the contexts c [B, C] of B examples to work in the layer, for all rows of a batch.</summary>
    /// <param name="arena">Where to reserve.</param>
    /// <param name="context">c [B, C].</param>
    /// <param name="training">Whether a backward pass will follow.</param>
    public LayerContext BindContext(Arena arena, Matrix context, bool training) =>
        (bindContext ?? throw new InvalidOperationException("the layer takes no context."))(arena, context, training);
}
