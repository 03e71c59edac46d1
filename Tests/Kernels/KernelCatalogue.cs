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

    /// <summary>
    /// How many registers CUDA may give it: for tiles so many that <c>GroupsAtOnce</c> groups fit, a constant beside the body, as
    /// <see cref="LaunchListExtensions.Tiles"/> is told.
    /// </summary>
    public KernelSpecialization Registers => Method.Name != nameof(KernelShapes.Tiles)
        ? KernelSpecialization.Empty
        : new(
            TileProduct.GroupSize,
            (int)Body.DeclaringType!.GetField("GroupsAtOnce", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!.GetRawConstantValue()!);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>
/// Every kernel that graphics processors get, by reflection: the shapes are the generic methods of <see cref="KernelShapes"/>, the bodies the structs that
/// implement what a shape asks of its body, and the generic arguments of a body the structs that meet their constraints, in the combinations that are launched.
/// Nothing has to be entered anywhere.
/// </summary>
public static class KernelCatalogue
{
    private static readonly Assembly[] Assemblies = [typeof(MatMul).Assembly, typeof(ITeam).Assembly];

    // What a body of one of the adapters (RowBody and its like) makes a body of: the structs that hold the formulas.
    private static readonly Type[] KernelInterfaces = [typeof(IRowKernel), typeof(ITeamKernel), typeof(IVectorKernel), typeof(IMatrixVectorKernel)];

    private static readonly Type[] PartsOfAWarp = [typeof(OneWarp), typeof(HalfWarp), typeof(QuarterWarp)];

    private static readonly MethodInfo[] Shapes =
    [
        .. typeof(KernelShapes)
            .GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Where(method => method.IsGenericMethodDefinition),
    ];

    private static readonly Lazy<Type[]> drawing = new(() => [.. RecordedBodies.DrawingKernels]);

    /// <summary>The structs that hold formulas, generic ones open: kernels that an adapter makes bodies of, and bodies that are none of an adapter's.</summary>
    public static IEnumerable<Type> Formulas => Structs.Where(type => IsKernel(type) || (IsBody(type) && !IsAdapter(type) && !IsForTheProcessor(type)));

    /// <summary>The kernels of all bodies that can be closed.</summary>
    public static IEnumerable<KernelEntry> Kernels => Structs.Where(IsBody).SelectMany(Close).SelectMany(Entries);

    /// <summary>Those that CUDA is given: some bodies say that groups get others.</summary>
    public static IEnumerable<KernelEntry> CudaKernels => Kernels.Where(kernel => IsForGroups(kernel.Body));

    private static IEnumerable<Type> Structs =>
        Assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => type is { IsValueType: true, IsEnum: false });

    private static IEnumerable<Type> Adapters => Structs.Where(type => IsBody(type) && IsAdapter(type));

    /// <summary>A struct with every combination of arguments that its constraints allow and that is launched; none where a parameter has no argument.</summary>
    public static IEnumerable<Type> Close(Type body)
    {
        if (!body.IsGenericTypeDefinition)
            return [body];
        IEnumerable<Type[]> combinations = [[]];
        foreach (Type parameter in body.GetGenericArguments())
            combinations = combinations.SelectMany(_ => Candidates(parameter), (chosen, next) => (Type[])[.. chosen, next]);
        return combinations.Select(arguments => body.MakeGenericType(arguments)).Where(IsLaunched);
    }

    /// <summary>The kernels of one formula.</summary>
    public static IEnumerable<KernelEntry> EntriesOf(Type formula) => IsKernel(formula)
        ? Adapters.SelectMany(Close).Where(body => Opened(body.GetGenericArguments()[0]) == formula).SelectMany(Entries)
        : Close(formula).SelectMany(Entries);

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
    public static bool IsForWarps(KernelEntry kernel) =>
        kernel.Method.Name is nameof(KernelShapes.RowPerWarpPart) or nameof(KernelShapes.RowPerLaneOfWarp);

    /// <summary>The longest rows of a row kernel that a lane of a warp holds.</summary>
    internal static int LongestRowOfALane(Type kernel) =>
        (int)typeof(KernelCatalogue).GetMethod(nameof(LongestOf), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(kernel).Invoke(null, null)!;

    /// <summary>The generic type of a closed one; others as they are.</summary>
    internal static Type Opened(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    private static int LongestOf<TKernel>()
        where TKernel : struct, IRowKernel => TKernel.LongestRowOfALane;

    // What stands on a kernel is of the bodies that an adapter makes of it: their arguments but for the kernel itself.
    private static bool IsForGroups(Type body)
    {
        bool isAdapter = IsAdapter(Opened(body));
        Type formula = isAdapter ? body.GetGenericArguments()[0] : body;
        return formula.GetCustomAttribute<OnGroupsAttribute>() is not { } only
            || (only.Arguments.Count > 0 && body.GetGenericArguments().Skip(isAdapter ? 1 : 0).SequenceEqual(only.Arguments));
    }

    /// <summary>All generic arguments of a type and of its arguments.</summary>
    internal static IEnumerable<Type> Arguments(Type type) => type.GetGenericArguments().SelectMany(argument => Arguments(argument).Prepend(argument));

    // As RowLaunches, TeamLaunches and VectorLaunches choose. Vectors of sixteen are the processor's, which compiles nothing.
    private static bool IsLaunched(Type type)
    {
        Type[] arguments = [.. Arguments(type)];
        if (arguments.Any(IsSixteen))
            return false;
        if (arguments.FirstOrDefault(argument => Opened(argument) == typeof(LaneRow<>)) is { } lane)
            return Array.IndexOf(HeldRows.WholeRows, lane.GetGenericArguments()[0]) * Vector4.Width < LongestRowOfALane(arguments[0]);
        bool loose = arguments.Contains(typeof(LooseFour)), single = arguments.Contains(typeof(Scalar));
        bool alone = arguments.Contains(typeof(OneLane));

        // Rows so short that a part of a warp has one number a lane are mostly a lane's.
        if (Opened(type) == typeof(RowBody<,>) && single && arguments.Intersect(PartsOfAWarp).Any() && !arguments.Contains(typeof(OneWarp)))
            return arguments.Contains(typeof(HalfWarp)) && LongestRowOfALane(arguments[0]) < LaneRow<Scalar>.MostElements;
        if (Opened(type) == typeof(RowBody<,>))
            return drawing.Value.Contains(Opened(arguments[0])) ? !single && (loose || !alone) : !loose && (single || !alone);
        if (Opened(type) == typeof(TeamBody<,,>))
            return !loose && !arguments.Intersect(PartsOfAWarp).Any() && (single || !alone);
        return !(loose && IsAdapter(Opened(type)));
    }

    // Its parameter is a vector that the processor alone has, which compiles nothing.
    private static bool IsForTheProcessor(Type type) =>
        type.GetGenericArguments()
            .Any(
                parameter =>
                    parameter.IsGenericParameter && parameter.GetGenericParameterConstraints().Any(constraint => Opened(constraint) == typeof(ISixteen<>)));

    private static bool IsSixteen(Type type) => type.GetInterfaces().Any(found => Opened(found) == typeof(ISixteen<>));

    // Rows shared by a group or by a part of a warp have shapes of their own; all other rows are a lane's.
    private static string RowShape(Type body)
    {
        Type[] arguments = [.. Arguments(body)];
        return arguments.Contains(typeof(OneGroup)) ? nameof(KernelShapes.RowPerGroup)
            : arguments.Any(argument => Opened(argument) == typeof(LaneRow<>)) ? nameof(KernelShapes.RowPerLaneOfWarp)
            : arguments.Intersect(PartsOfAWarp).Any() ? nameof(KernelShapes.RowPerWarpPart)
            : nameof(KernelShapes.RowPerLane);
    }

    private static bool IsBody(Type type) => Shapes.Any(shape => BodyInterface(shape).IsAssignableFrom(type));

    private static bool IsKernel(Type type) => KernelInterfaces.Any(wanted => wanted.IsAssignableFrom(type));

    private static bool IsAdapter(Type type) =>
        type.IsGenericTypeDefinition && type.GetGenericArguments()[0].GetGenericParameterConstraints().Any(KernelInterfaces.Contains);

    // Every shape takes its body as its only generic argument.
    private static Type BodyInterface(MethodInfo shape) =>
        shape.GetGenericArguments().Single().GetGenericParameterConstraints().Single(constraint => constraint.IsInterface);

    private static IEnumerable<Type> Candidates(Type parameter)
    {
        if (parameter.DeclaringType == typeof(LaneRow<>))
            return HeldRows.WholeRows;
        Type[] constraints = [.. parameter.GetGenericParameterConstraints().Where(constraint => constraint.IsInterface)];
        return constraints.Length == 0
            ? []
            : Structs.Where(type => type != typeof(Joined<,>) && constraints.All(constraint => Meets(type, constraint))).SelectMany(Close);
    }

    // A constraint such as IVector<TSelf> names the parameter itself.
    private static bool Meets(Type type, Type constraint) => constraint.ContainsGenericParameters
        ? type.GetInterfaces().Any(found => Opened(found) == Opened(constraint) && found.GetGenericArguments()[0] == type)
        : constraint.IsAssignableFrom(type);

    private static string Display(Type type)
    {
        string name = type.Name.Split('`')[0];
        string arguments = string.Join(", ", type.GetGenericArguments().Select(Display));
        string owner = type.DeclaringType is { } declaring ? declaring.Name + "." : string.Empty;
        return arguments.Length == 0 ? owner + name : $"{owner}{name}<{arguments}>";
    }
}
