using System.Reflection;
using IlgpuVae.Kernels;
using IlgpuVae.Runtime;

namespace IlgpuVae.Tests.KernelSuites;

/// <summary>
/// An operation without a suite or a reference fails here, one without a profile in <see cref="BenchSuites.KernelWorksTests"/>. Operations are the
/// static classes that record launches and are no doors to them; row kernels are found one by one.
/// </summary>
public sealed class OperationTests
{
    private static readonly Assembly Kernels = typeof(MatMul).Assembly;

    // Rows and columns that no entry refuses.
    private static readonly Type[] Entered =
        [.. RowOperations.All.SelectMany(operation => operation.Launches(6, 20)).Select(launch => launch.Kernel).Distinct()];

    private static readonly (Type Suite, SuiteOfAttribute Names)[] Suites =
    [
        .. typeof(OperationTests).Assembly.GetTypes().SelectMany(type => type.GetCustomAttributes<SuiteOfAttribute>().Select(names => (type, names))),
    ];

    [Test]
    public void EveryRowKernel_IsEntered()
    {
        Type[] kernels = [.. Kernels.GetTypes().Where(type => type.IsValueType && type.IsAssignableTo(typeof(IRowKernel)))];
        Assert.That(kernels, Has.Length.GreaterThan(20), "too few are found");
        Assert.That(kernels.Except(Entered), Is.Empty, $"enter these in {nameof(RowOperations)}");
    }

    [Test]
    public void EveryOperation_HasItsSuite()
    {
        Type[] operations = [.. Kernels.GetTypes().Where(type => type is { IsNested: false, IsAbstract: true, IsSealed: true } && Records(type))];
        Assert.That(operations, Has.Length.GreaterThan(30), "too few are found");
        IEnumerable<Type> known = Entered.Select(kernel => kernel.DeclaringType!).Concat(Suites.Select(suite => suite.Names.Operation));
        Assert.That(operations.Except(known), Is.Empty, $"enter these in {nameof(RowOperations)}, or name them at their suite with SuiteOf");
    }

    [Test]
    public void EverySuite_HasItsReference()
    {
        foreach ((Type suite, SuiteOfAttribute names) in Suites)
        {
            Assert.That(names.References.Count > 0 != !string.IsNullOrEmpty(names.InPlaceOfAReference), $"{suite.Name}: a reference, or what is there instead");
            Assert.That(names.References.Select(reference => reference.Namespace), Is.All.EqualTo("IlgpuVae.Tests.Reference"), suite.Name);
        }
    }

    private static bool Records(Type type) => type.GetMethods(BindingFlags.Public | BindingFlags.Static)
        .Any(method => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(LaunchList)));
}
