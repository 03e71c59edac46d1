namespace IlgpuVae.Runtime;

/// <summary>What an operation, as those on <see cref="ProcessorVector"/>s, is in OpenCL C; {0}, {1}, ... stand for the arguments.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OpenClAttribute(string expression) : Attribute
{
    /// <summary>The operation; {r} stands for the result.</summary>
    public string Expression { get; } = expression;
}
