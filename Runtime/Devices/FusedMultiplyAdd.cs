using System.Reflection;
using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Frontend;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;

namespace IlgpuVae.Runtime;

/// <summary>
/// a * b + c as the one instruction that devices have for it. A question for <c>Accelerator.CurrentType</c> cannot choose it: ILGPU turns the question
/// into a select and keeps the calls of both sides, and CUDA then looks in vain for OpenCL's function. So each back end gets an implementation of its own.
/// </summary>
internal static class FusedMultiplyAdd
{
    /// <summary>a * b + c, rounded once.</summary>
    [IntrinsicImplementation]
    public static float Compute(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    /// <summary>Makes <see cref="Compute"/> known to the back ends of the context that is being built.</summary>
    internal static Context.Builder EnableFusedMultiplyAdd(this Context.Builder builder)
    {
        IntrinsicImplementationManager manager = builder.GetIntrinsicManager();
        manager.RegisterMethod(Method(nameof(Compute)), new PTXIntrinsic(typeof(FusedMultiplyAdd), nameof(WritePtx), IntrinsicImplementationMode.GenerateCode));
        manager.RegisterMethod(Method(nameof(Compute)), new CLIntrinsic(Method(nameof(OpenCl)), IntrinsicImplementationMode.Redirect));
        return builder;
    }

    // The driver's assembler would fuse a product and a sum too, but ILGPU moves the two apart, and more numbers then have to be kept.
    private static void WritePtx(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        MethodCall call = (MethodCall)value;
        PTXRegisterAllocator.PrimitiveRegister a = generator.LoadPrimitive(call[0]), b = generator.LoadPrimitive(call[1]), c = generator.LoadPrimitive(call[2]);
        PTXRegisterAllocator.HardwareRegister result = generator.AllocateHardware(value);
        using PTXCodeGenerator.CommandEmitter command = generator.BeginCommand("fma.rn.f32");
        command.AppendArgument(result);
        command.AppendArgument(a);
        command.AppendArgument(b);
        command.AppendArgument(c);
    }

    // Compilers of OpenCL C for processors do not fuse by themselves; this is the built-in of that name, and never the body.
    [External("fma")]
    private static float OpenCl(float a, float b, float c) => (a * b) + c;

    private static MethodInfo Method(string name) =>
        typeof(FusedMultiplyAdd).GetMethod(name, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!;
}
