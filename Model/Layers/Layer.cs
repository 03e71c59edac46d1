using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Model;

/// <summary>
/// A layer as a design has it: a value without parameters, from which each model builds a layer of its own. A layer of yours derives from this and makes a
/// <see cref="LayerPass"/>.
/// </summary>
public abstract class Layer
{
    /// <summary>Whether it can read a context of each example beside its rows' inputs; of a sequence, the first layer that can does.</summary>
    public virtual bool TakesContext => false;

    /// <summary>
    /// Modules that PyTorch's Sequential would have for it: an activation is one of its own there. The layers above are named by the sum of those below.
    /// </summary>
    public virtual int Modules => 1;

    /// <summary>Declares the parameters under <paramref name="name"/>, and returns the layer that uses them.</summary>
    /// <param name="parameters">Where to declare.</param>
    /// <param name="name">What comes before the parameters' own names.</param>
    /// <param name="inputs">What a row is.</param>
    /// <param name="contextWidth">C, numbers of context concatenated to each row; 0 for none, and always where <see cref="TakesContext"/> is false.</param>
    /// <exception cref="ArgumentException">The layer takes no such rows; the message says what it takes.</exception>
    public abstract BuiltLayer Build(ParameterSet parameters, string name, Shape inputs, int contextWidth = 0);

    /// <summary>What a row costs.</summary>
    public abstract LayerCost Cost(Shape inputs);

    /// <summary>
    /// What a row costs for a hard code of <paramref name="variables"/> variables, <paramref name="inputs"/> categories in all; as its one-hot row, unless
    /// the layer reads category numbers.
    /// </summary>
    public virtual LayerCost CostOfNumbers(int variables, Shape inputs) => Cost(inputs);
}

/// <summary>What one row costs in a layer's forward pass; a backward pass costs about twice that.</summary>
/// <param name="Outputs">What it makes of the row.</param>
/// <param name="MultiplyAdds">Multiply-adds.</param>
/// <param name="Activations">Numbers kept.</param>
public readonly record struct LayerCost(Shape Outputs, long MultiplyAdds, long Activations);

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
