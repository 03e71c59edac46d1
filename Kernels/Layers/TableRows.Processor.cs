using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>
/// The sum on a processor, a code a thread and the same bits. What the vectors of the other kernel take longest for is finding out where their rows begin: of
/// 65,536 codes of 16 variables, sums of 256 numbers took 0.33 s of one thread.
/// </summary>
internal static partial class TableRows
{
    private static void SumOnProcessor(LaunchList list, Codes codes, Matrix table, Matrix added, ActivationKind activation, Matrix y)
    {
        const string Name = "table-rows.sum";
        if (Vector512.IsHardwareAccelerated)
            list.RowPerLane(Name, y.Rows, new SumRows<OneOf512>(codes, table, added, y, activation), Cost(codes, table.Columns));
        else
            list.RowPerLane(Name, y.Rows, new SumRows<TwoOf256>(codes, table, added, y, activation), Cost(codes, table.Columns));
    }

    internal readonly unsafe struct SumRows<T>(Codes codes, Matrix table, Matrix added, Matrix y, ActivationKind activation) : IRowBody
        where T : struct, ISixteen<T>
    {
        private readonly int* numbers = (int*)codes.Numbers.LoadEffectiveAddressAsPtr();
        private readonly float* table = (float*)table.View.LoadEffectiveAddressAsPtr(), added = (float*)added.View.LoadEffectiveAddressAsPtr();
        private readonly float* y = (float*)y.View.LoadEffectiveAddressAsPtr();
        private readonly int n = codes.Variables, k = codes.Categories, width = y.Columns, rowsPerAdded = y.Rows / added.Rows;
        private readonly ActivationKind activation = activation;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row(int row)
        {
            int* number = numbers + ((nint)row * n);
            float* start = added + ((nint)(row / rowsPerAdded) * width), target = y + ((nint)row * width);
            for (int i = 0; i < width; i += T.Width)
            {
                T sum = T.LoadPart(start + i, width - i, 0f);
                for (int variable = 0; variable < n; variable++)
                    sum += T.LoadPart(table + ((((nint)variable * k) + number[variable]) * width) + i, width - i, 0f);
                T.StorePart(ActivationFunction.Value(activation, sum), target + i, width - i);
            }
        }
    }
}
