using ILGPU;
using ILGPU.Util;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests;

/// <summary>The reductions that lanes share, one after the other in one kernel, over rows shorter and longer than the team.</summary>
public class TeamTests(Target target) : AcceleratorSuite(target)
{
    [Test]
    public void Reductions_MatchTheHost([Values(17, 33, 64, 65, 257, 1000)] int columns, [Values(1, 3, 40)] int rows)
    {
        if (Device.Style == LaunchStyle.Processor)
            Verify<OneLane>(Device, rows, columns);
        else
            Verify<OneGroup>(Device, rows, columns);
    }

    internal static void Verify<TTeam>(ComputeDevice device, int rows, int columns)
        where TTeam : struct, ITeam
    {
        using Arena arena = new(device);
        // Small integers: their sums are exact in any order.
        Random random = new(columns + rows);
        float[] values = [.. Enumerable.Range(0, rows * columns).Select(_ => (float)random.Next(-1000, 1000))];
        GuardedMatrix result = new(device, arena, rows, 4);
        Matrix input = arena.Matrix(rows, columns, MemoryUse.Activations);
        device.Upload<float>(input.View, values);
        LaunchList list = new(device);
        list.Rows<TTeam, Body<TTeam>>("reductions", rows, columns, new(input.View, result.Matrix.View, columns), default);
        list.Replay();
        device.Wait();
        float[] actual = result.Download();
        for (int row = 0; row < rows; row++)
        {
            float[] cells = values[(row * columns)..((row + 1) * columns)];
            float[] expected = [cells.Sum(), cells.Max(), cells.Min(), Array.IndexOf(cells, cells.Max())];
            Assert.That(actual[(row * 4)..((row * 4) + 4)], Is.EqualTo(expected), $"sum, maximum, minimum and first place of the maximum of row {row}");
        }
    }

    internal readonly struct Body<TTeam>(ArrayView<float> values, ArrayView<float> result, int columns) : IRowBody
        where TTeam : struct, ITeam
    {
        public void Row(int row)
        {
            ArrayView<float> cells = values.SubView((long)row * columns, columns);
            float sum = 0f;
            float max = float.NegativeInfinity;
            int min = int.MaxValue;
            int at = columns;
            for (int i = TTeam.Lane; i < columns; i += TTeam.Lanes)
            {
                sum += cells[i];
                min = IntrinsicMath.Min(min, (int)cells[i]);
                if (cells[i] > max)
                {
                    max = cells[i];
                    at = i;
                }
            }

            float largest = TTeam.Max(max);
            int first = TTeam.Min(Utilities.Select(max == largest, at, columns));
            sum = TTeam.Sum(sum);
            min = TTeam.Min(min);
            if (TTeam.Lane == 0)
            {
                result[4 * row] = sum;
                result[(4 * row) + 1] = largest;
                result[(4 * row) + 2] = min;
                result[(4 * row) + 3] = first;
            }
        }
    }
}
