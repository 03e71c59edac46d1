using ILGPU.IR.Intrinsics;

namespace IlgpuVae.Runtime;

/// <summary>Four 32-bit integers in a vector register of a processor: OpenCL C's uint4, and only on OpenCL. <see cref="ProcessorVectorCode"/> writes the operations.</summary>
public readonly struct ProcessorWords : IWords<ProcessorWords>
{
    // As in ProcessorVector, and another number so that OpenCL C can tell the two apart.
    private readonly double token;

    private ProcessorWords(double token) => this.token = token;

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = (uint4)({0})")]
    public static ProcessorWords Fill(uint value) => ProcessorVector.OnOpenClOnly<ProcessorWords>();

    /// <summary>value, value + 1, value + 2 and value + 3.</summary>
    [IntrinsicImplementation]
    [OpenCl("{r} = (uint4)({0}) + (uint4)(0, 1, 2, 3)")]
    public static ProcessorWords CountFrom(uint value) => ProcessorVector.OnOpenClOnly<ProcessorWords>();

    /// <summary>The bits of each that <paramref name="mask"/> has.</summary>
    [IntrinsicImplementation]
    [OpenCl("{r} = {0} & (uint4)({1})")]
    public static ProcessorWords Masked(ProcessorWords words, uint mask) => ProcessorVector.OnOpenClOnly<ProcessorWords>();

    /// <summary>Each divided by a power of two.</summary>
    [IntrinsicImplementation]
    [OpenCl("{r} = {0} >> (uint4)({1})")]
    public static ProcessorWords ShiftedRight(ProcessorWords words, uint bits) => ProcessorVector.OnOpenClOnly<ProcessorWords>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = {0} ^ {1}")]
    public static ProcessorWords operator ^(ProcessorWords a, ProcessorWords b) => ProcessorVector.OnOpenClOnly<ProcessorWords>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = convert_uint4(convert_ulong4({0}) * (ulong4)({1}))")]
    public static ProcessorWords MultiplyLow(ProcessorWords a, uint b) => ProcessorVector.OnOpenClOnly<ProcessorWords>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = convert_uint4((convert_ulong4({0}) * (ulong4)({1})) >> 32)")]
    public static ProcessorWords MultiplyHigh(ProcessorWords a, uint b) => ProcessorVector.OnOpenClOnly<ProcessorWords>();
}
