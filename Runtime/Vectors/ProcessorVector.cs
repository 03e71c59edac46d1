using ILGPU;
using ILGPU.IR.Intrinsics;

namespace IlgpuVae.Runtime;

/// <summary>
/// Sixteen numbers in the vector registers of a processor: OpenCL C's float16, and only on OpenCL. <see cref="ProcessorVectorCode"/> writes the operations; their bodies here never run.
/// </summary>
public readonly struct ProcessorVector : ISquareVector<ProcessorVector>
{
    private const string Exponents = "((as_int16({0}) - 0x3F3504F3) >> 23)";
    private const string Sums = "(({0}.lo.lo + {0}.lo.hi) + ({0}.hi.lo + {0}.hi.hi))";
    private const string Maxima = "fmax(fmax({0}.lo.lo, {0}.lo.hi), fmax({0}.hi.lo, {0}.hi.hi))";

    // ILGPU takes every structure apart, at every turn of a loop. It passes a single number on as it is, and OpenCL C is told that such a number is a float16.
    private readonly short token;

    private ProcessorVector(short token) => this.token = token;

    /// <inheritdoc/>
    public static int Width => 16;

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = (float16)({0})")]
    public static ProcessorVector Fill(float value) => OnOpenClOnly<ProcessorVector>();

    /// <inheritdoc/>
    public static ProcessorVector Load(ArrayView<float> row, int start) => Load(row.SubView(start, Width));

    /// <inheritdoc/>
    public static ProcessorVector LoadPart(ArrayView<float> row, int start, int count, float filler) =>
        count >= Width ? Load(row, start) : LoadPart(row.SubView(start, count), count, filler);

    /// <inheritdoc/>
    public static void StorePart(ProcessorVector value, ArrayView<float> row, int start, int count)
    {
        if (count >= Width)
            Store(value, row, start);
        else
            StorePart(value, row.SubView(start, count), count);
    }

    /// <inheritdoc/>
    public static void Store(ProcessorVector value, ArrayView<float> row, int start) => Store(value, row.SubView(start, Width));

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = select((float16)(0.0f), {0}, (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) < (int16)({1}))")]
    public static ProcessorVector Part(ProcessorVector value, int count) => OnOpenClOnly<ProcessorVector>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = {0} + {1}")]
    public static ProcessorVector operator +(ProcessorVector a, ProcessorVector b) => OnOpenClOnly<ProcessorVector>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = {0} - {1}")]
    public static ProcessorVector operator -(ProcessorVector a, ProcessorVector b) => OnOpenClOnly<ProcessorVector>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = {0} * {1}")]
    public static ProcessorVector operator *(ProcessorVector a, ProcessorVector b) => OnOpenClOnly<ProcessorVector>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = {0} / {1}")]
    public static ProcessorVector operator /(ProcessorVector a, ProcessorVector b) => OnOpenClOnly<ProcessorVector>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = sqrt({0})")]
    public static ProcessorVector Sqrt(ProcessorVector a) => OnOpenClOnly<ProcessorVector>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = fma({0}, {1}, {2})")]
    public static ProcessorVector MultiplyAdd(ProcessorVector a, ProcessorVector b, ProcessorVector c) => OnOpenClOnly<ProcessorVector>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = select({1}, {0}, {0} > {1})")]
    public static ProcessorVector Max(ProcessorVector a, ProcessorVector b) => OnOpenClOnly<ProcessorVector>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = select({1}, {0}, {0} < {1})")]
    public static ProcessorVector Min(ProcessorVector a, ProcessorVector b) => OnOpenClOnly<ProcessorVector>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = select({2}, {1}, {0} > 0.0f)")]
    public static ProcessorVector WherePositive(ProcessorVector test, ProcessorVector value, ProcessorVector otherwise) => OnOpenClOnly<ProcessorVector>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = as_float16((as_int16({0}) - 0x4B400000 + 127) << 23)")]
    public static ProcessorVector PowerOfTwo(ProcessorVector shifted) => OnOpenClOnly<ProcessorVector>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = convert_float16(" + Exponents + ")")]
    public static ProcessorVector Exponent(ProcessorVector value) => OnOpenClOnly<ProcessorVector>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = as_float16(as_int16({0}) - (" + Exponents + " << 23))")]
    public static ProcessorVector Mantissa(ProcessorVector value) => OnOpenClOnly<ProcessorVector>();

    /// <summary>The upper 23 bits of words as whole numbers: of the first of x, y, z and w, then of the second of each, and so on.</summary>
    [IntrinsicImplementation]
    [OpenCl(
        "{r} = convert_float16(as_int16((uint16)("
        + "{0}.s0, {1}.s0, {2}.s0, {3}.s0, {0}.s1, {1}.s1, {2}.s1, {3}.s1, {0}.s2, {1}.s2, {2}.s2, {3}.s2, {0}.s3, {1}.s3, {2}.s3, {3}.s3) >> 9))")]
    public static ProcessorVector UpperBits(ProcessorWords x, ProcessorWords y, ProcessorWords z, ProcessorWords w) => OnOpenClOnly<ProcessorVector>();

    /// <summary>The upper 23 bits of the first two words as whole numbers: of x and y at one place, then at the next, and so on, of four places and four more.</summary>
    [IntrinsicImplementation]
    [OpenCl(
        "{r} = convert_float16(as_int16((uint16)("
        + "{0}.s0, {1}.s0, {0}.s1, {1}.s1, {0}.s2, {1}.s2, {0}.s3, {1}.s3, {2}.s0, {3}.s0, {2}.s1, {3}.s1, {2}.s2, {3}.s2, {2}.s3, {3}.s3) >> 9))")]
    public static ProcessorVector UpperBitsOfPairs(ProcessorWords x, ProcessorWords y, ProcessorWords nextX, ProcessorWords nextY) => OnOpenClOnly<ProcessorVector>();

    /// <summary>Each element at its neighbour's place: the two of a pair exchanged.</summary>
    [IntrinsicImplementation]
    [OpenCl("{r} = {0}.s1032547698badcfe")]
    public static ProcessorVector SwapOnes(ProcessorVector value) => OnOpenClOnly<ProcessorVector>();

    /// <summary>The two pairs of each four exchanged.</summary>
    [IntrinsicImplementation]
    [OpenCl("{r} = {0}.s23016745ab89efcd")]
    public static ProcessorVector SwapTwos(ProcessorVector value) => OnOpenClOnly<ProcessorVector>();

    /// <summary>The two fours of each eight exchanged.</summary>
    [IntrinsicImplementation]
    [OpenCl("{r} = {0}.s45670123cdef89ab")]
    public static ProcessorVector SwapFours(ProcessorVector value) => OnOpenClOnly<ProcessorVector>();

    /// <summary>0, 1, ... to <paramref name="period"/> - 1, again and again; a power of two.</summary>
    [IntrinsicImplementation]
    [OpenCl("{r} = convert_float16((int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) & (int16)({0} - 1))")]
    public static ProcessorVector Places(int period) => OnOpenClOnly<ProcessorVector>();

    /// <summary>The first element.</summary>
    [IntrinsicImplementation]
    [OpenCl("{r} = {0}.s0")]
    public static float First(ProcessorVector value) => OnOpenClOnly<float>();

    /// <summary>Writes every <paramref name="step"/>-th element, <paramref name="count"/> of them.</summary>
    [IntrinsicImplementation]
    [OpenCl("{ float16 all = {0}; for (int i = 0; i < {3}; i++) {1}[i] = ((private float*)&all)[i * {2}]; }")]
    public static void StoreEvery(ProcessorVector value, ArrayView<float> target, int step, int count) => OnOpenClOnly<int>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = (" + Sums + ".s0 + " + Sums + ".s1) + (" + Sums + ".s2 + " + Sums + ".s3)")]
    public static float Sum(ProcessorVector value) => OnOpenClOnly<float>();

    /// <inheritdoc/>
    [IntrinsicImplementation]
    [OpenCl("{r} = fmax(fmax(" + Maxima + ".s0, " + Maxima + ".s1), fmax(" + Maxima + ".s2, " + Maxima + ".s3))")]
    public static float Largest(ProcessorVector value) => OnOpenClOnly<float>();

    [IntrinsicImplementation]
    [OpenCl("{r} = vload16(0, {0})")]
    private static ProcessorVector Load(ArrayView<float> sixteen) => OnOpenClOnly<ProcessorVector>();

    [IntrinsicImplementation]
    [OpenCl("vstore16({0}, 0, {1})")]
    private static void Store(ProcessorVector value, ArrayView<float> sixteen) => OnOpenClOnly<int>();

    /// <inheritdoc/>
    /// <remarks>Four squares of eight by eight, the registers that AVX has: numbers of two rows interleaved by ones, those by twos, and the halves of four rows put together. With vectors of
    /// sixteen, or of four, the compiler takes the interleaving apart again.</remarks>
    [IntrinsicImplementation]
    [OpenCl("""

        #define EVEN_ONES(x, y) (float8)(x.s0, y.s0, x.s1, y.s1, x.s4, y.s4, x.s5, y.s5)
        #define ODD_ONES(x, y) (float8)(x.s2, y.s2, x.s3, y.s3, x.s6, y.s6, x.s7, y.s7)
        #define EVEN_TWOS(x, y) (float8)(x.s01, y.s01, x.s45, y.s45)
        #define ODD_TWOS(x, y) (float8)(x.s23, y.s23, x.s67, y.s67)
        for (int square = 0; square < 4; square++) {
            float* from = {0} + (square >> 1) * 8 * {1} + (square & 1) * 8;
            float* to = {2} + (square & 1) * 128 + (square >> 1) * 8;
            float8 r0 = vload8(0, from), r1 = vload8(0, from + {1}), r2 = vload8(0, from + 2 * {1}), r3 = vload8(0, from + 3 * {1});
            float8 r4 = vload8(0, from + 4 * {1}), r5 = vload8(0, from + 5 * {1}), r6 = vload8(0, from + 6 * {1}), r7 = vload8(0, from + 7 * {1});
            float8 e01 = EVEN_ONES(r0, r1), e23 = EVEN_ONES(r2, r3), e45 = EVEN_ONES(r4, r5), e67 = EVEN_ONES(r6, r7);
            float8 o01 = ODD_ONES(r0, r1), o23 = ODD_ONES(r2, r3), o45 = ODD_ONES(r4, r5), o67 = ODD_ONES(r6, r7);
            float8 c04 = EVEN_TWOS(e01, e23), c15 = ODD_TWOS(e01, e23), c26 = EVEN_TWOS(o01, o23), c37 = ODD_TWOS(o01, o23);
            float8 d04 = EVEN_TWOS(e45, e67), d15 = ODD_TWOS(e45, e67), d26 = EVEN_TWOS(o45, o67), d37 = ODD_TWOS(o45, o67);
            vstore8((float8)(c04.lo, d04.lo), 0, to); vstore8((float8)(c15.lo, d15.lo), 0, to + 16);
            vstore8((float8)(c26.lo, d26.lo), 0, to + 32); vstore8((float8)(c37.lo, d37.lo), 0, to + 48);
            vstore8((float8)(c04.hi, d04.hi), 0, to + 64); vstore8((float8)(c15.hi, d15.hi), 0, to + 80);
            vstore8((float8)(c26.hi, d26.hi), 0, to + 96); vstore8((float8)(c37.hi, d37.hi), 0, to + 112);
        }
        """)]
    public static void Transpose(ArrayView<float> source, int stride, ArrayView<float> target) => OnOpenClOnly<int>();

    // From the last element forwards, so that every piece has its place: what was read before moves up by the piece's length.
    [IntrinsicImplementation]
    [OpenCl(
        "{r} = (float16)({2}); "
        + "if ({1} & 1) {r}.s0 = {0}[{1} - 1]; "
        + "if ({1} & 2) {r} = (float16)(vload2(0, {0} + ({1} & 12)), {r}.s01234567, {r}.s89ab, {r}.scd); "
        + "if ({1} & 4) {r} = (float16)(vload4(0, {0} + ({1} & 8)), {r}.s01234567, {r}.s89ab); "
        + "if ({1} & 8) {r} = (float16)(vload8(0, {0}), {r}.s01234567)")]
    private static ProcessorVector LoadPart(ArrayView<float> part, int count, float filler) => OnOpenClOnly<ProcessorVector>();

    [IntrinsicImplementation]
    [OpenCl(
        "{ float16 rest = {0}; "
        + "if ({2} & 8) { vstore8(rest.lo, 0, {1}); rest.lo = rest.hi; } "
        + "if ({2} & 4) { vstore4(rest.lo.lo, 0, {1} + ({2} & 8)); rest.lo.lo = rest.lo.hi; } "
        + "if ({2} & 2) { vstore2(rest.s01, 0, {1} + ({2} & 12)); rest.s0 = rest.s2; } "
        + "if ({2} & 1) {1}[{2} - 1] = rest.s0; }")]
    private static void StorePart(ProcessorVector value, ArrayView<float> part, int count) => OnOpenClOnly<int>();

    internal static T OnOpenClOnly<T>() => throw new NotSupportedException();
}
