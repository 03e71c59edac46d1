using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.OpenCL;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;

namespace IlgpuVae.Runtime;

/// <summary>
/// Writes the operations of <see cref="ProcessorVector"/>, <see cref="ProcessorWords"/> and <see cref="SharedCounter"/> in OpenCL C. Its compilers for processors keep vector types in vector registers whatever stands around them; sixteen numbers
/// written out one by one become vector code only where the compiler finds its way back from a store.
/// </summary>
internal static partial class ProcessorVectorCode
{
    private const BindingFlags Operations = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    // ILGPU declares the variables that hold a token as short or double. No kernel with vectors has numbers of these types of its own. Clang warns that calls pass vectors wider than the processor's
    // registers in another way; all of them are inlined.
    private const string TokensAreVectors = "\n#define short float16\n#define double uint4\n#pragma clang diagnostic ignored \"-Wpsabi\"\n";

    /// <summary>Makes the operations known to the back ends of the context that is being built.</summary>
    internal static Context.Builder EnableProcessorVectors(this Context.Builder builder)
    {
        IntrinsicImplementationManager manager = builder.GetIntrinsicManager();
        foreach (MethodInfo method in ((Type[])[typeof(ProcessorVector), typeof(ProcessorWords), typeof(SharedCounter)]).SelectMany(type => type.GetMethods(Operations)))
        {
            if (method.IsDefined(typeof(OpenClAttribute)))
                manager.RegisterMethod(method, new CLIntrinsic(typeof(ProcessorVectorCode), nameof(Write), IntrinsicImplementationMode.GenerateCode));
        }

        return builder;
    }

    private static void Write(CLBackend backend, CLCodeGenerator generator, Value value)
    {
        if (!generator.VariableBuilder.ToString().StartsWith(TokensAreVectors, StringComparison.Ordinal))
            generator.VariableBuilder.Insert(0, TokensAreVectors);
        MethodCall call = (MethodCall)value;
        MethodInfo method = (MethodInfo)call.Target.Source;
        VariableAllocator.Variable? result = method.ReturnType == typeof(void) ? null : generator.Allocate(value);
        if (result is not null)
            generator.VariableBuilder.Append('\t').Append(generator.GetVariableType(result)).Append(' ').Append(result).AppendLine(";");
        CLCodeGenerator.StatementEmitter statement = generator.BeginStatement(string.Empty);

        // Text and placeholders take turns.
        string[] pieces = Placeholder().Split(method.GetCustomAttribute<OpenClAttribute>()!.Expression);
        for (int i = 0; i < pieces.Length; i++)
        {
            if (i % 2 == 0)
                statement.AppendCommand(pieces[i]);
            else if (pieces[i] == "r")
                statement.Append(result!);
            else
                AppendArgument(generator, statement, call, method, pieces[i][0] - '0');
        }

        statement.Finish();
    }

    private static void AppendArgument(CLCodeGenerator generator, CLCodeGenerator.StatementEmitter statement, MethodCall call, MethodInfo method, int index)
    {
        VariableAllocator.Variable variable = generator.Load(call[index]);
        statement.Append(variable);

        // A view is its pointer and its length.
        if (method.GetParameters()[index].ParameterType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ArrayView<>))
            statement.AppendCommand("." + CLTypeGenerator.GetFieldName(0));
    }

    [GeneratedRegex(@"\{([r0-9])\}")]
    private static partial Regex Placeholder();
}
