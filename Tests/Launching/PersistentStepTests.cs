using ILGPU;
using ILGPU.Frontend;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.Launching;

/// <summary>Launches as one persistent kernel: every stage sees what the one before it wrote, whoever did which share, and what cannot be one kernel says why.</summary>
[TestFixtureSource(typeof(Target), nameof(Target.Best))]
public class PersistentStepTests(Target target) : AcceleratorSuite(target)
{
    private const int Length = 1000;
    private const int Stages = 30;
    private const int Runs = 300;

    private static readonly KernelCost Free = new(0, 0);

    [Test]
    public void EveryStage_SeesWhatTheOneBeforeWrote()
    {
        ArrayView<int>[] buffers = [Numbers(Enumerable.Range(0, Length)), Numbers(new int[Length])];
        LaunchList list = new(Device);

        // Each stage reads at the mirror place: in the share that another group may have done.
        for (int stage = 0; stage < Stages; stage++)
        {
            if (stage % 3 == 0)
                list.RowPerLane("mirror rows", Length, new MirrorRows(buffers[stage % 2], buffers[(stage + 1) % 2], stage), Free);
            else if (stage % 3 == 1)
                list.Elements("mirror", Length, new Mirror(buffers[stage % 2], buffers[(stage + 1) % 2], stage), Free);
            else
                list.Tasks("mirror tasks", Length, Device.Shares, new MirrorTasks(buffers[stage % 2], buffers[(stage + 1) % 2], stage), Free);
        }

        using PersistentStep step = Loaded(list);
        Assert.That(step.Stages, Is.EqualTo(Stages));
        for (int run = 0; run < Runs; run++)
            step.Launch();
        int[] expected = [.. Enumerable.Range(0, Length)];
        for (int run = 0; run < Runs; run++)
        {
            for (int stage = 0; stage < Stages; stage++)
                expected = [.. expected.Reverse().Select(value => unchecked((3 * value) + stage))];
        }

        Assert.That(Device.Download(buffers[0]), Is.EqualTo(expected));
    }

    [Test]
    public void AnElementOfAMatrix_IsDoneOnce()
    {
        ArrayView<int> counts = Numbers(new int[Length]);
        LaunchList list = new(Device);
        list.Matrix("count", Length / 10, 10, new Count(counts), Free);
        list.Matrix("count", Length / 10, 10, new Count(counts), Free);
        using PersistentStep step = Loaded(list);
        step.Launch();
        Assert.That(Device.Download(counts), Is.All.EqualTo(2));
    }

    [Test]
    public void LaunchThatIsNotDoneInShares_IsNamed()
    {
        if (!Device.IsOpenClProcessor)
            Assert.Ignore("no persistent kernels on this device");
        LaunchList list = new(Device);
        list.Elements("in shares", Length, new Mirror(Numbers(new int[Length]), Numbers(new int[Length]), 0), Free);
        list.Add("by a library", Free, _ => { });
        Assert.That(PersistentStep.TryLoad(list, out _, out string? whyNot), Is.False);
        Assert.That(whyNot, Does.StartWith("by a library"));
    }

    [Test]
    public void NoLaunches_AreNoKernel()
    {
        Assert.That(PersistentStep.TryLoad(new LaunchList(Device), out _, out string? whyNot), Is.False);
        Assert.That(whyNot, Is.Not.Empty);
    }

    [Test]
    public void KernelThatTheDriverRefuses_IsReplayedInstead()
    {
        if (!Device.IsOpenClProcessor)
            Assert.Ignore("no persistent kernels on this device");
        LaunchList list = new(Device);
        bool replayed = false;
        ArrayView<int> values = Numbers(new int[Length]);
        list.Add(new Launch("refused", Free, _ => replayed = true) { Shares = new ElementShares<Undefined>(Length, 1, new Undefined(values)) });
        using RecordedStep step = new(list, OneLaunch.WheneverPossible);
        step.Run();
        Assert.That(replayed);
        Assert.That(step.Mode, Does.StartWith("replay of 1 launches (no persistent kernel: the driver refuses"));
    }

    private PersistentStep Loaded(LaunchList list)
    {
        if (!Device.IsOpenClProcessor)
            Assert.Ignore("no persistent kernels on this device");
        Assert.That(PersistentStep.TryLoad(list, out PersistentStep? step, out string? whyNot), Is.True, whyNot);
        return step!;
    }

    private ArrayView<int> Numbers(IEnumerable<int> values)
    {
        int[] all = [.. values];
        ArrayView<int> view = Arena.Allocate<int>(all.Length, MemoryUse.Activations);
        Device.Upload<int>(view, all);
        return view;
    }

    internal readonly struct Mirror(ArrayView<int> source, ArrayView<int> target, int add) : IElementBody
    {
        public void At(int i) => target[i] = (3 * source[source.IntLength - 1 - i]) + add;
    }

    internal readonly struct MirrorRows(ArrayView<int> source, ArrayView<int> target, int add) : IRowBody
    {
        public void Row(int row) => target[row] = (3 * source[source.IntLength - 1 - row]) + add;
    }

    internal readonly struct MirrorTasks(ArrayView<int> source, ArrayView<int> target, int add) : ITaskBody
    {
        public void Task(int task, int slot) => target[task] = (3 * source[source.IntLength - 1 - task]) + add;
    }

    internal readonly struct Count(ArrayView<int> counts) : IMatrixBody
    {
        public void At(int row, int column, int i) => counts[i]++;
    }

    internal readonly struct Undefined(ArrayView<int> values) : IElementBody
    {
        public void At(int i) => values[i] = NoSuchFunction(i);

        [External("no_such_function")]
        private static int NoSuchFunction(int i) => i;
    }
}
