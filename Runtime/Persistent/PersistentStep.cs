using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace IlgpuVae.Runtime;

/// <summary>
/// A list of launches as one launch of a <see cref="PersistentKernel"/>: between two launches PoCL puts its threads to sleep and wakes them, which takes as long as a small layer's work. Its
/// kernel is made for the list, which takes seconds.
/// </summary>
internal sealed class PersistentStep : IDisposable
{
    private readonly ComputeDevice device;
    private readonly MemoryBuffer1D<Stage, Stride1D.Dense> stages;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> progress;
    private readonly Action<AcceleratorStream> run;

    private PersistentStep(ComputeDevice device, IReadOnlyList<IShares> works)
    {
        this.device = device;
        IShares[][] kinds = [.. works.GroupBy(work => work.GetType()).Select(same => same.ToArray())];
        stages = device.Accelerator.Allocate1D<Stage>(works.Count);
        progress = device.Accelerator.Allocate1D<int>(PersistentKernel.ProgressLength(works.Count));
        try
        {
            device.Upload(stages.View, [.. works.Select(StageOf)]);
            progress.MemSetToZero(device.Stream);
            object all = Nested(kinds);
            MethodInfo load = typeof(PersistentStep).GetMethod(nameof(Load), BindingFlags.Instance | BindingFlags.NonPublic)!.MakeGenericMethod(all.GetType());
            run = (Action<AcceleratorStream>)load.Invoke(this, BindingFlags.DoNotWrapExceptions, null, [all], null)!;
        }
        catch
        {
            Dispose();
            throw;
        }

        Stage StageOf(IShares work)
        {
            int kind = Array.FindIndex(kinds, same => same[0].GetType() == work.GetType());
            return new Stage(kind, Array.FindIndex(kinds[kind], other => ReferenceEquals(other, work)), work.Count);
        }
    }

    /// <summary>The kernel for <paramref name="list"/>, loaded.</summary>
    /// <param name="list">The launches.</param>
    /// <param name="step">The step, or null where the device has launches of another form, or its driver refuses the kernel.</param>
    /// <param name="whyNot">Why there is none, or null.</param>
    internal static bool TryLoad(LaunchList list, [NotNullWhen(true)] out PersistentStep? step, [NotNullWhen(false)] out string? whyNot)
    {
        step = null;
        IShares[] works = [.. list.Launches.Select(launch => launch.Shares).OfType<IShares>()];
        whyNot = !list.Device.IsOpenClProcessor ? "only processors on OpenCL have persistent kernels"
            : works.Length < list.Launches.Count ? $"{list.Launches.First(launch => launch.Shares is null).Name} is not done in shares"
            : works.Length == 0 ? "there is nothing to launch" : null;
        if (whyNot is not null)
            return false;
        try
        {
            step = new PersistentStep(list.Device, works);
            return true;
        }
        catch (CLException refusal)
        {
            whyNot = $"the driver refuses the kernel: {refusal.Message}";
            return false;
        }
    }

    /// <summary>How many launches it is made of.</summary>
    internal int Stages => (int)stages.Length;

    /// <summary>Enqueues them.</summary>
    internal void Launch() => run(device.Stream);

    /// <inheritdoc/>
    public void Dispose()
    {
        stages.Dispose();
        progress.Dispose();
    }

    private Action<AcceleratorStream> Load<TKinds>(TKinds kinds)
        where TKinds : struct, IKinds
    {
        Action<AcceleratorStream, KernelConfig, ArrayView<Stage>, ArrayView<int>, TKinds> kernel = device.Kernel(
            typeof(TKinds), null, accelerator => accelerator.LoadKernel<ArrayView<Stage>, ArrayView<int>, TKinds>(PersistentKernel.Run))();
        KernelConfig shape = new(device.Processors, 1);
        return stream => kernel(stream, shape, stages.View, progress.View, kinds);
    }

    // The types of the works are known now, and the type of the kernel's argument is made from them.
    private static object Nested(IShares[][] kinds)
    {
        object? all = null;
        for (int i = 0; i < kinds.Length; i++)
        {
            object members = SameKind(kinds[i], 0, kinds[i].Length);
            Type[] types = [kinds[i][0].GetType(), members.GetType()];
            all = all is null ? Make(typeof(Kinds<,>), types, members) : Make(typeof(Kinds<,,>), [.. types, all.GetType()], all, i, members);
        }

        return all!;
    }

    // Halved again and again: a compiler that goes down into nested structures goes down a few levels, however many works there are.
    private static object SameKind(IShares[] works, int start, int end)
    {
        Type type = works[start].GetType();
        if (end - start == 1)
            return Make(typeof(Members<>), [type], works[start]);
        int middle = (start + end) / 2;
        object before = SameKind(works, start, middle), after = SameKind(works, middle, end);
        return Make(typeof(Members<,,>), [type, before.GetType(), after.GetType()], before, after, middle);
    }

    private static object Make(Type structure, Type[] types, params object[] parts) => Activator.CreateInstance(structure.MakeGenericType(types), parts)!;
}
