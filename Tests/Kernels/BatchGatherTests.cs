using ILGPU;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>Which examples a batch holds, and what becomes of their bytes and numbers on the way.</summary>
[SuiteOf(typeof(BatchGather), InPlaceOfAReference = "copies, and permutations that are checked to be such")]
internal class BatchGatherTests(Target target) : AcceleratorSuite(target)
{
    private const ulong Seed = 0xC0FFEE1234567890;

    // Prime, power of two, beside one, and 1; batches that divide n, that do not, and that are longer than an epoch.
    private static readonly (int N, int Batch)[] Sizes = [(1, 1), (1, 3), (2, 1), (7, 3), (16, 4), (16, 5), (17, 5), (31, 64), (64, 7), (65, 13), (257, 100)];

    [Test]
    public void Epochs_HoldEveryExampleOnce([ValueSource(nameof(Sizes))] (int N, int Batch) size)
    {
        const int Epochs = 4;
        int steps = ((Epochs * size.N) + size.Batch - 1) / size.Batch;
        int[] sequence = [.. Sequence(size.N, size.Batch, steps, BatchOrder.Shuffled)];
        for (int epoch = 0; epoch < Epochs; epoch++)
            Assert.That(sequence.Skip(epoch * size.N).Take(size.N), Is.EquivalentTo(Enumerable.Range(0, size.N)), $"epoch {epoch}");
        Assert.That(
            sequence,
            Is.EqualTo(Enumerable.Range(0, sequence.Length).Select(position => BatchGather.ShuffledExample(position, size.N, Seed))),
            "the host's own sequence");
    }

    [Test]
    public void Epochs_AndSeeds_DifferInOrder()
    {
        int[] sequence = [.. Sequence(65, 65, 3, BatchOrder.Shuffled)];
        int[] other = [.. Sequence(65, 65, 1, BatchOrder.Shuffled, Seed + 1)];
        Assert.That(sequence[..65], Is.Not.EqualTo(sequence[65..130]));
        Assert.That(sequence[65..130], Is.Not.EqualTo(sequence[130..]));
        Assert.That(sequence[..65], Is.Not.EqualTo(other));
        Assert.That(sequence[..65], Is.Not.EqualTo(Enumerable.Range(0, 65)));
    }

    [Test]
    public void Sequential_RunsThroughAndStaysAtTheLast() =>
        Assert.That(Sequence(7, 3, 4, BatchOrder.Sequential), Is.EqualTo(new[] { 0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6 }));

    [Test]
    public void Window_IsReadByPosition([Values] BatchOrder order)
    {
        // Row i of the window holds the number i.
        const int N = 7, Window = 6, Batch = 3;
        float[] rows = [.. Enumerable.Range(0, Window).Select(i => (float)i)];
        foreach (int step in new[] { 1, 2, 3, 1_000_001 })
        {
            GuardedMatrix batch = new(Device, Arena, Batch, 1);
            ArrayView<StepState> state = Upload(new StepState { Step = step });
            Run(list => BatchGather.Record(list, state, Upload(rows, Window, 1).View, N, batch.Matrix, order, Seed, Window));
            long Position(int row) => order == BatchOrder.Shuffled ? ((step - 1L) * Batch) + row : Math.Min(step + row, N - 1);
            Assert.That(batch.Download(), Is.EqualTo(Enumerable.Range(0, Batch).Select(row => (float)(Position(row) % Window))), $"step {step}");
        }
    }

    [Test]
    public void LatePositions_AreStillInRange([Values(7, 60_000)] int n)
    {
        // Step 1 000 000 with 512 examples a batch is beyond 2^31 / 4 positions; the epochs go on counting.
        long first = 1_000_000L * 512 / n * n;
        Assert.That(Enumerable.Range(0, 7).Select(i => BatchGather.ShuffledExample(first + i, n, Seed)), Is.Unique.And.All.InRange(0, n - 1));
        GuardedMatrix batch = new(Device, Arena, 512, 1);
        float[] data = [.. Enumerable.Range(0, n).Select(i => (float)i)];
        ArrayView<StepState> state = Upload(new StepState { Step = 10_000_001 });
        Run(list => BatchGather.Record(list, state, Upload(data, n, 1).View, n, batch.Matrix, BatchOrder.Shuffled, Seed));
        float Expected(int row) => BatchGather.ShuffledExample((10_000_000L * 512) + row, n, Seed);
        Assert.That(batch.Download(), Is.EqualTo(Enumerable.Range(0, 512).Select(Expected)));
    }

    [Test]
    public void Bytes_AreScaled([Values(1, 5, 17, 300)] int columns)
    {
        byte[] data = Bytes(3 * columns);
        data[0] = 0;
        data[columns - 1] = 255;
        float[] batch = Gather(data, 3, new GuardedMatrix(Device, Arena, 3, columns), 0, DeviceBinarisation.None, Seed);
        Tolerance.CheckRounded("batch", batch, [.. data.Select(value => value / 255.0)], 1);
        Assert.That(batch, Is.All.InRange(0f, 1f));
        Assert.That(batch[columns - 1], Is.EqualTo(1f), "a full grey level is a certain one");
    }

    [Test]
    public void Numbers_AreCopied([Values(1, 5, 17, 300)] int columns)
    {
        float[] data = [.. Enumerable.Range(0, 5 * columns).Select(i => (i * 0.1f) - 3f)];
        GuardedMatrix batch = new(Device, Arena, 5, columns);
        ArrayView<StepState> state = Upload(new StepState { Step = 0 });
        Run(list => BatchGather.Record(list, state, Upload(data, 5, columns).View, 5, batch.Matrix, BatchOrder.Sequential, Seed));
        Repetition.VerifyBits(batch.Download(), data);
    }

    [Test]
    public void Batches_AreDeterministic() =>
        Repetition.IsBitIdentical(() => Gather(Bytes(3 * 33), 3, new GuardedMatrix(Device, Arena, 3, 33), 7, DeviceBinarisation.Dynamic, Seed));

    [Test]
    public void Binarised_LevelsHaveTheirFrequencies()
    {
        // 64 grey levels with 100 pixels each over 5 steps. A bias of 0.05 in one level is (0.05 * 500)^2 / 125 = 5, in all of them 320 more than the
        // 64 expected: 22 standard deviations.
        const int Levels = 64, Copies = 100, Steps = 5;
        byte[] data = [.. Enumerable.Range(0, Copies).SelectMany(_ => Enumerable.Range(0, Levels).Select(Level))];
        int[] ones = new int[Levels];
        for (int step = 1; step <= Steps; step++)
        {
            float[] batch = Gather(data, Copies, new GuardedMatrix(Device, Arena, Copies, Levels), step, DeviceBinarisation.Dynamic, Seed);
            Assert.That(batch, Is.All.EqualTo(0f).Or.EqualTo(1f));
            for (int i = 0; i < batch.Length; i++)
                ones[i % Levels] += (int)batch[i];
        }

        double n = Copies * Steps;
        double Statistic(double bias) => Enumerable.Range(0, Levels).Sum(level =>
        {
            double p = Level(level) / 255.0;
            double difference = ones[level] + (bias * n) - (n * p);
            return difference * difference / (n * p * (1 - p));
        });
        Assert.That(Statistic(0), Is.LessThan(Significance.ChiSquareLimit(Levels)));
        Assert.That(Statistic(0.05), Is.GreaterThan(Significance.ChiSquareLimit(Levels)), "the test could not have failed");
    }

    [Test]
    public void Binarised_CertainLevelsAreCertain()
    {
        byte[] data = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i % 2 == 0 ? 0 : 255))];
        float[] batch = Gather(data, 10, new GuardedMatrix(Device, Arena, 10, 100), 3, DeviceBinarisation.Dynamic, Seed);
        Assert.That(batch, Is.EqualTo(data.Select(value => value / 255f)));
    }

    [Test]
    public void Binarised_DrawsAreIndependent()
    {
        // Half grey pixels, drawn in other steps, with other seeds, for other rows and for neighbouring columns: 4096 pairs agree half the time, with a
        // standard deviation of 32.
        const int Rows = 16, Columns = 256, Pairs = Rows * Columns;
        byte[] data = [.. Enumerable.Repeat((byte)128, Pairs)];
        float[] Draw(int step, ulong seed) => Gather(data, Rows, new GuardedMatrix(Device, Arena, Rows, Columns), step, DeviceBinarisation.Dynamic, seed);
        float[] batch = Draw(1, Seed);
        float[][] others = [Draw(2, Seed), Draw(1, Seed + 1), Draw(1, Seed ^ (1UL << 63)), Rotate(batch, Columns), Rotate(batch, 1), Rotate(batch, 4)];
        foreach (float[] other in others)
            Assert.That(batch.Zip(other).Count(pair => pair.First == pair.Second), Is.EqualTo(Pairs / 2).Within(32 * Significance.Sigmas));
    }

    [Test]
    public void Binarised_PartsOfAnExampleAreDrawnAsTheWholeIs()
    {
        const int Rows = 7, Upper = 100, Lower = 133;
        byte[] data = Bytes(Rows * (Upper + Lower));
        byte[][] examples = [.. data.Chunk(Upper + Lower)];
        float[] whole = Gather(data, Rows, new GuardedMatrix(Device, Arena, Rows, Upper + Lower), 3, DeviceBinarisation.Dynamic, Seed);
        float[] upper = Gather(
            [.. examples.SelectMany(x => x[..Upper])], Rows, new GuardedMatrix(Device, Arena, Rows, Upper), 3, DeviceBinarisation.Dynamic, Seed);
        float[] lower = Gather(
            [.. examples.SelectMany(x => x[Upper..])], Rows, new GuardedMatrix(Device, Arena, Rows, Lower), 3, DeviceBinarisation.Dynamic, Seed, Upper);
        Assert.That(upper.Chunk(Upper).Zip(lower.Chunk(Lower)).SelectMany(pair => pair.First.Concat(pair.Second)), Is.EqualTo(whole));
    }

    private static float[] Rotate(float[] values, int by) => [.. values[by..], .. values[..by]];

    // Neither 0 nor 255: those are certain.
    private static byte Level(int level) => (byte)(2 + (level * 4));

    private static byte[] Bytes(int n)
    {
        byte[] data = new byte[n];
        new Random(n).NextBytes(data);
        return data;
    }

    private float[] Gather(byte[] data, int count, GuardedMatrix batch, int step, DeviceBinarisation binarisation, ulong seed, int firstElement = 0)
    {
        ArrayView<byte> bytes = Arena.Allocate<byte>(data.Length, MemoryUse.Data);
        Device.Upload<byte>(bytes, data);

        // A sequential batch starts at the example that the step names.
        BatchOrder order = step == 0 ? BatchOrder.Sequential : BatchOrder.Shuffled;
        ArrayView<StepState> state = Upload(new StepState { Step = step });
        Run(list => BatchGather.Record(list, state, bytes, count, batch.Matrix, order, binarisation, seed, firstElement));
        return batch.Download();
    }

    // The examples in the order in which batches hold them: example i is the number i.
    private IEnumerable<int> Sequence(int n, int batch, int steps, BatchOrder order, ulong seed = Seed)
    {
        float[] data = [.. Enumerable.Range(0, n).Select(i => (float)i)];
        Matrix examples = Upload(data, n, 1);
        for (int step = 1; step <= steps; step++)
        {
            GuardedMatrix rows = new(Device, Arena, batch, 1);
            ArrayView<StepState> state = Upload(new StepState { Step = order == BatchOrder.Sequential ? (step - 1) * batch : step });
            Run(list => BatchGather.Record(list, state, examples.View, n, rows.Matrix, order, seed));
            foreach (float example in rows.Download())
                yield return (int)example;
        }
    }
}
