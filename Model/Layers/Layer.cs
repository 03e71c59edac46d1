using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// A layer: parameters, and a recipe for work on any number of rows. Build it once, bind it to as many row counts as needed. A layer of your own
/// derives from this and from <see cref="LayerPass"/>.
/// </summary>
public abstract class Layer
{
    /// <summary>Whether it can read a context of each example beside its rows' inputs; of a sequence, the first layer that can does.</summary>
    public virtual bool TakesContext => false;

    /// <summary>Declares the parameters under <paramref name="name"/> and returns the number of outputs.</summary>
    /// <param name="parameters">Where to declare.</param>
    /// <param name="name">What comes before the parameters' own names.</param>
    /// <param name="inputs">Numbers a row.</param>
    /// <param name="contextWidth">C, numbers of context concatenated to each row; 0 for none, and always where <see cref="TakesContext"/> is false.</param>
    public abstract int Build(ParameterSet parameters, string name, int inputs, int contextWidth = 0);

    /// <summary>What a row costs for <paramref name="inputs"/> inputs, built or not.</summary>
    public abstract LayerCost Cost(int inputs);

    /// <summary>
    /// What a row costs for a hard code of <paramref name="variables"/> variables, <paramref name="inputs"/> categories in all; as its one-hot row, unless
    /// the layer reads category numbers.
    /// </summary>
    public virtual LayerCost CostOfNumbers(int variables, int inputs) => Cost(inputs);

    /// <summary>Reserves the activations for <paramref name="rows"/> rows.</summary>
    /// <param name="arena">Where to reserve.</param>
    /// <param name="rows">R.</param>
    /// <param name="training">Whether a backward pass will follow.</param>
    /// <param name="context">The examples' context, where the layer was built with one.</param>
    public abstract LayerPass Bind(Arena arena, int rows, bool training, LayerContext? context = null);

    /// <summary>Puts the contexts c [B, C] of B examples to work in the layer, for all rows of a batch.</summary>
    /// <param name="arena">Where to reserve.</param>
    /// <param name="context">c [B, C].</param>
    /// <param name="training">Whether a backward pass will follow.</param>
    public virtual LayerContext BindContext(Arena arena, Matrix context, bool training) => throw new InvalidOperationException("the layer takes no context.");
}

/// <summary>What one row costs in a layer's forward pass; a backward pass costs about twice that.</summary>
/// <param name="Outputs">Number of outputs.</param>
/// <param name="MultiplyAdds">Multiply-adds.</param>
/// <param name="Activations">Numbers kept.</param>
public readonly record struct LayerCost(int Outputs, long MultiplyAdds, long Activations);

/// <summary>What a backward pass does with the gradients of a layer's parameters.</summary>
public enum ParameterGradients
{
    /// <summary>Writes them over what was there.</summary>
    Write,

    /// <summary>Adds them: the later ones of several chunks of rows.</summary>
    Add,

    /// <summary>Leaves them alone: probe rows, which only ask for the gradient with respect to their codes.</summary>
    Skip,
}

/// <summary>A layer at work on R rows.</summary>
public abstract class LayerPass
{
    /// <summary>The outputs [R, outputs].</summary>
    public abstract Matrix Output { get; }

    /// <summary>
    /// What a gradient with respect to <see cref="Output"/> has to be multiplied by before the backward pass gets it: the derivative of the layer's own
    /// activation. Whoever computes the gradient does it, mostly at no cost in a product's epilogue.
    /// </summary>
    public virtual Epilogue GradientEpilogue => default;

    /// <summary>
    /// Whether the layer, first of a decoder, reads hard codes by their numbers. One that does not gets one-hot rows, N K numbers a code.
    /// </summary>
    public virtual bool ReadsNumbers => false;

    /// <summary>Records Output from <paramref name="input"/> [R, inputs].</summary>
    public abstract void Forward(LaunchList list, Matrix input);

    /// <summary>Records Output from R codes: relaxed ones are inputs [R, N K] like any other.</summary>
    public virtual void Forward(LaunchList list, Codes codes) => Forward(list, codes.Weights);

    /// <summary>Records the parameters' gradients and the input's, each where asked for.</summary>
    /// <param name="list">Where to record.</param>
    /// <param name="input">What the forward pass read, [R, inputs].</param>
    /// <param name="outputGrad">Gradient with respect to Output, already multiplied by <see cref="GradientEpilogue"/>; may be overwritten.</param>
    /// <param name="inputGrad">Where to write the gradient with respect to the input, [R, inputs]; null where nobody wants it.</param>
    /// <param name="inputEpilogue">Applied to <paramref name="inputGrad"/>: the <see cref="GradientEpilogue"/> of the layer below.</param>
    /// <param name="parameters">What becomes of the parameters' gradients.</param>
    public abstract void Backward(LaunchList list, Matrix input, Matrix outputGrad, Matrix? inputGrad, Epilogue inputEpilogue, ParameterGradients parameters);

    /// <summary>
    /// Records the same for the codes that <see cref="Forward(LaunchList, Codes)"/> read; codesGrad is [R, N K], of hard codes as of the one-hot rows that
    /// they stand for.
    /// </summary>
    public virtual void Backward(LaunchList list, Codes codes, Matrix outputGrad, Matrix? codesGrad, ParameterGradients parameters) =>
        Backward(list, codes.Weights, outputGrad, codesGrad, default, parameters);

    /// <summary>Records what an epilogue asks for as a launch of its own, where no matrix product can take it along.</summary>
    public static void ApplyEpilogue(LaunchList list, Epilogue epilogue, Matrix grad)
    {
        if (epilogue.ActivationOutputs.Length > 0)
            ActivationFunction.Backward(list, epilogue.Activation, new Matrix(epilogue.ActivationOutputs, grad.Rows, grad.Columns), grad, grad);
    }
}
