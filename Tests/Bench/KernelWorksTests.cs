using IlgpuVae.Bench;
using IlgpuVae.Bench.Works;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.KernelSuites;

namespace IlgpuVae.Tests.BenchSuites;

/// <summary>The profile has work for every kernel there is: all of it is recorded, in both styles, and every body of the catalogue has to be among what was loaded.</summary>
public sealed class KernelWorksTests
{
    // These run where the CPU accelerator cannot: groups of 256 lanes, cuBLAS, OpenCL C's vectors. Another body of the same launch runs there.
    private static readonly Type[] elsewhere =
    [
        typeof(TileProduct.Body<,>), typeof(CuBlasProduct.BiasActivationBody<>), typeof(CategoricalSample.RowVectors), typeof(GumbelSoftmax.ForwardVectors), typeof(GumbelNoise.RowVectors),
        typeof(CategoricalPass.GroupVectors<>), typeof(CategoricalSample.PackedVectors), typeof(GumbelSoftmax.PackedForwardVectors), typeof(GumbelSoftmax.BackwardGroupVectors<>),
        typeof(Softmax.ForwardGroupVectors<>), typeof(Softmax.BackwardGroupVectors<>), typeof(StraightThrough.GroupVectors<>),
    ];

    [Test]
    public void EveryKernel_HasItsProfile()
    {
        HashSet<Type> profiled = [.. elsewhere];
        foreach (LaunchStyle style in Enum.GetValues<LaunchStyle>())
            profiled.UnionWith(Record(style).Bodies);
        IEnumerable<Type> kernels = KernelCatalogue.Bodies.Where(body => body.Assembly == typeof(MatMul).Assembly);
        Assert.That(
            kernels.Where(body => !profiled.Contains(body)).Select(body => $"{body.DeclaringType?.Name}.{body.Name}"),
            Is.Empty,
            "add the work of these kernels to Bench/Works");
        Assert.That(profiled, Has.Count.GreaterThan(70), "the catalogue or the recording finds too little");
    }

    [Test]
    public void EveryLikelihood_HasItsProfile()
    {
        HashSet<Type> profiled = [.. Record(LaunchStyle.Processor).Arguments];
        Type[] forms = [.. typeof(MatMul).Assembly.GetTypes().Where(type => type.IsValueType && (type.IsAssignableTo(typeof(IElementLikelihood)) || type.IsAssignableTo(typeof(INaturalForm))))];
        Assert.That(forms, Has.Length.GreaterThan(2));
        Assert.That(forms.Where(form => !profiled.Contains(form)), Is.Empty);
    }

    /// <summary>The CPU accelerator checks every index.</summary>
    [Test]
    public void EveryWork_Runs()
    {
        using ComputeDevice device = ComputeDevice.Open("cpu");
        foreach (KernelWork work in KernelWorks.All(device))
        {
            TestContext.Out.WriteLine(work.Shape);
            using Arena arena = new(device);
            WorkInputs inputs = new(device, arena);
            work.Record(inputs);
            Assert.That(
                () =>
                {
                    inputs.List.Replay();
                    device.Wait();
                },
                Throws.Nothing,
                work.Shape);
        }
    }

    [Test]
    public void NamesAndShapes_AreWrittenOnce()
    {
        using ComputeDevice device = ComputeDevice.Open("cpu");
        using Arena arena = new(device);
        List<string> rows = [];
        foreach (KernelWork work in KernelWorks.All(device))
        {
            WorkInputs inputs = new(device, arena);
            work.Record(inputs);
            Assert.That(inputs.List.Launches, Is.Not.Empty, work.Shape);
            rows.AddRange(inputs.List.Launches.Select(launch => $"{work.Name ?? launch.Name} {work.Shape}").Distinct());
        }

        Assert.That(rows, Has.Member("categorical-pass R=1024 K=64").And.Member("matmul 128x128x128").And.Member("adam P=16384"));
        Assert.That(rows, Is.Unique);
    }

    private static (IEnumerable<Type> Bodies, IEnumerable<Type> Arguments) Record(LaunchStyle style)
    {
        using ComputeDevice device = ComputeDevice.Open("cpu", style);
        using Arena arena = new(device);
        foreach (KernelWork work in KernelWorks.All(device))
            work.Record(new WorkInputs(device, arena));
        Type[] bodies = [.. device.Bodies];
        return ([.. bodies.Select(body => body.IsGenericType ? body.GetGenericTypeDefinition() : body)], [.. bodies.SelectMany(body => body.GetGenericArguments())]);
    }
}
