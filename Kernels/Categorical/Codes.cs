using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// R codes of N variables with K categories each, in device memory. Hard ones are the number of each variable's category, [R, N]; relaxed ones are weights of
/// all categories, [R, N K], of which one-hot rows are the corners. Whoever decodes codes takes either.
/// </summary>
public readonly record struct Codes
{
    private readonly ArrayView<int> numbers;
    private readonly Matrix weights;

    private Codes(ArrayView<int> numbers, Matrix weights, bool isHard, int rows, int variables, int categories)
    {
        this.numbers = numbers;
        this.weights = weights;
        (IsHard, Rows, Variables, Categories) = (isHard, rows, variables, categories);
    }

    /// <summary>R.</summary>
    public int Rows { get; }

    /// <summary>N.</summary>
    public int Variables { get; }

    /// <summary>K.</summary>
    public int Categories { get; }

    /// <summary>N K, the width of a row of weights.</summary>
    public int Width => Variables * Categories;

    /// <summary>Whether the codes are category numbers.</summary>
    public bool IsHard { get; }

    /// <summary>Which joint codes the rows are, where they are an enumeration; null of samples.</summary>
    internal CodeRange? Range { get; init; }

    /// <summary>The category numbers of hard codes, [R, N]: those of a row side by side.</summary>
    public ArrayView<int> Numbers => IsHard ? numbers : throw new InvalidOperationException("the codes are relaxed, and hard ones are wanted here.");

    /// <summary>The weights of relaxed codes, [R, N K].</summary>
    public Matrix Weights => IsHard ? throw new InvalidOperationException("the codes are hard, and relaxed ones are wanted here.") : weights;

    /// <summary>Hard codes, [R, N] numbers from 0 to K - 1.</summary>
    public static Codes Hard(ArrayView<int> numbers, int rows, int variables, int categories) => numbers.Length == (long)rows * variables
        ? new(numbers, default, true, rows, variables, categories)
        : throw new ArgumentException($"there are {numbers.Length} numbers, and {rows} rows of {variables} variables are wanted.", nameof(numbers));

    /// <summary>Relaxed codes, [R, N K].</summary>
    public static Codes Relaxed(Matrix weights, int variables) => variables > 0 && weights.Columns % variables == 0
        ? new(default, weights, false, weights.Rows, variables, weights.Columns / variables)
        : throw new ArgumentException($"the weights have {weights.Columns} columns, which is no multiple of {variables} variables.", nameof(weights));

    /// <summary>Checks the shape before a launch: kernels do not.</summary>
    /// <exception cref="ArgumentException">The shape is another; the message names the argument and both shapes.</exception>
    public void Require(int rows, int variables, int categories, string argument)
    {
        if ((Rows, Variables, Categories) != (rows, variables, categories))
        {
            throw new ArgumentException(
                $"{argument} has {Rows} rows of {Variables} variables with {Categories} categories, and needs {rows} of {variables} with "
                    + $"{categories}.", argument);
        }
    }
}

/// <summary>P joint codes from <paramref name="First"/> on in the order of <see cref="JointCodes"/>, over and over: row r is code First + r mod P.</summary>
/// <param name="First">The first code's number.</param>
/// <param name="Count">P.</param>
internal readonly record struct CodeRange(int First, int Count);
