namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// Says whose suite a class is, of operations that <see cref="RowOperations"/> has no entry for: <see cref="OperationTests"/> fails for one that nobody names.
/// </summary>
/// <param name="operation">The class that records the operation.</param>
/// <param name="references">The formulas in Tests/Reference that it is held to.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class SuiteOfAttribute(Type operation, params Type[] references) : Attribute
{
    /// <summary>The class that records the operation.</summary>
    public Type Operation => operation;

    /// <summary>The formulas that it is held to.</summary>
    public IReadOnlyList<Type> References => references;

    /// <summary>Where there are none, what stands in the suite in their place.</summary>
    public string? InPlaceOfAReference { get; init; }
}
