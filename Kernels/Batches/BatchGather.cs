using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ILGPU;
using ILGPU.Runtime;
using IlgpuVae.Runtime;

namespace IlgpuVae.Kernels;

/// <summary>How grey levels become the numbers the model sees; the value is the one kernels see.</summary>
public enum DeviceBinarisation
{
    /// <summary>As they are.</summary>
    None = 0,

    /// <summary>Each drawn afresh at every step, one with probability equal to the grey level.</summary>
    Dynamic = 1,
}

/// <summary>Which examples a gathered batch holds.</summary>
internal enum BatchOrder
{
    /// <summary>A fresh random order every epoch, each example once an epoch; batches run on over the end of an epoch.</summary>
    Shuffled = 0,

    /// <summary>Example step + b, the step counting examples from 0; beyond the last example rows repeat it.</summary>
    Sequential = 1,
}

/// <summary>
/// Gathers a batch X [B, D] from a data set on the device, as bytes (scaled by 1/255) or as numbers, shuffling and binarising on the fly. The example of
/// row b in step t is position p = (t - 1) B + b of an endless sequence of epochs; each epoch's order is a keyed permutation computed where it is needed,
/// so there is no list to store and resuming needs the step alone. Of a data set that streams through the device only a window of W rows is there, laid out
/// by position beforehand: p is its row p mod W.
/// </summary>
internal static class BatchGather
{
    private const float GreyScale = 1f / 255f;
    private const int FeistelRounds = 8;
    private const int LongestRowOfALane = 16;

    /// <summary>
    /// Records the gathering of bytes [n, D]. Where they are part of a larger example, <paramref name="firstElement"/> says where in it they begin: pixels are
    /// drawn by their place in the whole. With a <paramref name="window"/> above 0 the bytes are [W, D], the rows around the step's positions.
    /// </summary>
    public static void Record(
        LaunchList list,
        ArrayView<StepState> state,
        ArrayView<byte> data,
        int count,
        Matrix batch,
        BatchOrder order,
        DeviceBinarisation binarisation,
        ulong seed,
        int firstElement = 0,
        int window = 0) =>
        Record(list, new Source(state, data, default, 1, count, batch, order, binarisation, seed, firstElement, window), batch, sizeof(byte));

    /// <summary>Records the gathering of numbers [n, D], or of [W, D] with a <paramref name="window"/> above 0.</summary>
    public static void Record(
        LaunchList list, ArrayView<StepState> state, ArrayView<float> data, int count, Matrix batch, BatchOrder order, ulong seed, int window = 0) =>
        Record(list, new Source(state, default, data, 0, count, batch, order, DeviceBinarisation.None, seed, 0, window), batch, sizeof(float));

    /// <summary>Reads each number of the batch once from the data set and writes it.</summary>
    public static KernelCost Cost(Matrix batch, int elementBytes) => new(batch.Length * (sizeof(float) + elementBytes), batch.Length);

    /// <summary>The position of a step's first row in the sequence of examples; the other rows of its batch follow.</summary>
    public static long FirstPosition(BatchOrder order, int step, int batch) => order == BatchOrder.Sequential ? step : (long)(step - 1) * batch;

    /// <summary>The example in position <paramref name="position"/> (from 0) of the shuffled sequence of epochs over n examples.</summary>
    public static int ShuffledExample(long position, int n, ulong seed)
    {
        uint epoch = (uint)(position / n);
        uint index = (uint)(position - ((long)epoch * n));

        // A Feistel network permutes [0, 4^h); walking on until the result is below n permutes [0, n).
        int halfBits = 1;
        while ((1L << (2 * halfBits)) < n)
            halfBits++;
        uint mask = (1u << halfBits) - 1;
        do
        {
            uint left = index >> halfBits;
            uint right = index & mask;
            for (uint round = 0; round < FeistelRounds; round++)
            {
                uint mixed = left ^ (Philox.Generate(right, round, epoch, (uint)Randomness.Shuffle, seed).X & mask);
                left = right;
                right = mixed;
            }

            index = (left << halfBits) | right;
        }
        while (index >= (uint)n);
        return (int)index;
    }

    private static void Record(LaunchList list, Source source, Matrix batch, int elementBytes)
    {
        KernelCost cost = Cost(batch, elementBytes);
        if (list.Device.Style == LaunchStyle.Processor && Vector512.IsHardwareAccelerated)
            list.RowPerLane("batch-gather", batch.Rows, new Sixteens<OneOf512>(source), cost);
        else if (list.Device.Style == LaunchStyle.Processor)
            list.RowPerLane("batch-gather", batch.Rows, new Sixteens<TwoOf256>(source), cost);
        else if (batch.Columns <= LongestRowOfALane)
            list.RowPerLane("batch-gather", batch.Rows, new Rows<OneLane>(source), cost);
        else if (batch.Columns % Vector4.Width == 0)
            list.RowPerGroup("batch-gather", batch.Rows, batch.Columns / Vector4.Width, new Fours<OneGroup>(source), cost);
        else
            list.RowPerGroup("batch-gather", batch.Rows, batch.Columns, new Rows<OneGroup>(source), cost);
    }

    internal struct Source(
        ArrayView<StepState> state, ArrayView<byte> bytes, ArrayView<float> numbers, int isBytes, int count, Matrix batch, BatchOrder order,
            DeviceBinarisation binarisation, ulong seed,
        int firstElement, int window)
    {
        internal ArrayView<StepState> State = state;
        internal ArrayView<byte> Bytes = bytes;
        internal ArrayView<float> Numbers = numbers, Batch = batch.View;
        internal int IsBytes = isBytes, Count = count, BatchRows = batch.Rows, Width = batch.Columns, FirstElement = firstElement, Window = window;
        internal BatchOrder Order = order;
        internal DeviceBinarisation Binarisation = binarisation;
        internal ulong Seed = seed;

        // Where among the rows that are on the device the example of a row of the batch lies.
        internal readonly long Example(int step, int row)
        {
            long position = FirstPosition(Order, step, BatchRows) + row;
            if (Order == BatchOrder.Sequential)
                position = IntrinsicMath.Min(position, Count - 1L);
            if (Window > 0)
                return position % Window;
            return Order == BatchOrder.Sequential ? position : ShuffledExample(position, Count, Seed);
        }

        // Where it begins. The first warp finds it for all lanes that share the row: a permutation is a few hundred instructions.
        internal readonly long Start<TTeam>(int step, int row)
            where TTeam : struct, ILaneOrGroup
        {
            long example = 0;
            if (TTeam.Lane < OneWarp.Lanes)
                example = Example(step, row);
            return TTeam.OfFirst(example) * Width;
        }

        // One with the probability of a grey level, or the level itself.
        internal readonly float Pixel(int step, int row, int d, int level)
        {
            float grey = level * GreyScale;
            if (Binarisation == DeviceBinarisation.Dynamic)
            {
                Philox4 words = Philox.Generate((uint)(FirstElement + d), (uint)row, (uint)step, (uint)Randomness.Binarise, Seed);
                grey = Philox.Uniform(words.X) < grey ? 1f : 0f;
            }

            return grey;
        }
    }

    internal readonly struct Rows<TTeam>(Source source) : IRowBody
        where TTeam : struct, ILaneOrGroup
    {
        public void Row(int row)
        {
            int step = source.State[0].Step;
            long start = source.Start<TTeam>(step, row);
            ArrayView<float> target = source.Batch.SubView((long)row * source.Width, source.Width);
            if (source.IsBytes == 1)
            {
                ArrayView<byte> bytes = source.Bytes.SubView(start, source.Width);
                for (int d = TTeam.Lane; d < source.Width; d += TTeam.Lanes)
                    target[d] = source.Pixel(step, row, d, bytes[d]);
            }
            else
            {
                ArrayView<float> numbers = source.Numbers.SubView(start, source.Width);
                for (int d = TTeam.Lane; d < source.Width; d += TTeam.Lanes)
                    target[d] = numbers[d];
            }
        }
    }

    // Rows of whole fours: one access to four numbers or four bytes.
    [OnGroups(typeof(OneGroup))]
    internal readonly struct Fours<TTeam>(Source source) : IRowBody
        where TTeam : struct, ILaneOrGroup
    {
        public void Row(int row)
        {
            int step = source.State[0].Step;
            long start = source.Start<TTeam>(step, row);
            ArrayView<float> target = source.Batch.SubView((long)row * source.Width, source.Width);
            if (source.IsBytes == 1)
            {
                ArrayView<uint> words = source.Bytes.SubView(start, source.Width).AsAligned(sizeof(uint)).Cast<uint>();
                for (int d = TTeam.Lane * Vector4.Width; d < source.Width; d += TTeam.Lanes * Vector4.Width)
                {
                    uint word = words[d / Vector4.Width];
                    Vector4 pixels = Vector4.Of(
                        Pixel(step, row, d, word, 0), Pixel(step, row, d, word, 1), Pixel(step, row, d, word, 2), Pixel(step, row, d, word, 3));
                    Vector4.Store(pixels, target, d);
                }
            }
            else
            {
                ArrayView<float> numbers = source.Numbers.SubView(start, source.Width);
                for (int d = TTeam.Lane * Vector4.Width; d < source.Width; d += TTeam.Lanes * Vector4.Width)
                    Vector4.Store(Vector4.Load(numbers, d), target, d);
            }
        }

        // The first byte is the lowest of the word, on every device there is.
        private float Pixel(int step, int row, int d, uint word, int place) => source.Pixel(step, row, d + place, (int)((word >> (8 * place)) & byte.MaxValue));
    }

    // Sixteen pixels at a time on the processor.
    internal readonly unsafe struct Sixteens<T>(Source source) : IRowBody
        where T : struct, ISixteen<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row(int row)
        {
            int step = source.State[0].Step, width = source.Width;
            long start = source.Example(step, row) * width;
            float* target = (float*)source.Batch.LoadEffectiveAddressAsPtr() + ((long)row * width);
            if (source.IsBytes == 0)
            {
                Buffer.MemoryCopy((float*)source.Numbers.LoadEffectiveAddressAsPtr() + start, target, (long)width * sizeof(float), (long)width * sizeof(float));
                return;
            }

            RandomRow draw = new(source.Seed, Randomness.Binarise, step, row);
            byte* bytes = (byte*)source.Bytes.LoadEffectiveAddressAsPtr() + start;
            for (int d = 0; d < width; d += T.Width)
            {
                T grey = T.OfBytes(Bytes(bytes + d, width - d)) * T.Fill(GreyScale);
                if (source.Binarisation == DeviceBinarisation.Dynamic)
                    grey = T.WherePositive(grey - Philox.Uniform(SixteenWords.OfFirstWords<T>(draw, (uint)(source.FirstElement + d))), T.Fill(1f), T.Fill(0f));
                T.StorePart(grey, target + d, width - d);
            }
        }

        private static Vector128<byte> Bytes(byte* at, int count)
        {
            if (count >= T.Width)
                return Vector128.Load(at);
            byte* all = stackalloc byte[T.Width];
            for (int i = 0; i < T.Width; i++)
                all[i] = i < count ? at[i] : (byte)0;
            return Vector128.Load(all);
        }
    }
}
