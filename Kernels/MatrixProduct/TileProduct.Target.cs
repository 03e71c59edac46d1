using ILGPU;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <content>What becomes of the sums.</content>
internal static partial class TileProduct
{
    /// <summary>C and the epilogue.</summary>
    internal readonly struct Target
    {
        private readonly ArrayView<float> c, bias, outputs, rightSums;
        private readonly int rows, inFours, hasBias, isGradient, accumulate;
        private readonly ActivationKind activation;

        internal readonly int Columns;

        internal Target(Matrix matrix, Epilogue epilogue)
        {
            (c, bias, outputs, rightSums) = (matrix.View, epilogue.Bias, epilogue.ActivationOutputs, epilogue.RightSums);
            (rows, Columns) = (matrix.Rows, matrix.Columns);
            inFours = IsInFours(c, Columns) && IsInFours(bias, Columns) && IsInFours(outputs, Columns) ? 1 : 0;
            hasBias = bias.Length > 0 ? 1 : 0;
            isGradient = outputs.Length > 0 ? 1 : 0;
            accumulate = epilogue.Accumulate ? 1 : 0;
            activation = epilogue.Activation;
        }

        /// <summary>Whether the tiles from c[row, ...] on write the sums over op(B)'s rows: the first row of tiles does.</summary>
        internal bool WritesRightSums(int row) => rightSums.Length > 0 && row == 0;

        /// <summary>Writes four of those sums, from <paramref name="column"/> on.</summary>
        internal void WriteRightSums(Vector4 sums, int column)
        {
            if (accumulate == 1)
                sums += Vector4.LoadSome(rightSums, column, Columns - column);
            Vector4.StoreSome(sums, rightSums, column, Columns - column);
        }

        /// <summary>Writes the sums of a block whose first element is c[row, column].</summary>
        internal void Write(Block sums, int row, int column)
        {
            for (int end = row + Block.Rows; row < end; row++)
            {
                Write(sums.First, row, column);
                sums = Block.WithoutFirst(sums);
            }
        }

        /// <summary>Writes four sums from c[row, column] on, as far as C goes.</summary>
        internal void Write(Vector4 sums, int row, int column)
        {
            if (row < rows && column < Columns)
                WriteInside(sums, row, column);
        }

        private void WriteInside(Vector4 sums, int row, int column)
        {
            long at = ((long)row * Columns) + column;
            if (accumulate == 1)
                sums += Read(c, at, column);
            if (isGradient == 1)
            {
                sums *= ActivationFunction.DerivativeFromOutput(activation, Read(outputs, at, column));
            }
            else
            {
                if (hasBias == 1)
                    sums += Read(bias, column, column);
                sums = ActivationFunction.Value(activation, sums);
            }

            if (inFours == 1)
                Vector4.Store(sums, c.SubView(at), 0);
            else
                Vector4.StoreSome(sums, c, at, Columns - column);
        }

        private Vector4 Read(ArrayView<float> elements, long at, int column)
        {
            Vector4 r;
            if (inFours == 1)
                r = Vector4.Load(elements.SubView(at), 0);
            else
                r = Vector4.LoadSome(elements, at, Columns - column);
            return r;
        }
    }
}
