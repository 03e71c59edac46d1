namespace IlgpuVae.Runtime;

/// <summary>
/// Says with which generic arguments a body is launched in <see cref="LaunchStyle.Groups"/>, CUDA's only style, where they are not all that its constraints
/// allow: with these alone, or, where none are given, not at all. On a kernel that an adapter makes bodies of, the arguments are those of the adapter behind
/// the kernel. Tests compile and launch no others for CUDA.
/// </summary>
/// <param name="arguments">The arguments, in the body's order.</param>
[AttributeUsage(AttributeTargets.Struct)]
internal sealed class OnGroupsAttribute(params Type[] arguments) : Attribute
{
    /// <summary>The arguments, in the body's order.</summary>
    public IReadOnlyList<Type> Arguments => arguments;
}
