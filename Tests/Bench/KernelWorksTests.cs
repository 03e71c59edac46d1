using IlgpuVae.Bench;
using IlgpuVae.Bench.Works;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;
using IlgpuVae.Tests.KernelSuites;

namespace IlgpuVae.Tests.BenchSuites;

/// <summary>
/// The profile has work for every kernel there is: all of it is recorded, and every formula of the catalogue has to be among what is launched.
/// </summary>
internal sealed class KernelWorksTests
{
    // These run where simulated groups cannot: groups of 256 lanes, cuBLAS, and what the processor alone has; and the steps' enumerations of one variable.
    // Another kernel of the same launch runs there.
    private static readonly Type[] elsewhere =
    [
        typeof(TileProduct.Body<,>), typeof(CuBlasProduct.BiasActivationKernel),
        typeof(ColumnSum.Columns), typeof(BatchGather.Rows<>), typeof(Embedding.ForwardRows), typeof(Embedding.TableGradRows),
        typeof(Embedding.CodesGradBody), typeof(MarginalKl.ForwardKernel), typeof(TableRows.OneSelector),
    ];

    [Test]
    public void EveryKernel_HasItsProfile()
    {
        IEnumerable<Type> launched = RecordedBodies.All.SelectMany(body => KernelCatalogue.Arguments(body).Prepend(body));
        HashSet<Type> profiled = [.. elsewhere, .. launched.Select(KernelCatalogue.Opened)];
        IEnumerable<Type> formulas = KernelCatalogue.Formulas.Where(formula => formula.Assembly == typeof(MatMul).Assembly);
        Assert.That(
            formulas.Where(formula => !profiled.Contains(formula)).Select(formula => $"{formula.DeclaringType?.Name}.{formula.Name}"),
            Is.Empty,
            "add the work of these kernels to Bench/Works");
        Assert.That(KernelCatalogue.Formulas.Count(profiled.Contains), Is.GreaterThan(60), "the catalogue or the recording finds too little");
    }

    [Test]
    public void EveryLikelihood_HasItsProfile()
    {
        HashSet<Type> profiled = [.. RecordedBodies.All.SelectMany(KernelCatalogue.Arguments)];
        Type[] forms =
        [
            .. typeof(MatMul).Assembly.GetTypes()
            .Where(type => type.IsValueType && (type.IsAssignableTo(typeof(IElementLikelihood)) || type.IsAssignableTo(typeof(INaturalForm)))),
        ];
        Assert.That(forms, Has.Length.GreaterThan(2));
        Assert.That(forms.Where(form => !profiled.Contains(form)), Is.Empty);
    }

    /// <summary>Simulated groups check every index.</summary>
    [Test]
    public void EveryWork_Runs([Values] LaunchStyle style)
    {
        using ComputeDevice device = ComputeDevice.Open("cpu", style);
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
        using ComputeDevice device = ComputeDevice.Open("cpu", LaunchStyle.Groups);
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
}
