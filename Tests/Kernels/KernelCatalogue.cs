using System.Reflection;
using ILGPU.Runtime;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>One kernel: a launch shape closed over a body, as <see cref="LaunchListExtensions"/> launches it.</summary>
public sealed record KernelEntry(string Name, MethodInfo Method)
{
    /// <summary>The body, closed.</summary>
    public Type Body => Method.GetGenericArguments().Single();

    /// <summary>How many registers CUDA may give it: for tiles so many that <c>GroupsAtOnce</c> groups fit, a constant beside the body, as <see cref="LaunchListExtensions.Tiles"/> is told.</summary>
    public KernelSpecialization Registers => Method.Name != nameof(KernelShapes.Tiles)
        ? KernelSpecialization.Empty
        : new(TileProduct.GroupSize, (int)Body.DeclaringType!.GetField("GroupsAtOnce", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!.GetRawConstantValue()!);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>
/// Every kernel of the project, by reflection: the shapes are the generic methods of <see cref="KernelShapes"/>, the bodies the structs that implement what a
/// shape asks of its body, and the generic arguments of a body the structs that meet their constraints. Nothing has to be entered anywhere.
/// </summary>
public static class KernelCatalogue
{
    private static readonly Assembly[] Assemblies = [typeof(MatMul).Assembly, typeof(ITeam).Assembly];

    private static readonly MethodInfo[] Shapes =
    [
        .. typeof(KernelShapes)
            .GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Where(method => method.IsGenericMethodDefinition),
    ];

    /// <summary>The bodies, generic ones open.</summary>
    public static IEnumerable<Type> Bodies => Structs.Where(IsBody);

    /// <summary>The kernels of all bodies that can be closed.</summary>
    public static IEnumerable<KernelEntry> Kernels => Bodies.SelectMany(Close).SelectMany(Entries);

    /// <summary>Those that CUDA is given: processors' vectors are OpenCL's alone, and some bodies say that groups get others.</summary>
    public static IEnumerable<KernelEntry> CudaKernels => Kernels.Where(kernel => !IsForProcessors(kernel) && IsForGroups(kernel.Body));

    private static IEnumerable<Type> Structs => Assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => type is { IsValueType: true, IsEnum: false });

    /// <summary>A body with every combination of arguments that its constraints allow and that is launched; none where a parameter has no argument.</summary>
    public static IEnumerable<Type> Close(Type body)
    {
        if (!body.IsGenericTypeDefinition)
            return [body];
        IEnumerable<Type[]> combinations = [[]];
        foreach (Type parameter in body.GetGenericArguments())
            combinations = combinations.SelectMany(_ => Candidates(parameter), (chosen, next) => (Type[])[.. chosen, next]);
        return combinations.Where(arguments => IsLaunched(body, arguments)).Select(arguments => body.MakeGenericType(arguments));
    }

    /// <summary>The kernels of one closed body.</summary>
    public static IEnumerable<KernelEntry> Entries(Type body)
    {
        foreach (MethodInfo shape in Shapes.Where(shape => BodyInterface(shape).IsAssignableFrom(body)))
        {
            if (BodyInterface(shape) == typeof(IRowBody) && shape.Name != RowShape(body))
                continue;
            yield return new KernelEntry($"{shape.Name}({Display(body)})", shape.MakeGenericMethod(body));
        }
    }

    /// <summary>Whether a kernel's lanes exchange numbers within warps, which CUDA alone has.</summary>
    public static bool IsForWarps(KernelEntry kernel) => kernel.Name.StartsWith(nameof(KernelShapes.RowPerWarpPart), StringComparison.Ordinal);

    /// <summary>Whether a kernel works on processors' vectors, in its body's arguments or, by the name of <c>RowVectors</c> and <c>GroupVectors</c>, throughout.</summary>
    public static bool IsForProcessors(KernelEntry kernel) =>
        kernel.Name.Contains(nameof(ProcessorVector), StringComparison.Ordinal) || kernel.Name.EndsWith("Vectors)", StringComparison.Ordinal) || kernel.Name.Contains("Vectors<", StringComparison.Ordinal);

    private static bool IsForGroups(Type body) =>
        body.GetCustomAttribute<OnGroupsAttribute>() is not { } only || (only.Arguments.Count > 0 && body.GetGenericArguments().SequenceEqual(only.Arguments));

    // A lane that has a row to itself works on processors' vectors or on single elements; lanes that share a row on all but processors' vectors. Bodies called Fours have Vector4 throughout.
    private static bool IsLaunched(Type body, Type[] arguments)
    {
        bool alone = arguments.Contains(typeof(OneLane));
        bool shared = !alone && arguments.Any(argument => argument.IsAssignableTo(typeof(ITeam)));
        bool fours = arguments.Contains(typeof(Vector4)) || body.Name.Contains("Fours", StringComparison.Ordinal);
        return !(alone && fours) && !(shared && arguments.Contains(typeof(ProcessorVector)));
    }

    // Rows shared by a group or by a part of a warp have shapes of their own; all other rows are a lane's.
    private static string RowShape(Type body)
    {
        Type[] arguments = body.GetGenericArguments();
        return arguments.Contains(typeof(OneGroup)) ? nameof(KernelShapes.RowPerGroup)
            : arguments.Intersect([typeof(OneWarp), typeof(HalfWarp), typeof(QuarterWarp)]).Any() ? nameof(KernelShapes.RowPerWarpPart)
            : nameof(KernelShapes.RowPerLane);
    }

    private static bool IsBody(Type type) => Shapes.Any(shape => BodyInterface(shape).IsAssignableFrom(type));

    // Every shape takes its body as its only generic argument.
    private static Type BodyInterface(MethodInfo shape) =>
        shape.GetGenericArguments().Single().GetGenericParameterConstraints().Single(constraint => constraint.IsInterface);

    private static IEnumerable<Type> Candidates(Type parameter)
    {
        Type[] constraints = [.. parameter.GetGenericParameterConstraints().Where(constraint => constraint.IsInterface)];
        return constraints.Length == 0 ? [] : Structs.Where(type => constraints.All(constraint => Meets(type, constraint))).SelectMany(Close);
    }

    // A constraint such as IVector<TSelf> names the parameter itself.
    private static bool Meets(Type type, Type constraint) => constraint.ContainsGenericParameters
        ? type.GetInterfaces().Any(found => found.IsGenericType && found.GetGenericTypeDefinition() == constraint.GetGenericTypeDefinition() && found.GetGenericArguments()[0] == type)
        : constraint.IsAssignableFrom(type);

    private static string Display(Type type)
    {
        string name = type.Name.Split('`')[0];
        string arguments = string.Join(", ", type.GetGenericArguments().Select(Display));
        string owner = type.DeclaringType is { } declaring ? declaring.Name + "." : string.Empty;
        return arguments.Length == 0 ? owner + name : $"{owner}{name}<{arguments}>";
    }
}
